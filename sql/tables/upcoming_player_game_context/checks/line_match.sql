-- On dates that have points lines at all, at least @listed_line_match_minimum of the players have one.
SELECT DISTINCT
  audited.game_date, audited.game_id, 'WARN' AS severity, 'current_points_line' AS subject,
  CONCAT(
    CAST(lines.with_line AS STRING), ' of ', CAST(lines.players AS STRING), ' players of the date have a line'
  ) AS problem,
  lines.matched AS value
FROM line_shares AS lines
INNER JOIN audited ON audited.game_date = lines.game_date
WHERE lines.matched < @listed_line_match_minimum
