-- The quality events that are due about dates from @start_date to @end_date: a date that was complete is so no longer,
-- or is so again. What was told last decides whether there is something to tell, so that nothing is told twice, and
-- what a killed run did not tell is told by the next.
SELECT
  TO_HEX(MD5(CONCAT(change.event_type, FORMAT_DATE('%Y%m%d', change.game_date), CAST(UNIX_MICROS(@moment) AS STRING))))
    AS event_id,
  GREATEST(@moment, COALESCE(TIMESTAMP_ADD(change.told_at, INTERVAL 1 MICROSECOND), @moment)) AS event_timestamp,
  change.event_type,
  CAST(NULL AS STRING) AS table_name,
  change.game_date,
  CAST(NULL AS STRING) AS game_id,
  'coverage_percentage' AS metric_name,
  change.coverage_percentage AS metric_value,
  CAST(NULL AS FLOAT64) AS threshold,
  IF(change.event_type = 'date_incomplete', 'WARNING', 'INFO') AS severity,
  CONCAT(
    FORMAT_DATE('%Y-%m-%d', change.game_date),
    IF(change.event_type = 'date_incomplete', ' is no longer complete: ', ' is complete again: '),
    CAST(change.games_complete AS STRING), ' of ', CAST(change.games_expected AS STRING), ' games are in every table',
    COALESCE(CONCAT('; missing: ', change.missing[SAFE_OFFSET(0)]), '')
  ) AS description,
  '[]' AS details,
  @run_id AS run_id
FROM (
  SELECT
    completion.*,
    completion.games_scheduled - completion.games_void - completion.games_waived AS games_expected,
    told.told_at,
    CASE
      WHEN completion.is_complete AND told.event_type = 'date_incomplete' THEN 'date_completed'
      WHEN NOT completion.is_complete
        AND completion.first_complete_at IS NOT NULL
        AND COALESCE(told.event_type, 'date_completed') = 'date_completed'
        THEN 'date_incomplete'
    END AS event_type
  FROM nba_phase3.phase3_completion AS completion
  LEFT JOIN (
    SELECT game_date, event_type, event_timestamp AS told_at
    FROM nba_phase3.data_quality_events
    WHERE game_date BETWEEN @start_date AND @end_date AND event_type IN ('date_incomplete', 'date_completed')
    QUALIFY ROW_NUMBER() OVER (PARTITION BY game_date ORDER BY event_timestamp DESC, event_id DESC) = 1
  ) AS told ON told.game_date = completion.game_date
  WHERE completion.game_date BETWEEN @start_date AND @end_date
) AS change
WHERE change.event_type IS NOT NULL
