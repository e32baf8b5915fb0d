-- One row per game and date of the whole season that counts here (schedule_rows says which do not, and why).
-- The highest game_status wins, then the latest scrape. The league re-uses an nba_game_id when a game is postponed,
-- so an unfinished game whose id is now scheduled on another date is void on this one; hence the whole season is read.
WITH latest AS (
  SELECT *
  FROM schedule_rows
  WHERE excluded_because IS NULL
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY nba_game_id, game_date
    ORDER BY
      game_status DESC, processed_at DESC, home_score DESC, away_score DESC, status_text, tip_off,
      TO_JSON_STRING(schedule_rows)
  ) = 1
),
judged AS (
  SELECT
    *,
    status_text LIKE 'postponed%' OR status_text LIKE 'ppd%' OR status_text LIKE 'cancel%' AS is_called_off,
    game_status = 3 OR status_text LIKE 'final%' AS is_final
  FROM latest
),
-- Where a game is listed on another date too, and was not played there, its tip-off may still be that one's.
dated AS (
  SELECT
    * EXCEPT (is_misdated),
    is_misdated AND COUNTIF(is_called_off OR NOT is_final) OVER (PARTITION BY nba_game_id) = 0 AS is_misdated
  FROM judged
),
placed AS (
  SELECT
    *,
    FIRST_VALUE(game_date) OVER (
      PARTITION BY nba_game_id ORDER BY is_misdated, processed_at DESC, game_date DESC
    ) AS newest_date
  FROM dated
)
SELECT
  game_date,
  CONCAT(FORMAT_DATE('%Y%m%d', game_date), '_', away_team_abbr, '_', home_team_abbr) AS game_id,
  nba_game_id,
  season_year,
  season_phase(nba_game_id) AS season_phase,
  away_team_abbr,
  home_team_abbr,
  arena_name,
  arena_city,
  is_flagged_neutral,
  tip_off,
  known_until(tip_off, game_date) AS known_until,
  is_misdated,
  CASE
    WHEN is_called_off THEN 'void'
    WHEN is_final THEN 'final'
    WHEN newest_date <> game_date THEN 'void'
    WHEN game_status = 2 THEN 'live'
    ELSE 'scheduled'
  END AS schedule_state,
  CASE
    WHEN is_called_off THEN status_text
    WHEN is_final THEN NULL
    WHEN newest_date <> game_date THEN CONCAT('moved_to_', FORMAT_DATE('%Y%m%d', newest_date))
  END AS void_reason,
  IF(is_final, away_score, NULL) AS away_score,
  IF(is_final, home_score, NULL) AS home_score
FROM placed
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY game_date, LEAST(away_team_abbr, home_team_abbr), GREATEST(away_team_abbr, home_team_abbr)
  ORDER BY is_called_off, is_final DESC, game_status DESC, processed_at DESC, nba_game_id
) = 1
