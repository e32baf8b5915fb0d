-- What is wrong with blocks by the zone of the shot, in words; NULL where nothing is, or where they are not told.
CREATE TEMP FUNCTION block_problem(
  paint_blocks INT64, mid_range_blocks INT64, three_pt_blocks INT64, blocks INT64
) RETURNS STRING AS (
  CASE
    WHEN paint_blocks + mid_range_blocks + three_pt_blocks <> blocks THEN
      CONCAT(
        'the zones have ', CAST(paint_blocks + mid_range_blocks + three_pt_blocks AS STRING), ' blocks, the box score ',
        CAST(blocks AS STRING)
      )
    WHEN LEAST(paint_blocks, mid_range_blocks, three_pt_blocks) < 0 THEN 'fewer than no blocks in a zone'
  END
);
