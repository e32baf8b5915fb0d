-- The share of players who have a points line (NULL on dates without lines), and how many that is.
SELECT
  game_date,
  [
    STRUCT(
      'share_of_lines_matched' AS metric, matched AS value, CAST(@listed_line_match_minimum AS FLOAT64) AS threshold
    ),
    STRUCT('players_with_a_line' AS metric, CAST(with_line AS FLOAT64) AS value, CAST(NULL AS FLOAT64) AS threshold),
    STRUCT('players' AS metric, CAST(players AS FLOAT64) AS value, CAST(NULL AS FLOAT64) AS threshold)
  ] AS figures
FROM line_shares
