-- The first source of a team's row is believed: no other contradicts it, and it does not contradict itself. Otherwise
-- the row is rebuilt from the gamebook, and this says why.
SELECT
  game_date, game_id, 'WARN' AS severity, MIN(team_abbr) AS subject,
  CONCAT('the team box score is not believed: ', MIN(SUBSTR(issue, LENGTH('team_contradicted=') + 1))) AS problem,
  CAST(NULL AS FLOAT64) AS value
FROM issues
WHERE STARTS_WITH(issue, 'team_contradicted=')
GROUP BY game_date, game_id
