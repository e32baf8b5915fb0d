-- The league's three-letter team code for any spelling seen in raw data; NULL for a blank.
-- Codes are plain letters: TRANSLATE, since engines differ on the capitals of others (ß).
CREATE TEMP FUNCTION team_code(code STRING) RETURNS STRING AS (
  CASE TRANSLATE(TRIM(code), 'abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ')
    WHEN '' THEN NULL
    WHEN 'GS' THEN 'GSW'
    WHEN 'NY' THEN 'NYK'
    WHEN 'NO' THEN 'NOP'
    WHEN 'SA' THEN 'SAS'
    WHEN 'PHO' THEN 'PHX'
    WHEN 'CHO' THEN 'CHA'
    WHEN 'BRK' THEN 'BKN'
    WHEN 'UTAH' THEN 'UTA'
    ELSE TRANSLATE(TRIM(code), 'abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ')
  END
);
