-- A player's name in an injury report: the full name, or else the original (Last, First) turned round. NULL where there
-- is neither.
CREATE TEMP FUNCTION reported_name(full_name STRING, original_name STRING) RETURNS STRING AS (
  COALESCE(
    NULLIF(TRIM(full_name), ''), NULLIF(TRIM(REGEXP_REPLACE(original_name, r'^(.*),([^,]*)$', r'\2 \1')), '')
  )
);
