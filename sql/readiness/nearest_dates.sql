-- The dates with games that are nearest to @day, in one row: the latest one up to @day, the first one after it, and the
-- last one that is known.
-- Games that are called off or moved do not count. The schedules of the seasons around it are read, so that a day
-- between two seasons finds the last game of one and the first of the other.
SELECT
  MAX(IF(game_date <= @day, game_date, NULL)) AS latest_date,
  MIN(IF(game_date > @day, game_date, NULL)) AS next_date,
  MAX(game_date) AS last_date
FROM season_games
WHERE schedule_state <> 'void';
