-- The games of the range, a row per team (season_team_games has those of the whole season).
SELECT *
FROM season_team_games
WHERE game_date BETWEEN @start_date AND @end_date
