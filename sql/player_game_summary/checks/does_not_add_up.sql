-- A team's players add up to its published row within the tolerances of real games; where players are known to be missing
-- (bronze), they are a part of it.
SELECT
  players.game_date, players.game_id, 'ERROR' AS severity, players.team_abbr AS subject,
  CONCAT(contradiction(players, team), ' (', COALESCE(players.source, 'players'), ' against team row)') AS problem,
  ROUND(minutes_difference(players.seconds, team.regulation_seconds)) AS value
FROM player_sums AS players
INNER JOIN team_figures AS team
  ON team.game_date = players.game_date AND team.game_id = players.game_id AND team.team_abbr = players.team_abbr
WHERE contradiction(players, team) IS NOT NULL
  AND NOT COALESCE(players.quality_tier = 'bronze' AND is_part_of(players, team), FALSE)
