-- The first thing that cannot be true of the shots and points of one player or team, with the figures: makes above
-- attempts, threes above field goals, points that the makes do not give. NULL where all of it agrees.
CREATE TEMP FUNCTION shooting_problem(
  points INT64, fg_makes INT64, fg_attempts INT64, three_pt_makes INT64, three_pt_attempts INT64, ft_makes INT64,
  ft_attempts INT64
) RETURNS STRING AS (
  CASE
    WHEN fg_makes > fg_attempts
      THEN CONCAT(CAST(fg_makes AS STRING), ' field goals of ', CAST(fg_attempts AS STRING), ' attempts')
    WHEN three_pt_makes > three_pt_attempts
      THEN CONCAT(CAST(three_pt_makes AS STRING), ' threes of ', CAST(three_pt_attempts AS STRING), ' attempts')
    WHEN ft_makes > ft_attempts
      THEN CONCAT(CAST(ft_makes AS STRING), ' free throws of ', CAST(ft_attempts AS STRING), ' attempts')
    WHEN three_pt_makes > fg_makes
      THEN CONCAT(CAST(three_pt_makes AS STRING), ' threes among ', CAST(fg_makes AS STRING), ' field goals')
    WHEN points <> points_of_makes(fg_makes, three_pt_makes, ft_makes)
      THEN CONCAT(CAST(points AS STRING), ' points, but the makes give ',
        CAST(points_of_makes(fg_makes, three_pt_makes, ft_makes) AS STRING))
  END
);
