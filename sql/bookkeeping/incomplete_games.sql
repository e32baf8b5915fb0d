-- The games of which the latest word on games_complete is that they are missing.
SELECT table_name, game_id
FROM (
  SELECT table_name, game_id, event_type
  FROM nba_phase3.data_quality_events
  WHERE game_date BETWEEN @start_date AND @end_date
    AND event_type IN ('game_incomplete', 'game_completed')
  QUALIFY ROW_NUMBER() OVER (PARTITION BY table_name, game_id ORDER BY event_timestamp DESC, event_id DESC) = 1
) AS latest
WHERE event_type = 'game_incomplete'
