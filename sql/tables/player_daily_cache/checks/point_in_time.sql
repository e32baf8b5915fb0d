-- Nothing a row is made of is later than it may be: games are of earlier dates.
SELECT
  game_date, game_id, 'ERROR' AS severity, player_lookup AS subject,
  CONCAT('is made of a game of ', CAST(latest_game_used AS STRING)) AS problem, CAST(NULL AS FLOAT64) AS value
FROM audited
WHERE latest_game_used >= game_date
