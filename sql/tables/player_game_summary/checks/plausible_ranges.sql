-- True shooting, points line and points lie in the range of real games.
SELECT
  game_date, game_id, 'WARN' AS severity, player_lookup AS subject,
  out_of_range('true shooting', ts_pct, 'is') AS problem, CAST(ts_pct AS FLOAT64) AS value
FROM audited
WHERE ts_pct NOT BETWEEN @ts_pct_minimum AND @ts_pct_maximum
UNION ALL
SELECT
  game_date, game_id, 'WARN' AS severity, player_lookup AS subject,
  out_of_range('points line', points_line, 'is') AS problem, CAST(points_line AS FLOAT64) AS value
FROM audited
WHERE points_line NOT BETWEEN @points_line_minimum AND @points_line_maximum
UNION ALL
SELECT
  game_date, game_id, 'WARN' AS severity, player_lookup AS subject,
  out_of_range('points', points, 'are') AS problem, CAST(points AS FLOAT64) AS value
FROM audited
WHERE points NOT BETWEEN @player_points_minimum AND @player_points_maximum
