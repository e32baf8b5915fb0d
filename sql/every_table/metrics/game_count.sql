-- How many rows and games the date has.
SELECT
  game_date,
  [
    STRUCT('rows_published' AS metric, CAST(COUNT(*) AS FLOAT64) AS value, CAST(NULL AS FLOAT64) AS threshold),
    STRUCT(
      'games_with_rows' AS metric, CAST(COUNT(DISTINCT game_id) AS FLOAT64) AS value, CAST(NULL AS FLOAT64) AS threshold
    )
  ] AS figures
FROM audited
GROUP BY game_date
