-- What the players of each team of a game add up to, as contradiction() takes it.
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
