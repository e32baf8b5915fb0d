-- The games of the range (season_games has those of the whole season).
SELECT *
FROM season_games
WHERE game_date BETWEEN @start_date AND @end_date
