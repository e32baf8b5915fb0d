-- A team's players add up to its published row, within the tolerances of real games. Where players are known to be
-- missing (bronze), the others are a part of it.
WITH team_comparisons AS (
  SELECT
    players.game_date, players.game_id, players.team_abbr, players.source,
    contradiction(players, team) AS contradicted,
    COALESCE(players.quality_tier = 'bronze' AND is_part_of(players, team), FALSE) AS is_known_to_be_a_part,
    ROUND(minutes_difference(players.seconds, team.regulation_seconds)) AS value
  FROM player_sums AS players
  INNER JOIN team_figures AS team
    ON team.game_date = players.game_date AND team.game_id = players.game_id AND team.team_abbr = players.team_abbr
)
SELECT
  game_date, game_id, 'ERROR' AS severity, team_abbr AS subject,
  CONCAT(contradicted, ' (', COALESCE(source, 'players'), ' against team row)') AS problem, value
FROM team_comparisons
WHERE contradicted IS NOT NULL AND NOT is_known_to_be_a_part
