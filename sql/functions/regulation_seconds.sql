-- Seconds that the players of one team play together: five are on the floor for every minute of the game.
-- 240 minutes in regulation, 25 more for every overtime.
CREATE TEMP FUNCTION regulation_seconds(overtime_periods INT64) RETURNS INT64 AS (
  5 * 60 * game_minutes(overtime_periods)
);
