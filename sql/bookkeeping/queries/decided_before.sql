-- The dates before @first_date on which a game was decided: how many, the first and the last; NULL where there is none.
-- The league's first game was on 1946-11-01; both bounds let BigQuery skip partitions.
SELECT COUNT(DISTINCT game_date) AS dates, MIN(game_date) AS first_day, MAX(game_date) AS last_day
FROM nba_phase3.publications
WHERE game_date >= DATE '1946-11-01' AND game_date < @first_date
