-- Rest, density and streaks say one thing: no rest below its least, a back-to-back exactly a day after, windows of
-- seven and fourteen days that have the latest game exactly when it is that recent, one streak at most, and no game
-- counted that is not one of the season's.
WITH problems AS (
  SELECT
    game_date, game_id, player_lookup,
    CASE
      WHEN days_rest < 1 OR days_since_last_game <> days_rest OR full_rest_days <> days_rest - 1
        THEN CONCAT(CAST(full_rest_days AS STRING), ' full days of rest in ', CAST(days_rest AS STRING))
      WHEN (latest_game_used IS NULL) <> (days_rest IS NULL)
        OR days_rest <> UNIX_DATE(game_date) - UNIX_DATE(latest_game_used)
        THEN 'days of rest against the latest game'
      WHEN back_to_back <> COALESCE(days_rest = 1, FALSE) THEN 'back-to-back against the days of rest'
      WHEN (games_in_last_7_days > 0) <> COALESCE(days_rest <= 7, FALSE)
        OR (games_in_last_14_days > 0) <> COALESCE(days_rest <= 14, FALSE)
        THEN 'games of the last days against the days of rest'
      WHEN games_in_last_7_days > games_in_last_14_days OR minutes_in_last_7_days > minutes_in_last_14_days
        THEN 'more games or minutes in 7 days than in 14'
      WHEN back_to_backs_last_14_days > GREATEST(games_in_last_14_days - 1, 0)
        THEN 'more back-to-backs than games allow'
      WHEN games_in_last_14_days > games_played_season OR (games_played_season > 0) <> (latest_game_used IS NOT NULL)
        THEN 'games of the last days against those of the season'
      WHEN l5_games_used <> LEAST(games_played_season, 5) OR l10_games_used <> LEAST(games_played_season, 10)
        THEN 'the last games are not as many as there are'
      WHEN prop_over_streak > 0 AND prop_under_streak > 0 THEN 'a streak over the line and one under it'
      WHEN GREATEST(prop_over_streak, prop_under_streak) > games_played_season THEN 'a streak longer than the season'
      WHEN has_prop_line <> (current_points_line IS NOT NULL) OR has_prop_line <> (prop_over_streak IS NOT NULL)
        THEN 'a line, or a streak against one, that is not there'
      WHEN actual_games_count + missing_games_count <> expected_games_count THEN 'games there and missing are not all'
    END AS problem
  FROM audited
)
SELECT
  game_date, game_id, 'ERROR' AS severity, player_lookup AS subject, problem, CAST(NULL AS FLOAT64) AS value
FROM problems
WHERE problem IS NOT NULL
