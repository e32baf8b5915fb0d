-- A team plays one game a date. A game has two team rows, one of them home.
SELECT
  game_date, game_id, 'ERROR' AS severity, MIN(defending_team_abbr) AS subject,
  CONCAT(CAST(COUNT(*) AS STRING), ' team rows, ', CAST(COUNTIF(home_game) AS STRING), ' of them home') AS problem,
  CAST(COUNT(*) AS FLOAT64) AS value
FROM audited
GROUP BY game_date, game_id
HAVING COUNT(*) <> 2 OR COUNTIF(home_game) <> 1
UNION ALL
SELECT DISTINCT
  audited.game_date, audited.game_id, 'ERROR', audited.defending_team_abbr,
  CONCAT(audited.defending_team_abbr, ' is in ', CAST(busy.games AS STRING), ' games'),
  CAST(busy.games AS FLOAT64)
FROM audited
INNER JOIN (
  SELECT game_date, defending_team_abbr, COUNT(DISTINCT game_id) AS games
  FROM audited
  GROUP BY game_date, defending_team_abbr
  HAVING COUNT(DISTINCT game_id) > 1
) AS busy
  ON busy.game_date = audited.game_date AND busy.defending_team_abbr = audited.defending_team_abbr
