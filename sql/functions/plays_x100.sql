-- FGA + 0.44 * FTA + TO in hundredths: the plays that a player or a team ended. usage_rate() compares them.
CREATE TEMP FUNCTION plays_x100(fg_attempts INT64, ft_attempts INT64, turnovers INT64) RETURNS INT64 AS (
  scoring_attempts_x100(fg_attempts, ft_attempts) + 100 * turnovers
);
