-- The columns that should vary. not_constant looks at the lowest and highest value of each, per date, and at how many
-- rows have one: catalog/tables.py makes these statistics from this list and the types of the contract.
-- Left out: what is the same for everybody in a season's first weeks, such as stars, who need ten games.
SELECT
  current_points_line, line_movement, game_spread, spread_movement, team_spread, implied_team_total, game_total,
  days_rest, games_in_last_7_days, games_in_last_14_days, minutes_in_last_7_days,
  minutes_in_last_14_days, avg_minutes_per_game_last_7, points_avg_last_5,
  points_avg_last_10, points_avg_season, points_std_last_10, minutes_avg_last_10, usage_rate_last_10,
  avg_usage_rate_last_7_games, player_usage_rate_season, ts_pct_last_10, efg_pct_last_10, games_played_season,
  prop_over_streak, prop_under_streak, opponent_def_rating_last_10, opponent_def_rating_last_15, opponent_pace_last_10,
  opponent_pace_last_15, pace_differential, opponent_days_rest, travel_miles, miles_traveled_last_14_days,
  time_zone_shift, consecutive_road_games, venue_altitude_feet, questionable_teammates
FROM nba_analytics.upcoming_player_game_context
WHERE game_date BETWEEN @window_start_date AND @end_date
