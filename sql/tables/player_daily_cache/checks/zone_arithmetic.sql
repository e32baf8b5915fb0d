-- The three zones share out all attempts: their percentages add up to 100, two hundredths of rounding aside. Without a
-- game that has zones there is no figure of them, and no rate is outside 0 to 100.
WITH problems AS (
  SELECT
    game_date, game_id, player_lookup,
    CASE
      WHEN NOT shot_zone_data_available AND (
        paint_rate_last_10 IS NOT NULL OR three_pt_rate_last_10 IS NOT NULL OR mid_range_rate_last_10 IS NOT NULL
        OR assisted_rate_last_10 IS NOT NULL OR primary_scoring_zone IS NOT NULL
      )
        THEN 'a figure of shot zones without a game that has them'
      WHEN (paint_rate_last_10 IS NULL) <> (three_pt_rate_last_10 IS NULL)
        OR (paint_rate_last_10 IS NULL) <> (mid_range_rate_last_10 IS NULL)
        THEN 'a share of one zone and none of another'
      WHEN ABS(paint_rate_last_10 + three_pt_rate_last_10 + mid_range_rate_last_10 - 100) > 0.02
        THEN 'the shares of the zones do not add up to 100'
      WHEN LEAST(paint_rate_last_10, three_pt_rate_last_10, mid_range_rate_last_10) < 0
        OR assisted_rate_last_10 NOT BETWEEN 0 AND 100
        THEN 'a share outside 0 to 100'
      WHEN primary_scoring_zone NOT IN ('paint', 'mid_range', 'perimeter')
        THEN CONCAT('unknown zone ', primary_scoring_zone)
      WHEN primary_scoring_zone = 'paint' AND paint_rate_last_10 = 0
        OR primary_scoring_zone = 'mid_range' AND mid_range_rate_last_10 = 0
        OR primary_scoring_zone = 'perimeter' AND three_pt_rate_last_10 = 0
        THEN CONCAT('scores from ', primary_scoring_zone, ' without an attempt')
    END AS problem
  FROM audited
)
SELECT
  game_date, game_id, 'ERROR' AS severity, player_lookup AS subject, problem, CAST(NULL AS FLOAT64) AS value
FROM problems
WHERE problem IS NOT NULL
