-- What is wrong with one line of a box score taken by itself, a player's or a team's, with the figure; NULL for nothing.
CREATE TEMP FUNCTION line_fault(line ANY TYPE) RETURNS STRING AS (
  CASE
    WHEN line.has_contradictory_rows THEN 'two rows of one load that differ'
    WHEN line.impossible_statistic IS NOT NULL THEN line.impossible_statistic
    WHEN line.seconds IS NULL THEN CONCAT('minutes ', COALESCE(CONCAT("'", line.minutes, "'"), 'missing'))
    WHEN line.points IS NULL THEN 'no points'
    WHEN line.fg_attempts IS NULL OR line.fg_makes IS NULL THEN 'no field goals'
    WHEN line.three_pt_attempts IS NULL OR line.three_pt_makes IS NULL THEN 'no threes'
    WHEN line.ft_attempts IS NULL OR line.ft_makes IS NULL THEN 'no free throws'
    WHEN line.turnovers IS NULL THEN 'no turnovers'
    WHEN line.fg_makes > line.fg_attempts
      THEN CONCAT(CAST(line.fg_makes AS STRING), ' field goals of ', CAST(line.fg_attempts AS STRING), ' attempts')
    WHEN line.three_pt_makes > line.three_pt_attempts
      THEN CONCAT(CAST(line.three_pt_makes AS STRING), ' threes of ', CAST(line.three_pt_attempts AS STRING), ' attempts')
    WHEN line.ft_makes > line.ft_attempts
      THEN CONCAT(CAST(line.ft_makes AS STRING), ' free throws of ', CAST(line.ft_attempts AS STRING), ' attempts')
    WHEN line.three_pt_makes > line.fg_makes
      THEN CONCAT(CAST(line.three_pt_makes AS STRING), ' threes among ', CAST(line.fg_makes AS STRING), ' field goals')
    WHEN line.points <> 2 * (line.fg_makes - line.three_pt_makes) + 3 * line.three_pt_makes + line.ft_makes
      THEN CONCAT(CAST(line.points AS STRING), ' points, but the makes give ',
        CAST(2 * (line.fg_makes - line.three_pt_makes) + 3 * line.three_pt_makes + line.ft_makes AS STRING))
    WHEN line.rebounds <> line.offensive_rebounds + line.defensive_rebounds
      THEN CONCAT(CAST(line.rebounds AS STRING), ' rebounds, but ', CAST(line.offensive_rebounds AS STRING), ' offensive and ',
        CAST(line.defensive_rebounds AS STRING), ' defensive')
  END
);
