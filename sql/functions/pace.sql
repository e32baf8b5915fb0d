-- Pace: possessions in the minutes of a game without overtime, one decimal.
CREATE TEMP FUNCTION pace(possessions_x100 INT64, overtime_periods INT64) RETURNS FLOAT64 AS (
  round_ratio(game_minutes(0) * possessions_x100, 100 * game_minutes(overtime_periods), 10)
);
