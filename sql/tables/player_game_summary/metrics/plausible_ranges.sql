-- The lowest and the highest of what was found, where it can be out of range.
SELECT
  game_date,
  [
    STRUCT(
      'max_ts_pct' AS metric, CAST(MAX(ts_pct) AS FLOAT64) AS value, CAST(@ts_pct_maximum AS FLOAT64) AS threshold
    ),
    STRUCT(
      'min_points_line' AS metric,
      CAST(MIN(points_line) AS FLOAT64) AS value,
      CAST(@points_line_minimum AS FLOAT64) AS threshold
    ),
    STRUCT(
      'max_points_line' AS metric,
      CAST(MAX(points_line) AS FLOAT64) AS value,
      CAST(@points_line_maximum AS FLOAT64) AS threshold
    ),
    STRUCT(
      'max_points' AS metric,
      CAST(MAX(points) AS FLOAT64) AS value,
      CAST(@player_points_maximum AS FLOAT64) AS threshold
    )
  ] AS figures
FROM audited
GROUP BY game_date
