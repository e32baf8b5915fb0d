-- The published row of each team, as contradiction() takes it.
SELECT
  game_date, game_id, team_abbr, regulation_seconds(LEAST(overtime_periods, 99)) AS regulation_seconds,
  points_scored AS points, fg_attempts, fg_makes, three_pt_attempts, three_pt_makes, ft_attempts, ft_makes, turnovers,
  assists, offensive_rebounds, defensive_rebounds, steals, blocks, personal_fouls
FROM nba_analytics.team_offense_game_summary
WHERE game_date BETWEEN @start_date AND @end_date
