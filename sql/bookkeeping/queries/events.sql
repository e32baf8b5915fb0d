-- Quality events noticed from @since on, oldest first; of one game where @game_id is not empty.
SELECT
  event_id, event_timestamp, event_type, severity, table_name, game_date, game_id, metric_name, metric_value,
  description, details, run_id
FROM nba_phase3.data_quality_events
WHERE game_date >= @first_date
  AND event_timestamp >= @since
  AND (@game_id = '' OR game_id = @game_id)
ORDER BY event_timestamp, event_id
