-- By how many minutes a team's players differ most from its game.
SELECT
  players.game_date,
  [
    STRUCT(
      'largest_minutes_difference' AS metric,
      MAX(minutes_difference(players.seconds, team.regulation_seconds)) AS value,
      CAST(@minutes_tolerance AS FLOAT64) AS threshold
    )
  ] AS figures
FROM player_sums AS players
INNER JOIN team_figures AS team
  ON team.game_date = players.game_date AND team.game_id = players.game_id AND team.team_abbr = players.team_abbr
GROUP BY players.game_date
