-- True shooting, points line and points lie in the range of real games.
SELECT
  audited.game_date, audited.game_id, 'WARN' AS severity, audited.player_lookup AS subject,
  CONCAT(looked_at.figure, ' ', number_text(looked_at.value), ' ', looked_at.verb, ' out of range') AS problem,
  CAST(looked_at.value AS FLOAT64) AS value
FROM audited
CROSS JOIN UNNEST([
  STRUCT(
    'true shooting' AS figure, ts_pct AS value, @ts_pct_minimum AS low, @ts_pct_maximum AS high, 'is' AS verb
  ),
  STRUCT('points line', points_line, @points_line_minimum, @points_line_maximum, 'is'),
  STRUCT('points', CAST(points AS NUMERIC), @player_points_minimum, @player_points_maximum, 'are')
]) AS looked_at
WHERE looked_at.value NOT BETWEEN looked_at.low AND looked_at.high
