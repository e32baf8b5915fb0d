-- What games_complete last said about each game, and when: whether it is missing.
SELECT table_name, game_id, event_type = 'game_incomplete' AS is_missing, event_timestamp AS told_at
FROM nba_phase3.data_quality_events
WHERE game_date BETWEEN @start_date AND @end_date
  AND event_type IN ('game_incomplete', 'game_completed')
QUALIFY ROW_NUMBER() OVER (PARTITION BY table_name, game_id ORDER BY event_timestamp DESC, event_id DESC) = 1
