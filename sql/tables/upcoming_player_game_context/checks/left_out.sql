-- Who has a points line, or is on the injury report of the game, has a row. If not, nobody can tell whether he is of
-- one of the game's two teams, or he is listed for an earlier game of the date; then he is left out.
WITH named_players AS (
  SELECT
    game_date, game_id, player_lookup,
    CONCAT('has a points line of ', number_text(points_line_x100 / 100)) AS problem,
    points_line_x100 / 100 AS points_line
  FROM closing_lines
  UNION ALL
  SELECT
    game_date, game_id, player_lookup,
    CONCAT('is reported ', injury_status, COALESCE(CONCAT(' of ', team_abbr), ' with no team named')), NULL
  FROM injury_reports
)
SELECT
  named.game_date, named.game_id, 'WARN' AS severity, named.player_lookup AS subject,
  CONCAT(named.problem, ' and has no row') AS problem,
  CAST(named.points_line AS FLOAT64) AS value
FROM named_players AS named
INNER JOIN (SELECT DISTINCT game_id FROM audited) AS game ON game.game_id = named.game_id
LEFT JOIN audited AS listed ON listed.game_id = named.game_id AND listed.player_lookup = named.player_lookup
WHERE listed.player_lookup IS NULL
