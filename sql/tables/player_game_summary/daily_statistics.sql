-- What not_constant looks at: per date, the lowest and highest value of every column that should vary, and how many rows
-- have one.
SELECT
  game_date,
  MIN(game_id) AS game_id,
  COUNT(*) AS row_count,
  [
  STRUCT('points' AS column_name, CAST(MIN(points) AS STRING) AS lowest, CAST(MAX(points) AS STRING) AS highest, COUNT(points) AS filled),
  STRUCT('assists' AS column_name, CAST(MIN(assists) AS STRING) AS lowest, CAST(MAX(assists) AS STRING) AS highest, COUNT(assists) AS filled),
  STRUCT('offensive_rebounds' AS column_name, CAST(MIN(offensive_rebounds) AS STRING) AS lowest, CAST(MAX(offensive_rebounds) AS STRING) AS highest, COUNT(offensive_rebounds) AS filled),
  STRUCT('defensive_rebounds' AS column_name, CAST(MIN(defensive_rebounds) AS STRING) AS lowest, CAST(MAX(defensive_rebounds) AS STRING) AS highest, COUNT(defensive_rebounds) AS filled),
  STRUCT('steals' AS column_name, CAST(MIN(steals) AS STRING) AS lowest, CAST(MAX(steals) AS STRING) AS highest, COUNT(steals) AS filled),
  STRUCT('blocks' AS column_name, CAST(MIN(blocks) AS STRING) AS lowest, CAST(MAX(blocks) AS STRING) AS highest, COUNT(blocks) AS filled),
  STRUCT('turnovers' AS column_name, CAST(MIN(turnovers) AS STRING) AS lowest, CAST(MAX(turnovers) AS STRING) AS highest, COUNT(turnovers) AS filled),
  STRUCT('fg_attempts' AS column_name, CAST(MIN(fg_attempts) AS STRING) AS lowest, CAST(MAX(fg_attempts) AS STRING) AS highest, COUNT(fg_attempts) AS filled),
  STRUCT('fg_makes' AS column_name, CAST(MIN(fg_makes) AS STRING) AS lowest, CAST(MAX(fg_makes) AS STRING) AS highest, COUNT(fg_makes) AS filled),
  STRUCT('three_pt_attempts' AS column_name, CAST(MIN(three_pt_attempts) AS STRING) AS lowest, CAST(MAX(three_pt_attempts) AS STRING) AS highest, COUNT(three_pt_attempts) AS filled),
  STRUCT('three_pt_makes' AS column_name, CAST(MIN(three_pt_makes) AS STRING) AS lowest, CAST(MAX(three_pt_makes) AS STRING) AS highest, COUNT(three_pt_makes) AS filled),
  STRUCT('ft_attempts' AS column_name, CAST(MIN(ft_attempts) AS STRING) AS lowest, CAST(MAX(ft_attempts) AS STRING) AS highest, COUNT(ft_attempts) AS filled),
  STRUCT('ft_makes' AS column_name, CAST(MIN(ft_makes) AS STRING) AS lowest, CAST(MAX(ft_makes) AS STRING) AS highest, COUNT(ft_makes) AS filled),
  STRUCT('plus_minus' AS column_name, CAST(MIN(plus_minus) AS STRING) AS lowest, CAST(MAX(plus_minus) AS STRING) AS highest, COUNT(plus_minus) AS filled),
  STRUCT('personal_fouls' AS column_name, CAST(MIN(personal_fouls) AS STRING) AS lowest, CAST(MAX(personal_fouls) AS STRING) AS highest, COUNT(personal_fouls) AS filled),
  STRUCT('minutes_played' AS column_name, number_text(MIN(minutes_played)) AS lowest, number_text(MAX(minutes_played)) AS highest, COUNT(minutes_played) AS filled),
  STRUCT('usage_rate' AS column_name, number_text(MIN(usage_rate)) AS lowest, number_text(MAX(usage_rate)) AS highest, COUNT(usage_rate) AS filled),
  STRUCT('ts_pct' AS column_name, number_text(MIN(ts_pct)) AS lowest, number_text(MAX(ts_pct)) AS highest, COUNT(ts_pct) AS filled),
  STRUCT('efg_pct' AS column_name, number_text(MIN(efg_pct)) AS lowest, number_text(MAX(efg_pct)) AS highest, COUNT(efg_pct) AS filled),
  STRUCT('points_line' AS column_name, number_text(MIN(points_line)) AS lowest, number_text(MAX(points_line)) AS highest, COUNT(points_line) AS filled),
  STRUCT('home_game' AS column_name, CAST(MIN(CAST(home_game AS INT64)) AS STRING) AS lowest, CAST(MAX(CAST(home_game AS INT64)) AS STRING) AS highest, COUNT(home_game) AS filled),
  STRUCT('win_flag' AS column_name, CAST(MIN(CAST(win_flag AS INT64)) AS STRING) AS lowest, CAST(MAX(CAST(win_flag AS INT64)) AS STRING) AS highest, COUNT(win_flag) AS filled)
  ] AS columns
FROM nba_analytics.player_game_summary
WHERE game_date BETWEEN @window_start_date AND @end_date
GROUP BY game_date
