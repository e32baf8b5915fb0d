-- Whether the exact usage rate, before any rounding, is above 100: the player ended more plays than the whole team does
-- in as many seconds.
CREATE TEMP FUNCTION is_usage_above_100(
  plays_x100 INT64, seconds INT64, team_plays_x100 INT64, game_minutes INT64
) RETURNS BOOL AS (
  seconds * team_plays_x100 > 0 AND 60 * game_minutes * plays_x100 > seconds * team_plays_x100
);
