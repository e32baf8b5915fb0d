-- What not_constant looks at: per date, the lowest and highest value of every column that should vary, and how many rows
-- have one.
SELECT
  game_date,
  MIN(game_id) AS game_id,
  COUNT(*) AS row_count,
  [
  STRUCT('games_in_last_14_days' AS column_name, CAST(MIN(games_in_last_14_days) AS STRING) AS lowest, CAST(MAX(games_in_last_14_days) AS STRING) AS highest, COUNT(games_in_last_14_days) AS filled),
  STRUCT('team_days_rest' AS column_name, CAST(MIN(team_days_rest) AS STRING) AS lowest, CAST(MAX(team_days_rest) AS STRING) AS highest, COUNT(team_days_rest) AS filled),
  STRUCT('rest_advantage' AS column_name, CAST(MIN(rest_advantage) AS STRING) AS lowest, CAST(MAX(rest_advantage) AS STRING) AS highest, COUNT(rest_advantage) AS filled),
  STRUCT('wins_entering' AS column_name, CAST(MIN(wins_entering) AS STRING) AS lowest, CAST(MAX(wins_entering) AS STRING) AS highest, COUNT(wins_entering) AS filled),
  STRUCT('last_game_margin' AS column_name, CAST(MIN(last_game_margin) AS STRING) AS lowest, CAST(MAX(last_game_margin) AS STRING) AS highest, COUNT(last_game_margin) AS filled),
  STRUCT('offensive_rating_last_10' AS column_name, number_text(MIN(offensive_rating_last_10)) AS lowest, number_text(MAX(offensive_rating_last_10)) AS highest, COUNT(offensive_rating_last_10) AS filled),
  STRUCT('defensive_rating_last_10' AS column_name, number_text(MIN(defensive_rating_last_10)) AS lowest, number_text(MAX(defensive_rating_last_10)) AS highest, COUNT(defensive_rating_last_10) AS filled),
  STRUCT('pace_last_10' AS column_name, number_text(MIN(pace_last_10)) AS lowest, number_text(MAX(pace_last_10)) AS highest, COUNT(pace_last_10) AS filled)
  ] AS columns
FROM nba_analytics.upcoming_team_game_context
WHERE game_date BETWEEN @window_start_date AND @end_date
GROUP BY game_date
