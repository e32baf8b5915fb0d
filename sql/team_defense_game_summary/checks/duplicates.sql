-- A team plays one game a date; a game has two team rows, one of them home.
SELECT
  game_date, game_id, 'ERROR' AS severity, MIN(defending_team_abbr) AS subject,
  CONCAT(CAST(COUNT(*) AS STRING), ' team rows, ', CAST(COUNTIF(home_game) AS STRING), ' of them home') AS problem,
  CAST(COUNT(*) AS FLOAT64) AS value
FROM audited
GROUP BY game_date, game_id
HAVING COUNT(*) <> 2 OR COUNTIF(home_game) <> 1
UNION ALL
SELECT
  game_date, MIN(game_id), 'ERROR', defending_team_abbr,
  CONCAT(defending_team_abbr, ' is in ', CAST(COUNT(DISTINCT game_id) AS STRING), ' games'),
  CAST(COUNT(DISTINCT game_id) AS FLOAT64)
FROM audited
GROUP BY game_date, defending_team_abbr
HAVING COUNT(DISTINCT game_id) > 1
