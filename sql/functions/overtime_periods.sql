-- Overtimes, from the summed seconds of a team's players. Each overtime adds 1500 seconds (25 minutes) to regulation.
-- The nearest whole number counts, so a few minutes of rounding either way do no harm.
CREATE TEMP FUNCTION overtime_periods(team_seconds INT64) RETURNS INT64 AS (
  GREATEST(0, DIV(2 * (team_seconds - regulation_seconds(0)) + 1500, 3000))
);
