-- On dates that have points lines at all, at least @line_match_minimum of the played rows have one.
WITH dates AS (
  SELECT
    game_date,
    COUNTIF(points_line IS NOT NULL) AS with_line,
    COUNT(*) AS played
  FROM audited
  WHERE NOT is_dnp
  GROUP BY game_date
)
SELECT DISTINCT
  audited.game_date, audited.game_id, 'WARN' AS severity, 'points_line' AS subject,
  CONCAT(CAST(dates.with_line AS STRING), ' of ', CAST(dates.played AS STRING), ' played rows of the date have a line') AS problem,
  dates.with_line / dates.played AS value
FROM dates
INNER JOIN audited ON audited.game_date = dates.game_date
WHERE dates.with_line > 0 AND dates.with_line / dates.played < @line_match_minimum
