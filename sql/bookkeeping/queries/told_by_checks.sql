-- What the latest event of games_complete, and that of left_out, said about each table and game, and when.
SELECT table_name, game_id, check_name, event_type, description, event_timestamp AS told_at
FROM (
  SELECT
    *,
    IF(event_type IN ('game_incomplete', 'game_completed'), 'games_complete', 'left_out') AS check_name
  FROM nba_phase3.data_quality_events
  WHERE game_date BETWEEN @start_date AND @end_date
    AND event_type IN ('game_incomplete', 'game_completed', 'inputs_left_out', 'inputs_no_longer_left_out')
) AS events
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY table_name, game_id, check_name ORDER BY event_timestamp DESC, event_id DESC
) = 1
