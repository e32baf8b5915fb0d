-- Makes never exceed attempts, nor threes the field goals. Points are what the makes give. A team is not its own
-- opponent.
WITH problems AS (
  SELECT
    game_date, game_id, player_lookup, points,
    COALESCE(
      shooting_problem(points, fg_makes, fg_attempts, three_pt_makes, three_pt_attempts, ft_makes, ft_attempts),
      IF(team_abbr = opponent_team_abbr, 'the team is its own opponent', NULL)
    ) AS problem
  FROM audited
)
SELECT game_date, game_id, 'ERROR' AS severity, player_lookup AS subject, problem, CAST(points AS FLOAT64) AS value
FROM problems
WHERE problem IS NOT NULL
