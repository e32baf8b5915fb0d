-- Rows of the schedule that are no games here, and what the latest event said of them: one row per date and id of which
-- either says so. The id is the league's; ours where two games of a date share one of the league's, of which one only can
-- be a game here. A team that plays in that one, or in another of the date, tells a corrected row from a second game.
WITH excluded AS (
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
  GROUP BY 1, 2
),
told AS (
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
FROM excluded
FULL JOIN told ON told.game_date = excluded.game_date AND told.listed_id = excluded.listed_id
WHERE excluded.reason IS NOT NULL OR told.event_type = 'game_excluded'
