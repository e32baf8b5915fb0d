-- Minutes, as any of the league's feeds spells them, in seconds: 'MM:SS' (seconds up to 60: the league writes 30:60 for
-- 31:00), whole minutes '32', '36.000000:12', 'PT36M12.00S', and decimal minutes '36.20'. Parts of a second are rounded
-- half up. NULL for anything else, text and negative figures included: unreadable is never 0.
CREATE TEMP FUNCTION clock_seconds(minutes STRING) RETURNS INT64 AS (
  CASE
    WHEN REGEXP_CONTAINS(TRIM(minutes), r'^[0-9]{1,3}:([0-5][0-9]|60)$') THEN
      60 * CAST(SPLIT(TRIM(minutes), ':')[SAFE_OFFSET(0)] AS INT64)
      + CAST(SPLIT(TRIM(minutes), ':')[SAFE_OFFSET(1)] AS INT64)
    WHEN REGEXP_CONTAINS(TRIM(minutes), r'^[0-9]{1,3}$') THEN 60 * CAST(TRIM(minutes) AS INT64)
    WHEN REGEXP_CONTAINS(TRIM(minutes), r'^[0-9]{1,3}\.0+:([0-5][0-9]|60)$') THEN
      60 * CAST(REGEXP_EXTRACT(minutes, r'([0-9]+)\.') AS INT64)
      + CAST(SPLIT(TRIM(minutes), ':')[SAFE_OFFSET(1)] AS INT64)
    WHEN REGEXP_CONTAINS(TRIM(minutes), r'^PT([0-9]{1,3}M)?([0-5]?[0-9](\.[0-9]+)?S)?$')
      AND REGEXP_CONTAINS(minutes, r'[MS]') THEN
      60 * COALESCE(CAST(REGEXP_EXTRACT(minutes, r'([0-9]+)M') AS INT64), 0)
      + COALESCE(CAST(REGEXP_EXTRACT(minutes, r'([0-9]+)(?:\.[0-9]+)?S') AS INT64), 0)
      + IF(REGEXP_CONTAINS(minutes, r'\.[5-9]'), 1, 0)
    WHEN REGEXP_CONTAINS(TRIM(minutes), r'^[0-9]{1,3}\.[0-9]+$') THEN
      60 * CAST(REGEXP_EXTRACT(minutes, r'([0-9]+)\.') AS INT64)
      + DIV(60 * CAST(RPAD(REGEXP_EXTRACT(minutes, r'\.([0-9]{1,6})'), 6, '0') AS INT64) + 500000, 1000000)
  END
);
