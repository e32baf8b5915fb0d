-- Pace: possessions in the minutes of a game without overtime, one decimal; of one game, or of sums over several.
CREATE TEMP FUNCTION pace(possessions_x100 INT64, minutes INT64) RETURNS FLOAT64 AS (
  round_ratio(game_minutes(0) * possessions_x100, 100 * minutes, 10)
);
