-- The gamebook serves the players: the other sources bear it out, and it does not contradict itself. Otherwise the
-- same-evening rows serve them, and this says why.
SELECT
  game_date, game_id, 'WARN' AS severity, MIN(team_abbr) AS subject,
  CONCAT('the gamebook is not whole: ', MIN(SUBSTR(issue, LENGTH('gamebook_not_whole=') + 1))) AS problem,
  CAST(NULL AS FLOAT64) AS value
FROM issues
WHERE STARTS_WITH(issue, 'gamebook_not_whole=')
GROUP BY game_date, game_id
