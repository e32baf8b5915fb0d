-- No player who played is missing from a game.
SELECT
  game_date, game_id, 'WARN' AS severity, MIN(team_abbr) AS subject,
  CONCAT('players are missing: ', MIN(SUBSTR(issue, LENGTH('players_incomplete=') + 1))) AS problem,
  CAST(NULL AS FLOAT64) AS value
FROM issues
WHERE STARTS_WITH(issue, 'players_incomplete=')
GROUP BY game_date, game_id
