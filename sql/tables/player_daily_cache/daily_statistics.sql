-- The columns that should vary. not_constant looks at the lowest and highest value of each, per date, and at how many
-- rows have one: catalog/tables.py makes these statistics from this list and the types of the contract.
-- Left out: shot zones, since play-by-play is missing for weeks at times.
SELECT
  points_avg_last_5, points_avg_last_10, points_avg_season, points_std_last_10, minutes_avg_last_10, usage_rate_last_10,
  ts_pct_last_10, games_played_season, team_pace_last_10, team_off_rating_last_10, player_usage_rate_season,
  games_in_last_7_days, games_in_last_14_days, minutes_in_last_7_days, minutes_in_last_14_days,
  avg_minutes_per_game_last_7
FROM nba_precompute.player_daily_cache
WHERE cache_date BETWEEN @window_start_date AND @end_date
