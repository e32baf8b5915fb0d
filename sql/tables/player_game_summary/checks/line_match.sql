-- On dates that have points lines at all, at least @line_match_minimum of the played rows have one.
SELECT DISTINCT
  audited.game_date, audited.game_id, 'WARN' AS severity, 'points_line' AS subject,
  CONCAT(
    CAST(lines.with_line AS STRING), ' of ', CAST(lines.played AS STRING), ' played rows of the date have a line'
  ) AS problem,
  lines.matched AS value
FROM line_shares AS lines
INNER JOIN audited ON audited.game_date = lines.game_date
WHERE lines.matched < @line_match_minimum
