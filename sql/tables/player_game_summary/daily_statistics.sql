-- The columns that should vary. not_constant looks at the lowest and highest value of each, per date, and at how many
-- rows have one: catalog/tables.py makes these statistics from this list and the types of the contract.
SELECT
  points, assists, offensive_rebounds, defensive_rebounds, steals, blocks, turnovers, fg_attempts, fg_makes,
  three_pt_attempts, three_pt_makes, ft_attempts, ft_makes, plus_minus, personal_fouls, minutes_played, usage_rate,
  ts_pct, efg_pct, points_line, home_game, win_flag
FROM nba_analytics.player_game_summary
WHERE game_date BETWEEN @window_start_date AND @end_date
