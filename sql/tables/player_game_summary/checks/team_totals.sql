-- Players' points, attempts and makes add up to the team's row. The team may have turnovers of its own besides its
-- players'. A figure that no player has counts as none: a column that is missing altogether does not add up.
SELECT
  game_date, game_id, 'WARN' AS severity, team_abbr AS subject, problem, CAST(difference AS FLOAT64) AS value
FROM total_differences
WHERE difference > 0
