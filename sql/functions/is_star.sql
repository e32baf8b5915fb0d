-- Whether a player is one whose absence matters: ten games of the season, and in the last ten of them at least 18
-- points a game, or at least 12 in 28 minutes or more.
CREATE TEMP FUNCTION is_star(games INT64, points_last_10 INT64, minutes_x10_last_10 INT64) RETURNS BOOL AS (
  COALESCE(
    games >= 10 AND (points_last_10 >= 180 OR (points_last_10 >= 120 AND minutes_x10_last_10 >= 2800)),
    FALSE
  )
);
