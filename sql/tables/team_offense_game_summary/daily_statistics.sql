-- What not_constant looks at: per date, the lowest and highest value of every column that should vary, and how many rows
-- have one.
SELECT
  game_date,
  MIN(game_id) AS game_id,
  COUNT(*) AS row_count,
  [
  STRUCT('points_scored' AS column_name, CAST(MIN(points_scored) AS STRING) AS lowest, CAST(MAX(points_scored) AS STRING) AS highest, COUNT(points_scored) AS filled),
  STRUCT('fg_attempts' AS column_name, CAST(MIN(fg_attempts) AS STRING) AS lowest, CAST(MAX(fg_attempts) AS STRING) AS highest, COUNT(fg_attempts) AS filled),
  STRUCT('fg_makes' AS column_name, CAST(MIN(fg_makes) AS STRING) AS lowest, CAST(MAX(fg_makes) AS STRING) AS highest, COUNT(fg_makes) AS filled),
  STRUCT('three_pt_attempts' AS column_name, CAST(MIN(three_pt_attempts) AS STRING) AS lowest, CAST(MAX(three_pt_attempts) AS STRING) AS highest, COUNT(three_pt_attempts) AS filled),
  STRUCT('three_pt_makes' AS column_name, CAST(MIN(three_pt_makes) AS STRING) AS lowest, CAST(MAX(three_pt_makes) AS STRING) AS highest, COUNT(three_pt_makes) AS filled),
  STRUCT('ft_attempts' AS column_name, CAST(MIN(ft_attempts) AS STRING) AS lowest, CAST(MAX(ft_attempts) AS STRING) AS highest, COUNT(ft_attempts) AS filled),
  STRUCT('ft_makes' AS column_name, CAST(MIN(ft_makes) AS STRING) AS lowest, CAST(MAX(ft_makes) AS STRING) AS highest, COUNT(ft_makes) AS filled),
  STRUCT('rebounds' AS column_name, CAST(MIN(rebounds) AS STRING) AS lowest, CAST(MAX(rebounds) AS STRING) AS highest, COUNT(rebounds) AS filled),
  STRUCT('offensive_rebounds' AS column_name, CAST(MIN(offensive_rebounds) AS STRING) AS lowest, CAST(MAX(offensive_rebounds) AS STRING) AS highest, COUNT(offensive_rebounds) AS filled),
  STRUCT('defensive_rebounds' AS column_name, CAST(MIN(defensive_rebounds) AS STRING) AS lowest, CAST(MAX(defensive_rebounds) AS STRING) AS highest, COUNT(defensive_rebounds) AS filled),
  STRUCT('assists' AS column_name, CAST(MIN(assists) AS STRING) AS lowest, CAST(MAX(assists) AS STRING) AS highest, COUNT(assists) AS filled),
  STRUCT('steals' AS column_name, CAST(MIN(steals) AS STRING) AS lowest, CAST(MAX(steals) AS STRING) AS highest, COUNT(steals) AS filled),
  STRUCT('blocks' AS column_name, CAST(MIN(blocks) AS STRING) AS lowest, CAST(MAX(blocks) AS STRING) AS highest, COUNT(blocks) AS filled),
  STRUCT('turnovers' AS column_name, CAST(MIN(turnovers) AS STRING) AS lowest, CAST(MAX(turnovers) AS STRING) AS highest, COUNT(turnovers) AS filled),
  STRUCT('personal_fouls' AS column_name, CAST(MIN(personal_fouls) AS STRING) AS lowest, CAST(MAX(personal_fouls) AS STRING) AS highest, COUNT(personal_fouls) AS filled),
  STRUCT('possessions' AS column_name, CAST(MIN(possessions) AS STRING) AS lowest, CAST(MAX(possessions) AS STRING) AS highest, COUNT(possessions) AS filled),
  STRUCT('offensive_rating' AS column_name, number_text(MIN(offensive_rating)) AS lowest, number_text(MAX(offensive_rating)) AS highest, COUNT(offensive_rating) AS filled),
  STRUCT('pace' AS column_name, number_text(MIN(pace)) AS lowest, number_text(MAX(pace)) AS highest, COUNT(pace) AS filled),
  STRUCT('ts_pct' AS column_name, number_text(MIN(ts_pct)) AS lowest, number_text(MAX(ts_pct)) AS highest, COUNT(ts_pct) AS filled),
  STRUCT('efg_pct' AS column_name, number_text(MIN(efg_pct)) AS lowest, number_text(MAX(efg_pct)) AS highest, COUNT(efg_pct) AS filled),
  STRUCT('margin_of_victory' AS column_name, CAST(MIN(margin_of_victory) AS STRING) AS lowest, CAST(MAX(margin_of_victory) AS STRING) AS highest, COUNT(margin_of_victory) AS filled),
  STRUCT('home_game' AS column_name, CAST(MIN(CAST(home_game AS INT64)) AS STRING) AS lowest, CAST(MAX(CAST(home_game AS INT64)) AS STRING) AS highest, COUNT(home_game) AS filled),
  STRUCT('win_flag' AS column_name, CAST(MIN(CAST(win_flag AS INT64)) AS STRING) AS lowest, CAST(MAX(CAST(win_flag AS INT64)) AS STRING) AS highest, COUNT(win_flag) AS filled)
  ] AS columns
FROM nba_analytics.team_offense_game_summary
WHERE game_date BETWEEN @window_start_date AND @end_date
GROUP BY game_date
