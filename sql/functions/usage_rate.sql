-- Usage: the share of the team's plays that a player ended while on the floor, in percent, rounded to 1 / scale.
-- 100 * plays * game minutes / (player's minutes * team's plays), with both minutes in seconds and both plays in
-- hundredths, so that it is exact until its one rounding. Seconds in place of minutes: hence the 60.
CREATE TEMP FUNCTION usage_rate(
  plays_x100 INT64, seconds INT64, team_plays_x100 INT64, game_minutes INT64, scale INT64
) RETURNS FLOAT64 AS (
  round_ratio(100 * 60 * game_minutes * plays_x100, seconds * team_plays_x100, scale)
);
