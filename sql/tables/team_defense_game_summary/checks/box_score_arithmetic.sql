-- Makes never exceed attempts, nor threes the field goals; points are what the makes give; margins are the difference in
-- points and sum to 0, the winner is the one ahead; points equal the schedule's final score; both teams played
-- the same overtimes; a team is not its own opponent.
WITH judged AS (
  SELECT
    audited.*,
    game.opponent_final_score AS final_score,
    SUM(margin_of_victory) OVER (PARTITION BY audited.game_id) AS margin_sum,
    COUNTIF(win_flag) OVER (PARTITION BY audited.game_id) AS winners,
    SUM(points_allowed) OVER (PARTITION BY audited.game_id) - 2 * points_allowed AS point_difference,
    COUNT(*) OVER (PARTITION BY audited.game_id) AS team_rows,
    MAX(overtime_periods) OVER (PARTITION BY audited.game_id) AS game_overtimes
  FROM audited
  LEFT JOIN team_games AS game
    ON game.game_date = audited.game_date AND game.team_abbr = audited.defending_team_abbr
),
explained AS (
  SELECT
    *,
    CASE
      WHEN opp_fg_makes > opp_fg_attempts THEN CONCAT(CAST(opp_fg_makes AS STRING), ' field goals of ', CAST(opp_fg_attempts AS STRING), ' attempts')
      WHEN opp_three_pt_makes > opp_three_pt_attempts THEN CONCAT(CAST(opp_three_pt_makes AS STRING), ' threes of ', CAST(opp_three_pt_attempts AS STRING), ' attempts')
      WHEN opp_ft_makes > opp_ft_attempts THEN CONCAT(CAST(opp_ft_makes AS STRING), ' free throws of ', CAST(opp_ft_attempts AS STRING), ' attempts')
      WHEN opp_three_pt_makes > opp_fg_makes THEN CONCAT(CAST(opp_three_pt_makes AS STRING), ' threes among ', CAST(opp_fg_makes AS STRING), ' field goals')
      WHEN points_allowed <> 2 * (opp_fg_makes - opp_three_pt_makes) + 3 * opp_three_pt_makes + opp_ft_makes
        THEN CONCAT(CAST(points_allowed AS STRING), ' points, but the makes give ',
          CAST(2 * (opp_fg_makes - opp_three_pt_makes) + 3 * opp_three_pt_makes + opp_ft_makes AS STRING))
      WHEN points_allowed <> final_score
        THEN CONCAT(CAST(points_allowed AS STRING), ' points, but the schedule says ', CAST(final_score AS STRING))
      WHEN margin_sum <> 0 THEN CONCAT('the two margins sum to ', CAST(margin_sum AS STRING))
      WHEN winners <> 1 THEN CONCAT(CAST(winners AS STRING), ' winners')
      WHEN team_rows = 2 AND margin_of_victory <> point_difference
        THEN CONCAT('margin ', CAST(margin_of_victory AS STRING), ', but the points give ',
          CAST(point_difference AS STRING))
      WHEN overtime_periods <> game_overtimes
        THEN CONCAT(CAST(overtime_periods AS STRING), ' overtimes, but the other team played ',
          CAST(game_overtimes AS STRING))
      WHEN win_flag <> (margin_of_victory > 0) THEN 'the win flag contradicts the margin'
      WHEN defending_team_abbr = opponent_team_abbr THEN 'the team is its own opponent'
    END AS problem
  FROM judged
)
SELECT game_date, game_id, 'ERROR' AS severity, defending_team_abbr AS subject, problem, CAST(points_allowed AS FLOAT64) AS value
FROM explained
WHERE problem IS NOT NULL
