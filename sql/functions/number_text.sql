-- A decimal as text without trailing zeros: 12.3 and 100, where one engine writes 12.30 and 100.0 and another does not.
CREATE TEMP FUNCTION number_text(value NUMERIC) RETURNS STRING AS (
  REGEXP_REPLACE(REGEXP_REPLACE(CAST(value AS STRING), r'(\.[0-9]*[1-9])0+$', r'\1'), r'\.0+$', '')
);
