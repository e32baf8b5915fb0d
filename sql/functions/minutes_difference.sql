-- By how many minutes the sum of a team's players differs from its game, given the seconds of both.
CREATE TEMP FUNCTION minutes_difference(seconds INT64, regulation_seconds INT64) RETURNS FLOAT64 AS (
  ABS(seconds - regulation_seconds) / 60
);
