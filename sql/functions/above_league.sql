-- By how many percentage points a shooting percentage is above the league's, rounded to 1 / scale. Both are ratios of
-- sums, and their difference is rounded once. NULL without attempts of either.
CREATE TEMP FUNCTION above_league(
  makes INT64, attempts INT64, league_makes INT64, league_attempts INT64, scale INT64
) RETURNS FLOAT64 AS (
  round_ratio(100 * (makes * league_attempts - league_makes * attempts), attempts * league_attempts, scale)
);
