-- Averages, ratings from five games on, travel, rest and spread lie where a season's do. Who has a points line is
-- expected to play; anybody else may have rested for longer than a month, injured.
SELECT
  game_date, game_id, 'WARN' AS severity, player_lookup AS subject,
  out_of_range('points_avg_last_5', points_avg_last_5, 'is') AS problem, CAST(points_avg_last_5 AS FLOAT64) AS value
FROM audited
WHERE points_avg_last_5 NOT BETWEEN 0 AND 50
UNION ALL
SELECT
  game_date, game_id, 'WARN' AS severity, player_lookup AS subject,
  out_of_range('points_avg_last_10', points_avg_last_10, 'is') AS problem, CAST(points_avg_last_10 AS FLOAT64) AS value
FROM audited
WHERE points_avg_last_10 NOT BETWEEN 0 AND 50
UNION ALL
SELECT
  game_date, game_id, 'WARN' AS severity, player_lookup AS subject,
  out_of_range('points_avg_season', points_avg_season, 'is') AS problem, CAST(points_avg_season AS FLOAT64) AS value
FROM audited
WHERE points_avg_season NOT BETWEEN 0 AND 50
UNION ALL
SELECT
  game_date, game_id, 'WARN' AS severity, player_lookup AS subject,
  out_of_range('opponent_def_rating_last_10', opponent_def_rating_last_10, 'is') AS problem,
  CAST(opponent_def_rating_last_10 AS FLOAT64) AS value
FROM audited
WHERE actual_games_count >= 5 AND opponent_def_rating_last_10 NOT BETWEEN 80 AND 140
UNION ALL
SELECT
  game_date, game_id, 'WARN' AS severity, player_lookup AS subject,
  out_of_range('opponent_def_rating_last_15', opponent_def_rating_last_15, 'is') AS problem,
  CAST(opponent_def_rating_last_15 AS FLOAT64) AS value
FROM audited
WHERE actual_games_count >= 5 AND opponent_def_rating_last_15 NOT BETWEEN 80 AND 140
UNION ALL
SELECT
  game_date, game_id, 'WARN' AS severity, player_lookup AS subject,
  out_of_range('travel_miles', CAST(travel_miles AS NUMERIC), 'is') AS problem, CAST(travel_miles AS FLOAT64) AS value
FROM audited
WHERE travel_miles NOT BETWEEN 0 AND 6000
UNION ALL
SELECT
  game_date, game_id, 'WARN' AS severity, player_lookup AS subject,
  out_of_range('days_rest', CAST(days_rest AS NUMERIC), 'is') AS problem, CAST(days_rest AS FLOAT64) AS value
FROM audited
WHERE has_prop_line AND days_rest NOT BETWEEN 0 AND 30
UNION ALL
SELECT
  game_date, game_id, 'WARN' AS severity, player_lookup AS subject,
  out_of_range('game_spread', game_spread, 'is') AS problem, CAST(game_spread AS FLOAT64) AS value
FROM audited
WHERE game_spread NOT BETWEEN -40 AND 40
