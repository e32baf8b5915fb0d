-- At least @listed_players_minimum players of each side have a row, and so has everybody who then played.
WITH listed AS (
  SELECT game_id, team_abbr, COUNT(*) AS players
  FROM audited
  GROUP BY game_id, team_abbr
)
SELECT
  team.game_date, team.game_id, 'WARN' AS severity, team.team_abbr AS subject,
  CONCAT(CAST(COALESCE(listed.players, 0) AS STRING), ' players have a row') AS problem,
  CAST(COALESCE(listed.players, 0) AS FLOAT64) AS value
FROM nba_analytics.upcoming_team_game_context AS team
LEFT JOIN listed ON listed.game_id = team.game_id AND listed.team_abbr = team.team_abbr
WHERE team.game_date BETWEEN @start_date AND @end_date
  AND COALESCE(listed.players, 0) < @listed_players_minimum
UNION ALL
SELECT
  game_date, game_id, 'WARN' AS severity, team_abbr AS subject,
  CONCAT(CAST(without_row AS STRING), ' players played and had no row: ', names) AS problem,
  CAST(without_row AS FLOAT64) AS value
FROM played_players
WHERE without_row > 0
