-- The share of played rows that have a points line (NULL on dates without lines), and how many rows that is.
SELECT
  game_date,
  [
    STRUCT('share_of_lines_matched' AS metric, matched AS value, CAST(@line_match_minimum AS FLOAT64) AS threshold),
    STRUCT('rows_with_a_line' AS metric, CAST(with_line AS FLOAT64) AS value, CAST(NULL AS FLOAT64) AS threshold),
    STRUCT('rows_played' AS metric, CAST(played AS FLOAT64) AS value, CAST(NULL AS FLOAT64) AS threshold)
  ] AS figures
FROM line_shares
