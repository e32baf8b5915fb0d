-- Events older than @keep_since, except the latest of its kind for each table, date and game. The event that says what
-- state a game is in (excluded, incomplete) is never deleted, or it would be sent again. The date counts because a
-- league id may stand for two dates.
SELECT event_id
FROM (
  SELECT
    event_id,
    event_timestamp,
    ROW_NUMBER() OVER (
      PARTITION BY table_name, game_date, game_id, event_type ORDER BY event_timestamp DESC, event_id DESC
    ) AS age
  FROM nba_phase3.data_quality_events
  WHERE game_date BETWEEN @start_date AND @end_date
) AS events
WHERE event_timestamp < @keep_since AND age > 1
