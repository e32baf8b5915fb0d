-- Seconds of 'MM:SS' (seconds up to 60: the league writes 30:60 for 31:00) or of whole minutes '32'.
-- NULL for anything else, text and negative figures included: unreadable is never 0.
CREATE TEMP FUNCTION clock_seconds(minutes STRING) RETURNS INT64 AS (
  CASE
    WHEN REGEXP_CONTAINS(TRIM(minutes), r'^[0-9]{1,3}:([0-5][0-9]|60)$') THEN
      60 * CAST(SPLIT(TRIM(minutes), ':')[SAFE_OFFSET(0)] AS INT64)
      + CAST(SPLIT(TRIM(minutes), ':')[SAFE_OFFSET(1)] AS INT64)
    WHEN REGEXP_CONTAINS(TRIM(minutes), r'^[0-9]{1,3}$') THEN 60 * CAST(TRIM(minutes) AS INT64)
  END
);
