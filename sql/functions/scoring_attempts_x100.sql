-- FGA + 0.44 * FTA in hundredths, so that 0.44 stays a whole number and every figure is exact until its one rounding.
CREATE TEMP FUNCTION scoring_attempts_x100(fg_attempts INT64, ft_attempts INT64) RETURNS INT64 AS (
  100 * fg_attempts + 44 * ft_attempts
);
