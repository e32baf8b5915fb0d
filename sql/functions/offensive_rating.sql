-- Offensive rating: points per 100 possessions, two decimals. NULL without possessions.
CREATE TEMP FUNCTION offensive_rating(points INT64, possessions_x100 INT64) RETURNS FLOAT64 AS (
  round_ratio(100 * 100 * points, possessions_x100, 100)
);
