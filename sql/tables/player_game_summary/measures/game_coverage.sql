-- Per game, how many players have minutes, how many of these have a usage rate, and their share: its coverage.
SELECT
  game_date, game_id,
  COUNTIF(usage_rate IS NOT NULL AND minutes_played > 0) AS with_usage,
  COUNTIF(minutes_played > 0) AS with_minutes,
  SAFE_DIVIDE(COUNTIF(usage_rate IS NOT NULL AND minutes_played > 0), COUNTIF(minutes_played > 0)) AS covered
FROM audited
GROUP BY game_date, game_id
