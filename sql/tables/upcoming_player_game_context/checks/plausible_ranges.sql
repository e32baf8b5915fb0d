-- Averages, ratings, travel, rest and spread lie where a season's do. A player may rest for longer than a month when
-- injured; who has a points line is expected to play.
WITH problems AS (
  SELECT
    audited.game_date, audited.game_id, audited.player_lookup, figure.name AS figure, figure.value
  FROM audited
  CROSS JOIN UNNEST([
    STRUCT('points_avg_last_5' AS name, points_avg_last_5 AS value, 0 AS lowest, 50 AS highest),
    STRUCT('points_avg_last_10', points_avg_last_10, 0, 50),
    STRUCT('points_avg_season', points_avg_season, 0, 50),
    STRUCT('opponent_def_rating_last_10', IF(actual_games_count >= 5, opponent_def_rating_last_10, NULL), 80, 140),
    STRUCT('opponent_def_rating_last_15', IF(actual_games_count >= 5, opponent_def_rating_last_15, NULL), 80, 140),
    STRUCT('travel_miles', CAST(travel_miles AS NUMERIC), 0, 6000),
    STRUCT('days_rest', IF(has_prop_line, CAST(days_rest AS NUMERIC), NULL), 0, 30),
    STRUCT('game_spread', game_spread, -40, 40)
  ]) AS figure
  WHERE figure.value < figure.lowest OR figure.value > figure.highest
)
SELECT
  game_date, game_id, 'WARN' AS severity, player_lookup AS subject,
  out_of_range(figure, value, 'is') AS problem, CAST(value AS FLOAT64) AS value
FROM problems
