-- Where a team's zones are told, they add up to its box score, and two points a make in the paint are its points there.
WITH problems AS (
  SELECT
    game_date, game_id, team_abbr, team_paint_attempts,
    COALESCE(
      zone_problem(
        team_rim_makes, team_rim_attempts, team_paint_makes, team_paint_attempts, team_mid_range_makes,
        team_mid_range_attempts, three_pt_makes, three_pt_attempts, fg_makes, fg_attempts
      ),
      IF(
        points_in_paint_scored <> 2 * team_paint_makes,
        CONCAT(
          CAST(points_in_paint_scored AS STRING), ' points of ', CAST(team_paint_makes AS STRING), ' makes in the paint'
        ),
        NULL
      ),
      IF(possessions_pbp <= 0, CONCAT(CAST(possessions_pbp AS STRING), ' possessions counted'), NULL)
    ) AS problem
  FROM audited
)
SELECT
  game_date, game_id, 'ERROR' AS severity, team_abbr AS subject, problem, CAST(team_paint_attempts AS FLOAT64) AS value
FROM problems
WHERE problem IS NOT NULL
