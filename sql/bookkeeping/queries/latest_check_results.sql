-- What the checks measured last; of one table, check or metric where @table_name, @check_name or @metric is not empty.
SELECT
  table_name, check_name, game_date, metric, value, threshold, passed, severity, run_id, recorded_at
FROM nba_phase3.check_results
WHERE game_date BETWEEN @start_date AND @end_date
  AND (@table_name = '' OR table_name = @table_name)
  AND (@check_name = '' OR check_name = @check_name)
  AND (@metric = '' OR metric = @metric)
QUALIFY ROW_NUMBER() OVER (PARTITION BY table_name, check_name, game_date, metric ORDER BY recorded_at DESC, run_id) = 1
