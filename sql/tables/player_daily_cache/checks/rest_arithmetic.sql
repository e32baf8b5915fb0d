-- Density and counts say one thing: seven days have no more than fourteen, fourteen no more than the season, and games
-- played, flags and games missing agree.
WITH problems AS (
  SELECT
    game_date, game_id, player_lookup,
    CASE
      WHEN games_in_last_7_days > games_in_last_14_days OR minutes_in_last_7_days > minutes_in_last_14_days
        THEN 'more games or minutes in 7 days than in 14'
      WHEN games_in_last_14_days > games_played_season OR (games_played_season > 0) <> (latest_game_used IS NOT NULL)
        THEN 'games of the last days against those of the season'
      WHEN back_to_backs_last_14_days > GREATEST(games_in_last_14_days - 1, 0)
        THEN 'more back-to-backs than games allow'
      WHEN early_season_flag <> (games_played_season < 10) THEN 'early_season_flag against the games played'
      WHEN actual_games_count + missing_games_count <> expected_games_count THEN 'games there and missing are not all'
    END AS problem
  FROM audited
)
SELECT
  game_date, game_id, 'ERROR' AS severity, player_lookup AS subject, problem, CAST(NULL AS FLOAT64) AS value
FROM problems
WHERE problem IS NOT NULL
