-- Whether a status of an injury report, in lower case, is one of the five that are read.
CREATE TEMP FUNCTION is_injury_status(status STRING) RETURNS BOOL AS (
  status IN ('out', 'doubtful', 'questionable', 'probable', 'available')
);
