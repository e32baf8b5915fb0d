-- By how many points a team's row differs most from the schedule's final score.
SELECT
  game_date,
  [
    STRUCT(
      'largest_score_difference' AS metric, CAST(MAX(difference) AS FLOAT64) AS value, CAST(0 AS FLOAT64) AS threshold
    )
  ] AS figures
FROM score_differences
GROUP BY game_date
