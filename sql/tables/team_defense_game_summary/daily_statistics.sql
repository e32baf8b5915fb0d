-- The columns that should vary. not_constant looks at the lowest and highest value of each, per date, and at how many
-- rows have one: catalog/tables.py makes these statistics from this list and the types of the contract.
SELECT
  points_allowed, opp_fg_attempts, opp_fg_makes, opp_three_pt_attempts, opp_three_pt_makes, opp_ft_attempts,
  opp_ft_makes, opp_rebounds, opp_assists, turnovers_forced, fouls_committed, three_pt_points_allowed, steals, blocks,
  defensive_rebounds, defensive_rating, opponent_pace, opponent_ts_pct, margin_of_victory, home_game, win_flag
FROM nba_analytics.team_defense_game_summary
WHERE game_date BETWEEN @window_start_date AND @end_date
