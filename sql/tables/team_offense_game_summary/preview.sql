-- A few rows per date for a person to look at: the date's best offenses.
SELECT
  game_date, game_id, team_abbr, points_scored, possessions, offensive_rating, pace, ts_pct, overtime_periods,
  quality_tier,
  ROW_NUMBER() OVER (PARTITION BY game_date ORDER BY offensive_rating DESC, team_abbr) AS place
FROM nba_analytics.team_offense_game_summary
WHERE game_date BETWEEN @start_date AND @end_date
QUALIFY place <= 6
