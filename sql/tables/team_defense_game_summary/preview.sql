-- A few rows per date for a person to look at: the date's best defenses.
SELECT
  game_date, game_id, defending_team_abbr, points_allowed, defensive_rating, opponent_pace, opponent_ts_pct,
  quality_tier,
  ROW_NUMBER() OVER (PARTITION BY game_date ORDER BY defensive_rating, defending_team_abbr) AS place
FROM nba_analytics.team_defense_game_summary
WHERE game_date BETWEEN @start_date AND @end_date
QUALIFY place <= 6
