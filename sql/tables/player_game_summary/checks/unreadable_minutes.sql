-- A player who entered has minutes that can be read (36:12, whole or decimal minutes, PT36M12.00S), up to 70.
SELECT
  game_date, game_id, 'ERROR' AS severity, player_lookup AS subject,
  CONCAT('minutes ', SUBSTR(issue, LENGTH('unreadable_minutes=') + 1)) AS problem, CAST(NULL AS FLOAT64) AS value
FROM issues
WHERE STARTS_WITH(issue, 'unreadable_minutes=')
