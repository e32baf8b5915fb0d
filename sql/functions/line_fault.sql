-- What is wrong with one line of a box score (a player's or a team's) taken by itself, with the figure. NULL where
-- nothing is.
CREATE TEMP FUNCTION line_fault(line ANY TYPE) RETURNS STRING AS (
  COALESCE(
    CASE
      WHEN line.has_contradictory_rows THEN 'two rows of one load that differ'
      WHEN line.impossible_statistic IS NOT NULL THEN line.impossible_statistic
      WHEN line.seconds IS NULL THEN CONCAT('minutes ', COALESCE(CONCAT("'", line.minutes, "'"), 'missing'))
      WHEN line.points IS NULL THEN 'no points'
      WHEN line.fg_attempts IS NULL OR line.fg_makes IS NULL THEN 'no field goals'
      WHEN line.three_pt_attempts IS NULL OR line.three_pt_makes IS NULL THEN 'no threes'
      WHEN line.ft_attempts IS NULL OR line.ft_makes IS NULL THEN 'no free throws'
      WHEN line.turnovers IS NULL THEN 'no turnovers'
    END,
    shooting_problem(
      line.points, line.fg_makes, line.fg_attempts, line.three_pt_makes, line.three_pt_attempts, line.ft_makes,
      line.ft_attempts
    ),
    rebounds_problem(line.rebounds, line.offensive_rebounds, line.defensive_rebounds)
  )
);
