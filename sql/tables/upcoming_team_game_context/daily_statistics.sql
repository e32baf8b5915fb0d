-- The columns that should vary. not_constant looks at the lowest and highest value of each, per date, and at how many
-- rows have one: catalog/tables.py makes these statistics from this list and the types of the contract.
SELECT
  games_in_last_14_days, team_days_rest, rest_advantage, wins_entering, losses_entering, last_game_margin,
  last_game_result, offensive_rating_last_10, defensive_rating_last_10, pace_last_10
FROM nba_analytics.upcoming_team_game_context
WHERE game_date BETWEEN @window_start_date AND @end_date
