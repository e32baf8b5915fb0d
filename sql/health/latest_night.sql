-- The latest date up to @last_date on which the schedule lists a game, and the last date that it lists at all.
SELECT MAX(IF(game_date <= @last_date, game_date, NULL)) AS night, MAX(game_date) AS schedule_ends
FROM nba_raw.nbac_schedule
WHERE game_date BETWEEN @first_date AND @horizon
