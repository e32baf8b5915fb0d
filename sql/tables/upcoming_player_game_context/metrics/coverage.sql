-- How many players played on the date, and how many of them had no row. A week's figures are the sums of its dates.
SELECT
  game_date,
  [
    STRUCT(
      'players_without_a_row' AS metric, CAST(SUM(without_row) AS FLOAT64) AS value, CAST(NULL AS FLOAT64) AS threshold
    ),
    STRUCT('players_who_played' AS metric, CAST(SUM(players) AS FLOAT64) AS value, CAST(NULL AS FLOAT64) AS threshold)
  ] AS figures
FROM played_players
GROUP BY game_date
