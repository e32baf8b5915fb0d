-- A row for every row of upcoming_player_game_context of the game, and every figure that both have is the same in both.
WITH compared AS (
  SELECT
    audited.game_date, audited.game_id, audited.player_lookup,
    IF(
      player.player_lookup IS NULL,
      'has no row in upcoming_player_game_context',
      NULLIF(
        CONCAT(
          'is not the same in upcoming_player_game_context:',
          IF(audited.universal_player_id IS DISTINCT FROM player.universal_player_id, ' universal_player_id', ''),
          IF(audited.season_year IS DISTINCT FROM player.season_year, ' season_year', ''),
          IF(audited.team_abbr IS DISTINCT FROM player.team_abbr, ' team_abbr', ''),
          IF(audited.player_status IS DISTINCT FROM player.player_status, ' player_status', ''),
          IF(audited.points_avg_last_5 IS DISTINCT FROM player.points_avg_last_5, ' points_avg_last_5', ''),
          IF(audited.points_avg_last_10 IS DISTINCT FROM player.points_avg_last_10, ' points_avg_last_10', ''),
          IF(audited.points_avg_season IS DISTINCT FROM player.points_avg_season, ' points_avg_season', ''),
          IF(audited.points_std_last_10 IS DISTINCT FROM player.points_std_last_10, ' points_std_last_10', ''),
          IF(audited.minutes_avg_last_10 IS DISTINCT FROM player.minutes_avg_last_10, ' minutes_avg_last_10', ''),
          IF(audited.usage_rate_last_10 IS DISTINCT FROM player.usage_rate_last_10, ' usage_rate_last_10', ''),
          IF(audited.ts_pct_last_10 IS DISTINCT FROM player.ts_pct_last_10, ' ts_pct_last_10', ''),
          IF(audited.games_played_season IS DISTINCT FROM player.games_played_season, ' games_played_season', ''),
          IF(
            audited.player_usage_rate_season IS DISTINCT FROM player.player_usage_rate_season,
            ' player_usage_rate_season', ''
          ),
          IF(audited.games_in_last_7_days IS DISTINCT FROM player.games_in_last_7_days, ' games_in_last_7_days', ''),
          IF(audited.games_in_last_14_days IS DISTINCT FROM player.games_in_last_14_days, ' games_in_last_14_days', ''),
          IF(
            audited.minutes_in_last_7_days IS DISTINCT FROM player.minutes_in_last_7_days,
            ' minutes_in_last_7_days', ''
          ),
          IF(
            audited.minutes_in_last_14_days IS DISTINCT FROM player.minutes_in_last_14_days,
            ' minutes_in_last_14_days', ''
          ),
          IF(
            audited.back_to_backs_last_14_days IS DISTINCT FROM player.back_to_backs_last_14_days,
            ' back_to_backs_last_14_days', ''
          ),
          IF(
            audited.avg_minutes_per_game_last_7 IS DISTINCT FROM player.avg_minutes_per_game_last_7,
            ' avg_minutes_per_game_last_7', ''
          ),
          IF(audited.player_age IS DISTINCT FROM player.player_age, ' player_age', ''),
          IF(audited.latest_game_used IS DISTINCT FROM player.latest_game_used, ' latest_game_used', ''),
          IF(audited.expected_games_count IS DISTINCT FROM player.expected_games_count, ' expected_games_count', ''),
          IF(audited.actual_games_count IS DISTINCT FROM player.actual_games_count, ' actual_games_count', ''),
          IF(audited.missing_games_count IS DISTINCT FROM player.missing_games_count, ' missing_games_count', '')
        ),
        'is not the same in upcoming_player_game_context:'
      )
    ) AS problem
  FROM audited
  LEFT JOIN (
    SELECT * FROM nba_analytics.upcoming_player_game_context WHERE game_date BETWEEN @start_date AND @end_date
  ) AS player
    ON player.game_date = audited.game_date
    AND player.game_id = audited.game_id
    AND player.player_lookup = audited.player_lookup
)
SELECT
  game_date, game_id, 'ERROR' AS severity, player_lookup AS subject, problem, CAST(NULL AS FLOAT64) AS value
FROM compared
WHERE problem IS NOT NULL
UNION ALL
SELECT
  player.game_date, player.game_id, 'ERROR' AS severity, player.player_lookup AS subject,
  'has no row, and one in upcoming_player_game_context' AS problem, CAST(NULL AS FLOAT64) AS value
FROM nba_analytics.upcoming_player_game_context AS player
LEFT JOIN audited
  ON audited.game_id = player.game_id AND audited.player_lookup = player.player_lookup
WHERE player.game_date BETWEEN @start_date AND @end_date
  AND player.game_id IN (SELECT game_id FROM audited)
  AND audited.player_lookup IS NULL
