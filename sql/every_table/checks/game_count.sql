-- For exactly the games whose rows a publication wrote: rows in the table per game equal the rows that it recorded, no
-- more and no fewer. What else the date contains is not counted.
WITH recorded AS (
  SELECT game_date, game_id, row_count
  FROM nba_phase3.publications
  WHERE table_name = @table_name AND game_date BETWEEN @start_date AND @end_date
  QUALIFY ROW_NUMBER() OVER (PARTITION BY game_id ORDER BY finished_at DESC, publication_id DESC) = 1
),
present AS (
  SELECT game_date, game_id, COUNT(*) AS row_count
  FROM audited
  GROUP BY 1, 2
)
SELECT
  COALESCE(recorded.game_date, present.game_date) AS game_date,
  COALESCE(recorded.game_id, present.game_id) AS game_id,
  'ERROR' AS severity,
  COALESCE(recorded.game_id, present.game_id) AS subject,
  CONCAT(
    CAST(COALESCE(present.row_count, 0) AS STRING), ' rows, but ',
    IF(recorded.game_id IS NULL, 'no publication wrote any', CONCAT(CAST(recorded.row_count AS STRING), ' were published'))
  ) AS problem,
  CAST(COALESCE(present.row_count, 0) - COALESCE(recorded.row_count, 0) AS FLOAT64) AS value
FROM recorded
FULL JOIN present ON present.game_id = recorded.game_id AND present.game_date = recorded.game_date
WHERE COALESCE(present.row_count, 0) <> COALESCE(recorded.row_count, 0)
