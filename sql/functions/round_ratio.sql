-- numerator / denominator, rounded half away from zero to 1 / scale (10 for one decimal, 100 for two).
-- Whole-number arithmetic throughout: the same figure on every engine, ties included. NULL without a positive
-- denominator.
CREATE TEMP FUNCTION round_ratio(numerator INT64, denominator INT64, scale INT64) RETURNS FLOAT64 AS (
  IF(denominator > 0,
    DIV(2 * scale * numerator + SIGN(numerator) * denominator, 2 * denominator) / scale,
    NULL)
);
