-- Every source names the same home team as the schedule, whose word counts.
SELECT
  game_date, game_id, 'WARN' AS severity, team_abbr AS subject,
  CONCAT('home is ', SUBSTR(issue, LENGTH('home_flag_differs=') + 1)) AS problem, CAST(NULL AS FLOAT64) AS value
FROM issues
WHERE STARTS_WITH(issue, 'home_flag_differs=') AND home_game
