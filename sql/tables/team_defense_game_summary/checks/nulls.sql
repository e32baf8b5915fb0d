-- A defense row has what the opponent scored, shot and turned over.
SELECT
  game_date, game_id, 'ERROR' AS severity, defending_team_abbr AS subject,
  CONCAT('missing:', missing) AS problem, CAST(NULL AS FLOAT64) AS value
FROM (
  SELECT
    game_date, game_id, defending_team_abbr,
    -- The data contract does not call these columns NOT NULL: that every row has them all is for this rule to say.
    CONCAT(
      IF(points_allowed IS NULL, ' points_allowed', ''),
      IF(opp_fg_attempts IS NULL, ' opp_fg_attempts', ''),
      IF(opp_fg_makes IS NULL, ' opp_fg_makes', ''),
      IF(opp_three_pt_attempts IS NULL, ' opp_three_pt_attempts', ''),
      IF(opp_three_pt_makes IS NULL, ' opp_three_pt_makes', ''),
      IF(opp_ft_attempts IS NULL, ' opp_ft_attempts', ''),
      IF(opp_ft_makes IS NULL, ' opp_ft_makes', ''),
      IF(turnovers_forced IS NULL, ' turnovers_forced', ''),
      IF(overtime_periods IS NULL, ' overtime_periods', ''),
      IF(margin_of_victory IS NULL, ' margin_of_victory', '')
    ) AS missing
  FROM audited
) AS looked_at
WHERE missing <> ''
