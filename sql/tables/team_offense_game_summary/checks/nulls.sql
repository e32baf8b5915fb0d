-- A team row has its points, shots, free throws, offensive rebounds, turnovers and possessions.
SELECT
  game_date, game_id, 'ERROR' AS severity, team_abbr AS subject,
  CONCAT('missing:', missing) AS problem, CAST(NULL AS FLOAT64) AS value
FROM (
  SELECT
    game_date, game_id, team_abbr,
    -- The data contract does not call these columns NOT NULL: that every row has them all is for this rule to say.
    CONCAT(
      IF(points_scored IS NULL, ' points_scored', ''),
      IF(fg_attempts IS NULL, ' fg_attempts', ''),
      IF(fg_makes IS NULL, ' fg_makes', ''),
      IF(three_pt_attempts IS NULL, ' three_pt_attempts', ''),
      IF(three_pt_makes IS NULL, ' three_pt_makes', ''),
      IF(ft_attempts IS NULL, ' ft_attempts', ''),
      IF(ft_makes IS NULL, ' ft_makes', ''),
      IF(offensive_rebounds IS NULL, ' offensive_rebounds', ''),
      IF(turnovers IS NULL, ' turnovers', ''),
      IF(possessions IS NULL, ' possessions', ''),
      IF(overtime_periods IS NULL, ' overtime_periods', ''),
      IF(margin_of_victory IS NULL, ' margin_of_victory', '')
    ) AS missing
  FROM audited
) AS looked_at
WHERE missing <> ''
