-- Makes never exceed attempts, nor threes the field goals. Points are what the makes give, and rebounds the offensive
-- and the defensive ones together. The two margins are the difference in points and sum to 0, and the team that is
-- ahead wins. Both teams played the same overtimes. A team is not its own opponent, and had the ball. (The schedule's
-- final score is held against the points by does_not_add_up.)
WITH game_sides AS (
  SELECT
    *,
    SUM(margin_of_victory) OVER (PARTITION BY game_id) AS margin_sum,
    COUNTIF(win_flag) OVER (PARTITION BY game_id) AS winners,
    MAX(overtime_periods) OVER (PARTITION BY game_id) AS game_overtimes,
    IF(
      COUNT(*) OVER (PARTITION BY game_id) = 2,
      2 * points_scored - SUM(points_scored) OVER (PARTITION BY game_id),
      NULL
    ) AS point_difference
  FROM audited
),
problems AS (
  SELECT
    game_date, game_id, team_abbr, points_scored,
    COALESCE(
      shooting_problem(
        points_scored, fg_makes, fg_attempts, three_pt_makes, three_pt_attempts, ft_makes, ft_attempts
      ),
      rebounds_problem(rebounds, offensive_rebounds, defensive_rebounds),
      sides_problem(
        margin_of_victory, win_flag, overtime_periods, margin_sum, winners, game_overtimes, point_difference
      ),
      CASE
        WHEN possessions <= 0 THEN CONCAT(CAST(possessions AS STRING), ' possessions')
        WHEN team_abbr = opponent_team_abbr THEN 'the team is its own opponent'
      END
    ) AS problem
  FROM game_sides
)
SELECT
  game_date, game_id, 'ERROR' AS severity, team_abbr AS subject, problem, CAST(points_scored AS FLOAT64) AS value
FROM problems
WHERE problem IS NOT NULL
