-- The highest usage rate: as published, of players of five minutes or more, and as held against 100. The share of
-- players with minutes who have one: of the date and of its worst game. How many players have minutes, and how many
-- samples are small.
SELECT
  game_date,
  [
    STRUCT('max_usage_rate' AS metric, CAST(MAX(usage_rate) AS FLOAT64) AS value, CAST(NULL AS FLOAT64) AS threshold),
    STRUCT(
      'max_usage_rate_in_five_minutes' AS metric,
      CAST(MAX(usage_rate_in_five_minutes(usage_rate, minutes_played)) AS FLOAT64) AS value,
      CAST(@usage_rate_high AS FLOAT64) AS threshold
    ),
    STRUCT(
      'max_raw_usage_rate' AS metric,
      CAST(
        MAX(usage_rate_beyond_small_samples(usage_rate_raw, usage_rate_anomaly_reason, minutes_played)) AS FLOAT64
      ) AS value,
      CAST(100 AS FLOAT64) AS threshold
    ),
    STRUCT(
      'small_samples' AS metric,
      CAST(COUNTIF(usage_rate_anomaly_reason = 'small_sample') AS FLOAT64) AS value,
      CAST(NULL AS FLOAT64) AS threshold
    )
  ] AS figures
FROM audited
GROUP BY game_date
UNION ALL
SELECT
  game_date,
  [
    STRUCT(
      'players_with_minutes' AS metric, CAST(SUM(with_minutes) AS FLOAT64) AS value, CAST(NULL AS FLOAT64) AS threshold
    ),
    STRUCT(
      'usage_coverage' AS metric,
      SAFE_DIVIDE(SUM(with_usage), SUM(with_minutes)) AS value,
      CAST(@usage_coverage_error AS FLOAT64) AS threshold
    ),
    STRUCT(
      'usage_coverage_of_worst_game' AS metric,
      MIN(COALESCE(covered, 0)) AS value,
      CAST(@usage_coverage_error AS FLOAT64) AS threshold
    )
  ] AS figures
FROM game_coverage
GROUP BY game_date
