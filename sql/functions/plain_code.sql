-- A code without blanks around it, in capitals. TRANSLATE and not UPPER, since engines differ on the capitals of other
-- letters (ß). Most codes come plain and are returned as they are, which is cheaper.
CREATE TEMP FUNCTION plain_code(code STRING) RETURNS STRING AS (
  IF(REGEXP_CONTAINS(code, r'^[A-Z]+$'), code,
    TRANSLATE(TRIM(code), 'abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'))
);
