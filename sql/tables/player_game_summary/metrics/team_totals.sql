-- The largest difference between a team's players and its row, all counts together, and how many teams differ at all.
SELECT
  game_date,
  [
    STRUCT('largest_difference' AS metric, CAST(MAX(difference) AS FLOAT64) AS value, CAST(0 AS FLOAT64) AS threshold),
    STRUCT(
      'teams_that_differ' AS metric, CAST(COUNTIF(difference > 0) AS FLOAT64) AS value, CAST(0 AS FLOAT64) AS threshold
    )
  ] AS figures
FROM total_differences
GROUP BY game_date
