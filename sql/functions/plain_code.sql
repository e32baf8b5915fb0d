-- A code without blanks around it, in capitals. TRANSLATE, since engines differ on the capitals of other letters (ß); most
-- codes come plain, and are left alone: it is cheaper.
CREATE TEMP FUNCTION plain_code(code STRING) RETURNS STRING AS (
  IF(REGEXP_CONTAINS(code, r'^[A-Z]+$'), code,
    TRANSLATE(TRIM(code), 'abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'))
);
