-- The dates nearest to @day that a table has publications of: the latest one before it, and the first one after it.
SELECT
  MAX(IF(game_date < @day, game_date, NULL)) AS latest_date,
  MIN(IF(game_date > @day, game_date, NULL)) AS next_date
FROM nba_phase3.publications
WHERE table_name = @table_name AND game_date BETWEEN @start_date AND @end_date
