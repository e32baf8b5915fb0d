-- The columns that should vary. not_constant looks at the lowest and highest value of each, per date, and at how many
-- rows have one: catalog/tables.py makes these statistics from this list and the types of the contract.
SELECT
  points_scored, fg_attempts, fg_makes, three_pt_attempts, three_pt_makes, ft_attempts, ft_makes, rebounds,
  offensive_rebounds, defensive_rebounds, assists, steals, blocks, turnovers, personal_fouls, possessions,
  offensive_rating, pace, ts_pct, efg_pct, margin_of_victory, home_game, win_flag
FROM nba_analytics.team_offense_game_summary
WHERE game_date BETWEEN @window_start_date AND @end_date
