-- Over the last 30 days, no column that should vary is the same in every row, or newly NULL in all of them.
-- Judged on dates with games, once @not_constant_rows rows are in the window.
WITH daily_columns AS (
  SELECT
    daily.game_date, daily.game_id, daily.row_count,
    statistics.column_name, statistics.lowest, statistics.highest, statistics.filled
  FROM daily_statistics AS daily
  CROSS JOIN UNNEST(daily.columns) AS statistics
),
column_windows AS (
  SELECT
    game_date, game_id, column_name, filled,
    SUM(row_count) OVER recent AS window_rows,
    SUM(filled) OVER recent AS window_filled,
    MIN(lowest) OVER recent AS lowest,
    MAX(highest) OVER recent AS highest
  FROM daily_columns
  WINDOW recent AS (
    PARTITION BY column_name ORDER BY UNIX_DATE(game_date)
    RANGE BETWEEN 29 PRECEDING AND CURRENT ROW
  )
)
SELECT
  game_date, game_id, 'WARN' AS severity, column_name AS subject,
  IF(filled = 0, 'newly NULL in every row of the date', CONCAT('the same in every row: ', lowest)) AS problem,
  CAST(window_filled AS FLOAT64) AS value
FROM column_windows
WHERE game_date BETWEEN @start_date AND @end_date
  AND window_rows >= @not_constant_rows
  AND ((filled = 0 AND window_filled > 0) OR (filled > 0 AND lowest = highest))
