-- Every game has as many rows in the table as the publication that wrote them recorded: no more, no fewer, and none
-- where no publication wrote any. Each game is held against its own record, whatever else the date contains.
WITH recorded_counts AS (
  SELECT game_date, game_id, row_count
  FROM nba_phase3.publications
  WHERE table_name = @table_name AND game_date BETWEEN @start_date AND @end_date
  QUALIFY ROW_NUMBER() OVER (PARTITION BY game_id ORDER BY finished_at DESC, publication_id DESC) = 1
),
present_counts AS (
  SELECT game_date, game_id, COUNT(*) AS row_count
  FROM audited
  GROUP BY game_date, game_id
)
SELECT
  COALESCE(recorded_counts.game_date, present_counts.game_date) AS game_date,
  COALESCE(recorded_counts.game_id, present_counts.game_id) AS game_id,
  'ERROR' AS severity,
  COALESCE(recorded_counts.game_id, present_counts.game_id) AS subject,
  CONCAT(
    CAST(COALESCE(present_counts.row_count, 0) AS STRING), ' rows, but ',
    IF(
      recorded_counts.game_id IS NULL,
      'no publication wrote any',
      CONCAT(CAST(recorded_counts.row_count AS STRING), ' were published')
    )
  ) AS problem,
  CAST(COALESCE(present_counts.row_count, 0) - COALESCE(recorded_counts.row_count, 0) AS FLOAT64) AS value
FROM recorded_counts
FULL JOIN present_counts
  ON present_counts.game_id = recorded_counts.game_id AND present_counts.game_date = recorded_counts.game_date
WHERE COALESCE(present_counts.row_count, 0) <> COALESCE(recorded_counts.row_count, 0)
