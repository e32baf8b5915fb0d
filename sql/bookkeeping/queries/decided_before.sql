-- The dates before @first_date on which a game was decided: how many, the first and the last; NULL where there is none.
SELECT COUNT(DISTINCT game_date) AS dates, MIN(game_date) AS first_day, MAX(game_date) AS last_day
FROM nba_phase3.publications
WHERE game_date < @first_date
