-- Rows of the schedule that are no games here, and what the latest event said of them: one row per league id and date of
-- which either says so.
WITH excluded AS (
  SELECT game_date, nba_game_id, MIN(excluded_because) AS reason
  FROM schedule_rows
  WHERE game_date BETWEEN @start_date AND @end_date
  GROUP BY game_date, nba_game_id
  HAVING COUNTIF(excluded_because IS NULL) = 0
),
told AS (
  SELECT game_date, game_id AS nba_game_id, event_type, description, event_timestamp AS told_at
  FROM nba_phase3.data_quality_events
  WHERE game_date BETWEEN @start_date AND @end_date
    AND event_type IN ('game_excluded', 'game_no_longer_excluded')
  QUALIFY ROW_NUMBER() OVER (PARTITION BY game_date, game_id ORDER BY event_timestamp DESC, event_id DESC) = 1
)
SELECT
  COALESCE(excluded.game_date, told.game_date) AS game_date,
  COALESCE(excluded.nba_game_id, told.nba_game_id) AS nba_game_id,
  excluded.reason,
  IF(told.event_type = 'game_excluded', told.description, NULL) AS told,
  told.told_at
FROM excluded
FULL JOIN told ON told.game_date = excluded.game_date AND told.nba_game_id = excluded.nba_game_id
WHERE excluded.reason IS NOT NULL OR told.event_type = 'game_excluded'
