-- Nothing a row is made of is of the game's own date or later.
SELECT
  game_date, game_id, 'ERROR' AS severity, team_abbr AS subject,
  CONCAT('is made of a game of ', CAST(latest_game_used AS STRING)) AS problem, CAST(NULL AS FLOAT64) AS value
FROM audited
WHERE latest_game_used >= game_date
