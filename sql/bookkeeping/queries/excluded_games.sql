-- Rows of the schedule that are excluded, and what the latest event said about them: one row per date and id that
-- either of them calls excluded. The id is the league's. Where two games of a date share one of the league's ids, only
-- one of them can be a game for us, and the id of the other is ours. A team that plays in the first, or in another game
-- of the date, shows that such a row is a correction and not a second game.
WITH excluded_rows AS (
  SELECT game_date, nba_game_id AS listed_id, MIN(excluded_because) AS reason
  FROM schedule_rows
  WHERE game_date BETWEEN @start_date AND @end_date
  GROUP BY game_date, nba_game_id
  HAVING COUNTIF(excluded_because IS NULL) = 0
  UNION ALL
  SELECT
    hidden.game_date,
    CONCAT(FORMAT_DATE('%Y%m%d', hidden.game_date), '_', hidden.away_team_abbr, '_', hidden.home_team_abbr),
    MIN(CONCAT('listed under the league id of ', shown.game_id))
  FROM schedule_rows AS hidden
  INNER JOIN scheduled_games AS shown
    ON shown.game_date = hidden.game_date AND shown.nba_game_id = hidden.nba_game_id
  LEFT JOIN scheduled_games AS playing
    ON playing.game_date = hidden.game_date
    AND (
      playing.away_team_abbr IN (hidden.away_team_abbr, hidden.home_team_abbr)
      OR playing.home_team_abbr IN (hidden.away_team_abbr, hidden.home_team_abbr)
    )
  WHERE hidden.excluded_because IS NULL AND playing.game_id IS NULL
  GROUP BY hidden.game_date, hidden.away_team_abbr, hidden.home_team_abbr
),
latest_events AS (
  SELECT game_date, game_id AS listed_id, event_type, description, event_timestamp AS told_at
  FROM nba_phase3.data_quality_events
  WHERE game_date BETWEEN @start_date AND @end_date
    AND event_type IN ('game_excluded', 'game_no_longer_excluded')
  QUALIFY ROW_NUMBER() OVER (PARTITION BY game_date, game_id ORDER BY event_timestamp DESC, event_id DESC) = 1
)
SELECT
  COALESCE(excluded.game_date, told.game_date) AS game_date,
  COALESCE(excluded.listed_id, told.listed_id) AS listed_id,
  excluded.reason,
  IF(told.event_type = 'game_excluded', told.description, NULL) AS told,
  told.told_at
FROM excluded_rows AS excluded
FULL JOIN latest_events AS told
  ON told.game_date = excluded.game_date AND told.listed_id = excluded.listed_id
WHERE excluded.reason IS NOT NULL OR told.event_type = 'game_excluded'
