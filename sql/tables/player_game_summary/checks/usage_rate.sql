-- No raw usage is above 100 in three minutes or more, and none below 0. Coverage is the share of players with minutes
-- who have a usage, 0 where nobody has minutes: below @usage_coverage_error it is an error, below
-- @usage_coverage_warning a warning. A usage above @usage_rate_high in five minutes or more is worth a look.
SELECT
  game_date, game_id, 'ERROR' AS severity, player_lookup AS subject,
  CONCAT('usage ', COALESCE(number_text(usage_rate), 'NULL'),
    ', raw ', COALESCE(number_text(usage_rate_raw), 'NULL'),
    ', in ', COALESCE(number_text(minutes_played), 'NULL'), ' minutes') AS problem,
  CAST(COALESCE(usage_rate, usage_rate_raw) AS FLOAT64) AS value
FROM audited
WHERE usage_rate_anomaly_reason = 'impossible'
  OR usage_rate_beyond_small_samples(usage_rate_raw, usage_rate_anomaly_reason, minutes_played) > 100
  OR usage_rate > 100
  OR usage_rate_raw < 0
  OR usage_rate < 0
UNION ALL
SELECT
  game_date, game_id, IF(COALESCE(covered, 0) < @usage_coverage_error, 'ERROR', 'WARN'), 'coverage',
  IF(covered IS NULL, 'no player has minutes', CONCAT(
    'only ', CAST(with_usage AS STRING), ' of ', CAST(with_minutes AS STRING), ' players with minutes have a usage rate'
  )), COALESCE(covered, 0)
FROM game_coverage
WHERE COALESCE(covered, 0) < @usage_coverage_warning
UNION ALL
SELECT
  game_date, game_id, 'WARN', player_lookup,
  CONCAT('usage ', number_text(usage_rate), ' in ', number_text(minutes_played), ' minutes is unusually high'),
  CAST(usage_rate AS FLOAT64)
FROM audited
WHERE usage_rate_in_five_minutes(usage_rate, minutes_played) > @usage_rate_high
