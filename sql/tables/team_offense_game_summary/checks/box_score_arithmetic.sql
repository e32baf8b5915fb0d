-- Makes never exceed attempts, nor threes the field goals; points are what the makes give, rebounds what the offensive and
-- defensive ones do; margins are the difference in points and sum to 0, the winner is the one ahead; both teams played the
-- same overtimes; a team is not its own opponent, and had the ball. (The schedule's final score: does_not_add_up.)
WITH judged AS (
  SELECT
    audited.*,
    SUM(margin_of_victory) OVER (PARTITION BY audited.game_id) AS margin_sum,
    COUNTIF(win_flag) OVER (PARTITION BY audited.game_id) AS winners,
    2 * points_scored - SUM(points_scored) OVER (PARTITION BY audited.game_id) AS point_difference,
    COUNT(*) OVER (PARTITION BY audited.game_id) AS team_rows,
    MAX(overtime_periods) OVER (PARTITION BY audited.game_id) AS game_overtimes
  FROM audited
),
explained AS (
  SELECT
    *,
    CASE
      WHEN fg_makes > fg_attempts THEN CONCAT(CAST(fg_makes AS STRING), ' field goals of ', CAST(fg_attempts AS STRING), ' attempts')
      WHEN three_pt_makes > three_pt_attempts THEN CONCAT(CAST(three_pt_makes AS STRING), ' threes of ', CAST(three_pt_attempts AS STRING), ' attempts')
      WHEN ft_makes > ft_attempts THEN CONCAT(CAST(ft_makes AS STRING), ' free throws of ', CAST(ft_attempts AS STRING), ' attempts')
      WHEN three_pt_makes > fg_makes THEN CONCAT(CAST(three_pt_makes AS STRING), ' threes among ', CAST(fg_makes AS STRING), ' field goals')
      WHEN points_scored <> 2 * (fg_makes - three_pt_makes) + 3 * three_pt_makes + ft_makes
        THEN CONCAT(CAST(points_scored AS STRING), ' points, but the makes give ',
          CAST(2 * (fg_makes - three_pt_makes) + 3 * three_pt_makes + ft_makes AS STRING))
      WHEN rebounds <> offensive_rebounds + defensive_rebounds
        THEN CONCAT(CAST(rebounds AS STRING), ' rebounds, but ', CAST(offensive_rebounds AS STRING), ' offensive and ',
          CAST(defensive_rebounds AS STRING), ' defensive')
      WHEN margin_sum <> 0 THEN CONCAT('the two margins sum to ', CAST(margin_sum AS STRING))
      WHEN winners <> 1 THEN CONCAT(CAST(winners AS STRING), ' winners')
      WHEN team_rows = 2 AND margin_of_victory <> point_difference
        THEN CONCAT('margin ', CAST(margin_of_victory AS STRING), ', but the points give ',
          CAST(point_difference AS STRING))
      WHEN overtime_periods <> game_overtimes
        THEN CONCAT(CAST(overtime_periods AS STRING), ' overtimes, but the other team played ',
          CAST(game_overtimes AS STRING))
      WHEN win_flag <> (margin_of_victory > 0) THEN 'the win flag contradicts the margin'
      WHEN possessions <= 0 THEN CONCAT(CAST(possessions AS STRING), ' possessions')
      WHEN team_abbr = opponent_team_abbr THEN 'the team is its own opponent'
    END AS problem
  FROM judged
)
SELECT game_date, game_id, 'ERROR' AS severity, team_abbr AS subject, problem, CAST(points_scored AS FLOAT64) AS value
FROM explained
WHERE problem IS NOT NULL
