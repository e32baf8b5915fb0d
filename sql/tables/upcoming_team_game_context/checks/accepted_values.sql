-- Team codes are the league's thirty.
SELECT
  game_date, game_id, 'ERROR' AS severity, team_abbr AS subject,
  CONCAT('unknown team code ', code) AS problem, CAST(NULL AS FLOAT64) AS value
FROM audited
CROSS JOIN UNNEST([team_abbr, opponent_team_abbr]) AS code
WHERE NOT is_team_code(code)
