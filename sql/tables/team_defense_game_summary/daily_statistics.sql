-- What not_constant looks at: per date, the lowest and highest value of every column that should vary, and how many rows
-- have one.
SELECT
  game_date,
  MIN(game_id) AS game_id,
  COUNT(*) AS row_count,
  [
  STRUCT('points_allowed' AS column_name, CAST(MIN(points_allowed) AS STRING) AS lowest, CAST(MAX(points_allowed) AS STRING) AS highest, COUNT(points_allowed) AS filled),
  STRUCT('opp_fg_attempts' AS column_name, CAST(MIN(opp_fg_attempts) AS STRING) AS lowest, CAST(MAX(opp_fg_attempts) AS STRING) AS highest, COUNT(opp_fg_attempts) AS filled),
  STRUCT('opp_fg_makes' AS column_name, CAST(MIN(opp_fg_makes) AS STRING) AS lowest, CAST(MAX(opp_fg_makes) AS STRING) AS highest, COUNT(opp_fg_makes) AS filled),
  STRUCT('opp_three_pt_attempts' AS column_name, CAST(MIN(opp_three_pt_attempts) AS STRING) AS lowest, CAST(MAX(opp_three_pt_attempts) AS STRING) AS highest, COUNT(opp_three_pt_attempts) AS filled),
  STRUCT('opp_three_pt_makes' AS column_name, CAST(MIN(opp_three_pt_makes) AS STRING) AS lowest, CAST(MAX(opp_three_pt_makes) AS STRING) AS highest, COUNT(opp_three_pt_makes) AS filled),
  STRUCT('opp_ft_attempts' AS column_name, CAST(MIN(opp_ft_attempts) AS STRING) AS lowest, CAST(MAX(opp_ft_attempts) AS STRING) AS highest, COUNT(opp_ft_attempts) AS filled),
  STRUCT('opp_ft_makes' AS column_name, CAST(MIN(opp_ft_makes) AS STRING) AS lowest, CAST(MAX(opp_ft_makes) AS STRING) AS highest, COUNT(opp_ft_makes) AS filled),
  STRUCT('opp_rebounds' AS column_name, CAST(MIN(opp_rebounds) AS STRING) AS lowest, CAST(MAX(opp_rebounds) AS STRING) AS highest, COUNT(opp_rebounds) AS filled),
  STRUCT('opp_assists' AS column_name, CAST(MIN(opp_assists) AS STRING) AS lowest, CAST(MAX(opp_assists) AS STRING) AS highest, COUNT(opp_assists) AS filled),
  STRUCT('turnovers_forced' AS column_name, CAST(MIN(turnovers_forced) AS STRING) AS lowest, CAST(MAX(turnovers_forced) AS STRING) AS highest, COUNT(turnovers_forced) AS filled),
  STRUCT('fouls_committed' AS column_name, CAST(MIN(fouls_committed) AS STRING) AS lowest, CAST(MAX(fouls_committed) AS STRING) AS highest, COUNT(fouls_committed) AS filled),
  STRUCT('three_pt_points_allowed' AS column_name, CAST(MIN(three_pt_points_allowed) AS STRING) AS lowest, CAST(MAX(three_pt_points_allowed) AS STRING) AS highest, COUNT(three_pt_points_allowed) AS filled),
  STRUCT('steals' AS column_name, CAST(MIN(steals) AS STRING) AS lowest, CAST(MAX(steals) AS STRING) AS highest, COUNT(steals) AS filled),
  STRUCT('blocks' AS column_name, CAST(MIN(blocks) AS STRING) AS lowest, CAST(MAX(blocks) AS STRING) AS highest, COUNT(blocks) AS filled),
  STRUCT('defensive_rebounds' AS column_name, CAST(MIN(defensive_rebounds) AS STRING) AS lowest, CAST(MAX(defensive_rebounds) AS STRING) AS highest, COUNT(defensive_rebounds) AS filled),
  STRUCT('defensive_rating' AS column_name, number_text(MIN(defensive_rating)) AS lowest, number_text(MAX(defensive_rating)) AS highest, COUNT(defensive_rating) AS filled),
  STRUCT('opponent_pace' AS column_name, number_text(MIN(opponent_pace)) AS lowest, number_text(MAX(opponent_pace)) AS highest, COUNT(opponent_pace) AS filled),
  STRUCT('opponent_ts_pct' AS column_name, number_text(MIN(opponent_ts_pct)) AS lowest, number_text(MAX(opponent_ts_pct)) AS highest, COUNT(opponent_ts_pct) AS filled),
  STRUCT('margin_of_victory' AS column_name, CAST(MIN(margin_of_victory) AS STRING) AS lowest, CAST(MAX(margin_of_victory) AS STRING) AS highest, COUNT(margin_of_victory) AS filled),
  STRUCT('home_game' AS column_name, CAST(MIN(CAST(home_game AS INT64)) AS STRING) AS lowest, CAST(MAX(CAST(home_game AS INT64)) AS STRING) AS highest, COUNT(home_game) AS filled),
  STRUCT('win_flag' AS column_name, CAST(MIN(CAST(win_flag AS INT64)) AS STRING) AS lowest, CAST(MAX(CAST(win_flag AS INT64)) AS STRING) AS highest, COUNT(win_flag) AS filled)
  ] AS columns
FROM nba_analytics.team_defense_game_summary
WHERE game_date BETWEEN @window_start_date AND @end_date
GROUP BY game_date
