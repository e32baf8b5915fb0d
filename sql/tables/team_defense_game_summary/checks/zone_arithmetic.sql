-- Where the opponent's zones are told, they add up to its box score; so do the defending team's blocks by zone.
WITH problems AS (
  SELECT
    game_date, game_id, defending_team_abbr, opp_paint_attempts,
    COALESCE(
      zone_problem(
        opp_rim_makes, opp_rim_attempts, opp_paint_makes, opp_paint_attempts, opp_mid_range_makes,
        opp_mid_range_attempts, opp_three_pt_makes, opp_three_pt_attempts, opp_fg_makes, opp_fg_attempts
      ),
      block_problem(blocks_paint, blocks_mid_range, blocks_three_pt, blocks),
      CASE
        WHEN blocks_rim NOT BETWEEN 0 AND blocks_paint THEN
          CONCAT(CAST(blocks_rim AS STRING), ' blocks at the rim, but ', CAST(blocks_paint AS STRING), ' in the paint')
        WHEN points_in_paint_allowed <> 2 * opp_paint_makes THEN
          CONCAT(
            CAST(points_in_paint_allowed AS STRING), ' points of ', CAST(opp_paint_makes AS STRING),
            ' makes in the paint'
          )
        WHEN mid_range_points_allowed <> 2 * opp_mid_range_makes THEN
          CONCAT(
            CAST(mid_range_points_allowed AS STRING), ' points of ', CAST(opp_mid_range_makes AS STRING),
            ' mid-range makes'
          )
      END
    ) AS problem
  FROM audited
)
SELECT
  game_date, game_id, 'ERROR' AS severity, defending_team_abbr AS subject, problem,
  CAST(opp_paint_attempts AS FLOAT64) AS value
FROM problems
WHERE problem IS NOT NULL
