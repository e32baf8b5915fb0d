-- Who has a points line, or is reported injured with no team named, has a row. If not, nobody can tell whether he is of
-- one of the game's two teams, and he is left out.
WITH named_players AS (
  SELECT
    game_date, game_id, player_lookup,
    CONCAT('has a points line of ', number_text(points_line_x100 / 100)) AS problem,
    points_line_x100 / 100 AS points_line
  FROM closing_lines
  UNION ALL
  SELECT game_date, game_id, player_lookup, CONCAT('is reported ', injury_status, ' with no team named'), NULL
  FROM injury_reports
  WHERE team_abbr IS NULL
)
SELECT
  named.game_date, named.game_id, 'WARN' AS severity, named.player_lookup AS subject,
  CONCAT(named.problem, ' and is of neither team, by all that is known') AS problem,
  CAST(named.points_line AS FLOAT64) AS value
FROM named_players AS named
INNER JOIN (SELECT DISTINCT game_id FROM audited) AS game ON game.game_id = named.game_id
LEFT JOIN audited AS listed ON listed.game_id = named.game_id AND listed.player_lookup = named.player_lookup
WHERE listed.player_lookup IS NULL
