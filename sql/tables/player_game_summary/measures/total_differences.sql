-- Per team of a game, the sum of all differences between its players' totals and its row, and what they are. The team
-- may have turnovers of its own. A figure that no player has counts as none.
WITH totals AS (
  SELECT
    game_date, game_id, team_abbr,
    COALESCE(SUM(points), 0) AS points, COALESCE(SUM(fg_attempts), 0) AS fg_attempts,
    COALESCE(SUM(fg_makes), 0) AS fg_makes, COALESCE(SUM(three_pt_attempts), 0) AS three_pt_attempts,
    COALESCE(SUM(three_pt_makes), 0) AS three_pt_makes, COALESCE(SUM(ft_attempts), 0) AS ft_attempts,
    COALESCE(SUM(ft_makes), 0) AS ft_makes, COALESCE(SUM(turnovers), 0) AS turnovers
  FROM audited
  GROUP BY game_date, game_id, team_abbr
)
SELECT
  totals.*,
  ABS(totals.points - team.points_scored) + ABS(totals.fg_attempts - team.fg_attempts)
    + ABS(totals.fg_makes - team.fg_makes) + ABS(totals.three_pt_attempts - team.three_pt_attempts)
    + ABS(totals.three_pt_makes - team.three_pt_makes) + ABS(totals.ft_attempts - team.ft_attempts)
    + ABS(totals.ft_makes - team.ft_makes) + GREATEST(totals.turnovers - team.turnovers, 0) AS difference,
  CONCAT(
    'players minus team:',
    difference_text('points', totals.points, team.points_scored),
    difference_text('fg_attempts', totals.fg_attempts, team.fg_attempts),
    difference_text('fg_makes', totals.fg_makes, team.fg_makes),
    difference_text('three_pt_attempts', totals.three_pt_attempts, team.three_pt_attempts),
    difference_text('three_pt_makes', totals.three_pt_makes, team.three_pt_makes),
    difference_text('ft_attempts', totals.ft_attempts, team.ft_attempts),
    difference_text('ft_makes', totals.ft_makes, team.ft_makes),
    IF(totals.turnovers > team.turnovers, CONCAT(' turnovers ', CAST(totals.turnovers - team.turnovers AS STRING)), '')
  ) AS problem
FROM totals
INNER JOIN nba_analytics.team_offense_game_summary AS team
  ON team.game_date = totals.game_date AND team.game_id = totals.game_id AND team.team_abbr = totals.team_abbr
WHERE team.game_date BETWEEN @start_date AND @end_date
