-- Team codes are the league's thirty; a player's status is one of the injury report's five.
SELECT
  game_date, game_id, 'ERROR' AS severity, player_lookup AS subject,
  CONCAT('unknown team code ', code) AS problem, CAST(NULL AS FLOAT64) AS value
FROM audited
CROSS JOIN UNNEST([team_abbr, opponent_team_abbr]) AS code
WHERE NOT is_team_code(code)
UNION ALL
SELECT
  game_date, game_id, 'ERROR' AS severity, player_lookup AS subject,
  CONCAT('unknown status ', player_status) AS problem, CAST(NULL AS FLOAT64) AS value
FROM audited
WHERE NOT is_injury_status(player_status)
