-- By how many points a team's row differs from the schedule's final score at most.
SELECT
  game_date,
  [
  STRUCT('largest_score_difference' AS metric, CAST(MAX(difference) AS FLOAT64) AS value, CAST(0 AS FLOAT64) AS threshold)
  ] AS figures
FROM score_differences
GROUP BY game_date
