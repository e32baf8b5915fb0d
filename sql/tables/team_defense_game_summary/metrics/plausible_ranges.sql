-- The lowest and the highest of what was found, where it can be out of range.
SELECT
  game_date,
  [
    STRUCT(
      'min_pace' AS metric, CAST(MIN(opponent_pace) AS FLOAT64) AS value, CAST(@pace_minimum AS FLOAT64) AS threshold
    ),
    STRUCT(
      'max_pace' AS metric, CAST(MAX(opponent_pace) AS FLOAT64) AS value, CAST(@pace_maximum AS FLOAT64) AS threshold
    ),
    STRUCT(
      'min_rating' AS metric,
      CAST(MIN(defensive_rating) AS FLOAT64) AS value,
      CAST(@rating_minimum AS FLOAT64) AS threshold
    ),
    STRUCT(
      'max_rating' AS metric,
      CAST(MAX(defensive_rating) AS FLOAT64) AS value,
      CAST(@rating_maximum AS FLOAT64) AS threshold
    ),
    STRUCT(
      'min_ts_pct' AS metric,
      CAST(MIN(opponent_ts_pct) AS FLOAT64) AS value,
      CAST(@ts_pct_minimum AS FLOAT64) AS threshold
    ),
    STRUCT(
      'max_ts_pct' AS metric,
      CAST(MAX(opponent_ts_pct) AS FLOAT64) AS value,
      CAST(@ts_pct_maximum AS FLOAT64) AS threshold
    )
  ] AS figures
FROM audited
GROUP BY game_date
