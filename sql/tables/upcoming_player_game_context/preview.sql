-- A few rows per date for a person to look at: the players who score most.
SELECT
  game_date, game_id, player_lookup, team_abbr, opponent_team_abbr, days_rest, points_avg_last_10, minutes_avg_last_10,
  current_points_line, player_status, missing_games_count, is_hindsight,
  ROW_NUMBER() OVER (PARTITION BY game_date ORDER BY points_avg_last_10 DESC, player_lookup) AS place
FROM nba_analytics.upcoming_player_game_context
WHERE game_date BETWEEN @start_date AND @end_date
QUALIFY place <= 6
