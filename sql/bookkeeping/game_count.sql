-- Rows in the table against rows staged, per game, for exactly the games that one publication wrote: whatever else the
-- date contains is not counted. Returns the games that differ.
SELECT record.game_date, record.game_id, record.row_count AS rows_staged, COUNT(present.game_id) AS rows_present
FROM nba_phase3.publications AS record
LEFT JOIN published_table AS present
  ON present.game_date = record.game_date
  AND present.game_id = record.game_id
  AND present.publication_id = record.publication_id
WHERE record.publication_id = @publication_id
  AND record.outcome = 'published'
  AND record.game_date BETWEEN @start_date AND @end_date
GROUP BY 1, 2, 3
HAVING COUNT(present.game_id) <> record.row_count
