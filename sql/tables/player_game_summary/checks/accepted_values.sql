-- A player's status is active, dnp or inactive.
SELECT
  game_date, game_id, 'ERROR' AS severity, player_lookup AS subject,
  CONCAT('unknown player status ', COALESCE(player_status, 'NULL')) AS problem, CAST(NULL AS FLOAT64) AS value
FROM audited
WHERE COALESCE(player_status NOT IN ('active', 'dnp', 'inactive'), TRUE)
