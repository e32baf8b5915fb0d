-- The league's three-letter team code for any spelling seen in raw data; NULL for a blank.
CREATE TEMP FUNCTION team_code(code STRING) RETURNS STRING AS (
  CASE plain_code(code)
    WHEN '' THEN NULL
    WHEN 'GS' THEN 'GSW'
    WHEN 'NY' THEN 'NYK'
    WHEN 'NO' THEN 'NOP'
    WHEN 'SA' THEN 'SAS'
    WHEN 'PHO' THEN 'PHX'
    WHEN 'CHO' THEN 'CHA'
    WHEN 'BRK' THEN 'BKN'
    WHEN 'UTAH' THEN 'UTA'
    ELSE plain_code(code)
  END
);
