-- Measurements older than @keep_since of which there is a newer one. The latest figure of a date stays, whatever its
-- age, so that all of history can be plotted.
SELECT table_name, check_name, game_date, metric, recorded_at
FROM (
  SELECT
    table_name,
    check_name,
    game_date,
    metric,
    recorded_at,
    ROW_NUMBER() OVER (PARTITION BY table_name, check_name, game_date, metric ORDER BY recorded_at DESC, run_id) AS age
  FROM nba_phase3.check_results
  WHERE game_date BETWEEN @start_date AND @end_date
) AS results
WHERE recorded_at < @keep_since AND age > 1
