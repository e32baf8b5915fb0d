-- Events noticed before @keep_since, but for the latest of its kind of each table, date and game: what a game's state is
-- told by (excluded, incomplete) is never forgotten, or it would be told again. A league id may stand for two dates.
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
