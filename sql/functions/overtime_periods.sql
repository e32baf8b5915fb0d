-- Overtimes from a team's summed player minutes (240 in regulation, 25 more for each; a few of rounding either way).
CREATE TEMP FUNCTION overtime_periods(team_seconds INT64) RETURNS INT64 AS (
  GREATEST(0, DIV(2 * (team_seconds - 14400) + 1500, 3000))
);
