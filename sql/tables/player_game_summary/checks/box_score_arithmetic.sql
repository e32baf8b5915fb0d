-- Makes never exceed attempts, nor threes the field goals; points are what the makes give; a team is not its own opponent.
WITH explained AS (
  SELECT
    *,
    CASE
      WHEN fg_makes > fg_attempts
        THEN CONCAT(CAST(fg_makes AS STRING), ' field goals of ', CAST(fg_attempts AS STRING), ' attempts')
      WHEN three_pt_makes > three_pt_attempts
        THEN CONCAT(CAST(three_pt_makes AS STRING), ' threes of ', CAST(three_pt_attempts AS STRING), ' attempts')
      WHEN ft_makes > ft_attempts
        THEN CONCAT(CAST(ft_makes AS STRING), ' free throws of ', CAST(ft_attempts AS STRING), ' attempts')
      WHEN three_pt_makes > fg_makes
        THEN CONCAT(CAST(three_pt_makes AS STRING), ' threes among ', CAST(fg_makes AS STRING), ' field goals')
      WHEN points <> 2 * (fg_makes - three_pt_makes) + 3 * three_pt_makes + ft_makes
        THEN CONCAT(CAST(points AS STRING), ' points, but the makes give ',
          CAST(2 * (fg_makes - three_pt_makes) + 3 * three_pt_makes + ft_makes AS STRING))
      WHEN team_abbr = opponent_team_abbr THEN 'the team is its own opponent'
    END AS problem
  FROM audited
)
SELECT game_date, game_id, 'ERROR' AS severity, player_lookup AS subject, problem, CAST(points AS FLOAT64) AS value
FROM explained
WHERE problem IS NOT NULL
