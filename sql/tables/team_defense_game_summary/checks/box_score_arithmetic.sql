-- Makes never exceed attempts, nor threes the field goals. Points are what the makes give, and the schedule's final
-- score. The two margins are the difference in points and sum to 0, and the team that is ahead wins. Both teams played
-- the same overtimes. A team is not its own opponent.
WITH game_sides AS (
  SELECT
    audited.*,
    game.opponent_final_score AS final_score,
    SUM(margin_of_victory) OVER (PARTITION BY audited.game_id) AS margin_sum,
    COUNTIF(win_flag) OVER (PARTITION BY audited.game_id) AS winners,
    MAX(overtime_periods) OVER (PARTITION BY audited.game_id) AS game_overtimes,
    IF(
      COUNT(*) OVER (PARTITION BY audited.game_id) = 2,
      SUM(points_allowed) OVER (PARTITION BY audited.game_id) - 2 * points_allowed,
      NULL
    ) AS point_difference
  FROM audited
  LEFT JOIN team_games AS game
    ON game.game_date = audited.game_date AND game.team_abbr = audited.defending_team_abbr
),
problems AS (
  SELECT
    game_date, game_id, defending_team_abbr, points_allowed,
    COALESCE(
      shooting_problem(
        points_allowed, opp_fg_makes, opp_fg_attempts, opp_three_pt_makes, opp_three_pt_attempts, opp_ft_makes,
        opp_ft_attempts
      ),
      IF(
        points_allowed <> final_score,
        CONCAT(CAST(points_allowed AS STRING), ' points, but the schedule says ', CAST(final_score AS STRING)),
        NULL
      ),
      sides_problem(
        margin_of_victory, win_flag, overtime_periods, margin_sum, winners, game_overtimes, point_difference
      ),
      IF(defending_team_abbr = opponent_team_abbr, 'the team is its own opponent', NULL)
    ) AS problem
  FROM game_sides
)
SELECT
  game_date, game_id, 'ERROR' AS severity, defending_team_abbr AS subject, problem,
  CAST(points_allowed AS FLOAT64) AS value
FROM problems
WHERE problem IS NOT NULL
