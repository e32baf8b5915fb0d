-- A player who entered has figures that a basketball game can have produced.
SELECT
  game_date, game_id, 'ERROR' AS severity, player_lookup AS subject,
  SUBSTR(issue, LENGTH('impossible_statistic=') + 1) AS problem, CAST(NULL AS FLOAT64) AS value
FROM issues
WHERE STARTS_WITH(issue, 'impossible_statistic=')
