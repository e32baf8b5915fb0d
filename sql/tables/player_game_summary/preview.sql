-- A few rows per date for a person to look at: the date's highest usage rates. usage_rates are those of all its
-- players, for a picture.
SELECT
  game_date, game_id, player_full_name, team_abbr, minutes_played, points, usage_rate, ts_pct, points_line,
  quality_tier,
  ARRAY_AGG(usage_rate) OVER (
    PARTITION BY game_date ORDER BY usage_rate DESC ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
  ) AS usage_rates,
  ROW_NUMBER() OVER (PARTITION BY game_date ORDER BY usage_rate DESC, player_lookup) AS place
FROM nba_analytics.player_game_summary
WHERE game_date BETWEEN @start_date AND @end_date AND usage_rate IS NOT NULL
QUALIFY place <= 6
