-- Makes never exceed attempts, the rim is a part of the paint, for shots and for blocks. Every percentage is that of
-- its shots, and the sample has one to fifteen games.
WITH problems AS (
  SELECT
    game_date, game_id, team_abbr, paint_fga_allowed,
    COALESCE(
      zone_problem(
        rim_fg_allowed, rim_fga_allowed, paint_fg_allowed, paint_fga_allowed, mid_range_fg_allowed,
        mid_range_fga_allowed, three_pt_fg_allowed, three_pt_fga_allowed, CAST(NULL AS INT64), CAST(NULL AS INT64)
      ),
      CASE
        WHEN blocks_at_rim NOT BETWEEN 0 AND paint_blocks THEN
          CONCAT(
            CAST(blocks_at_rim AS STRING), ' blocks at the rim, but ', CAST(paint_blocks AS STRING), ' in the paint'
          )
        WHEN points_in_paint_allowed <> 2 * paint_fg_allowed THEN
          CONCAT(
            CAST(points_in_paint_allowed AS STRING), ' points of ', CAST(paint_fg_allowed AS STRING),
            ' makes in the paint'
          )
        WHEN games_in_sample NOT BETWEEN 1 AND 15 THEN
          CONCAT(CAST(games_in_sample AS STRING), ' games in a sample of fifteen')
        WHEN paint_fg_pct_allowed <> CAST(round_ratio(paint_fg_allowed, paint_fga_allowed, 1000) AS NUMERIC)
          OR rim_fg_pct_allowed <> CAST(round_ratio(rim_fg_allowed, rim_fga_allowed, 1000) AS NUMERIC)
          OR mid_range_fg_pct_allowed <> CAST(round_ratio(mid_range_fg_allowed, mid_range_fga_allowed, 1000) AS NUMERIC)
          OR three_pt_pct_allowed <> CAST(round_ratio(three_pt_fg_allowed, three_pt_fga_allowed, 1000) AS NUMERIC)
          THEN 'a percentage is not that of its shots'
      END
    ) AS problem
  FROM audited
)
SELECT
  game_date, game_id, 'ERROR' AS severity, team_abbr AS subject, problem, CAST(paint_fga_allowed AS FLOAT64) AS value
FROM problems
WHERE problem IS NOT NULL
