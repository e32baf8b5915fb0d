-- The columns that should vary. not_constant looks at the lowest and highest value of each, per date, and at how many
-- rows have one: catalog/tables.py makes these statistics from this list and the types of the contract.
SELECT
  games_in_last_14_days, team_days_rest, rest_advantage, wins_entering, losses_entering, last_game_margin,
  last_game_result, offensive_rating_last_10, defensive_rating_last_10, pace_last_10, defensive_rating_last_15,
  pace_last_15, points_allowed_avg_last_15, game_spread, spread_movement, game_total, total_movement,
  implied_team_total, players_out_count, starters_out_count, questionable_players_count, venue_altitude_feet,
  travel_miles, miles_traveled_last_14_days, time_zone_shift, consecutive_road_games, consecutive_home_games
FROM nba_analytics.upcoming_team_game_context
WHERE game_date BETWEEN @window_start_date AND @end_date
