-- A team's players add up to its published row within the tolerances of real games; where players are known to be missing
-- (bronze), they are a part of it.
WITH players AS (
  SELECT
    game_date, game_id, team_abbr, MIN(quality_tier) AS quality_tier, MIN(primary_source_used) AS source,
    CAST(ROUND(60 * COALESCE(SUM(minutes_played), 0)) AS INT64) AS seconds, COALESCE(SUM(points), 0) AS points,
    COALESCE(SUM(fg_attempts), 0) AS fg_attempts, COALESCE(SUM(fg_makes), 0) AS fg_makes,
    COALESCE(SUM(three_pt_attempts), 0) AS three_pt_attempts, COALESCE(SUM(three_pt_makes), 0) AS three_pt_makes,
    COALESCE(SUM(ft_attempts), 0) AS ft_attempts, COALESCE(SUM(ft_makes), 0) AS ft_makes,
    COALESCE(SUM(turnovers), 0) AS turnovers, SUM(assists) AS assists, SUM(offensive_rebounds) AS offensive_rebounds,
    SUM(defensive_rebounds) AS defensive_rebounds, SUM(steals) AS steals, SUM(blocks) AS blocks,
    SUM(personal_fouls) AS personal_fouls
  FROM audited
  GROUP BY game_date, game_id, team_abbr
),
teams AS (
  SELECT
    game_date, game_id, team_abbr, 14400 + 1500 * overtime_periods AS regulation_seconds, points_scored AS points,
    fg_attempts, fg_makes, three_pt_attempts, three_pt_makes, ft_attempts, ft_makes, turnovers, assists,
    offensive_rebounds, defensive_rebounds, steals, blocks, personal_fouls
  FROM nba_analytics.team_offense_game_summary
  WHERE game_date BETWEEN @start_date AND @end_date
)
SELECT
  players.game_date, players.game_id, 'ERROR' AS severity, players.team_abbr AS subject,
  CONCAT(contradiction(players, team), ' (', COALESCE(players.source, 'players'), ' against team row)') AS problem, players.seconds / 60 AS value
FROM players
INNER JOIN teams AS team
  ON team.game_date = players.game_date AND team.game_id = players.game_id AND team.team_abbr = players.team_abbr
WHERE contradiction(players, team) IS NOT NULL
  AND NOT COALESCE(players.quality_tier = 'bronze' AND is_part_of(players, team), FALSE)
