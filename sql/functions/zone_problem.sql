-- What is wrong with shots by zone, in words; NULL where nothing is, or where they are not told. Makes never exceed
-- attempts, the rim is a part of the paint, and the zones add up to the box score.
CREATE TEMP FUNCTION zone_problem(
  rim_makes INT64, rim_attempts INT64, paint_makes INT64, paint_attempts INT64, mid_range_makes INT64,
  mid_range_attempts INT64, three_makes INT64, three_attempts INT64, fg_makes INT64, fg_attempts INT64
) RETURNS STRING AS (
  CASE
    WHEN rim_makes NOT BETWEEN 0 AND rim_attempts THEN
      CONCAT(CAST(rim_makes AS STRING), ' of ', CAST(rim_attempts AS STRING), ' shots made at the rim')
    WHEN paint_makes NOT BETWEEN 0 AND paint_attempts THEN
      CONCAT(CAST(paint_makes AS STRING), ' of ', CAST(paint_attempts AS STRING), ' shots made in the paint')
    WHEN mid_range_makes NOT BETWEEN 0 AND mid_range_attempts THEN
      CONCAT(CAST(mid_range_makes AS STRING), ' of ', CAST(mid_range_attempts AS STRING), ' mid-range shots made')
    WHEN three_makes NOT BETWEEN 0 AND three_attempts THEN
      CONCAT(CAST(three_makes AS STRING), ' of ', CAST(three_attempts AS STRING), ' threes made')
    WHEN rim_attempts > paint_attempts OR rim_makes > paint_makes THEN
      CONCAT(CAST(rim_attempts AS STRING), ' shots at the rim, but ', CAST(paint_attempts AS STRING), ' in the paint')
    WHEN paint_attempts + mid_range_attempts + three_attempts <> fg_attempts THEN
      CONCAT(
        'the zones have ', CAST(paint_attempts + mid_range_attempts + three_attempts AS STRING),
        ' shots, the box score ', CAST(fg_attempts AS STRING)
      )
    WHEN paint_makes + mid_range_makes + three_makes <> fg_makes THEN
      CONCAT(
        'the zones have ', CAST(paint_makes + mid_range_makes + three_makes AS STRING), ' makes, the box score ',
        CAST(fg_makes AS STRING)
      )
  END
);
