-- One row per game and date that counts here: regular season, play-offs, play-in and cup final, both teams known.
-- The highest game_status wins, then the latest scrape. The league re-uses an nba_game_id when a game is postponed,
-- so an unfinished game whose id is now scheduled on another date is void on this one; hence the whole season is read.
WITH scrapes AS (
  SELECT
    game_date,
    TRIM(game_id) AS nba_game_id,
    season_year,
    team_code(away_team_tricode) AS away_team_abbr,
    team_code(home_team_tricode) AS home_team_abbr,
    game_date_est AS tip_off,
    COALESCE(game_status, 0) AS game_status,
    COALESCE(LOWER(TRIM(game_status_text)), '') AS status_text,
    away_team_score AS away_score,
    home_team_score AS home_score,
    processed_at
  FROM nba_raw.nbac_schedule
  WHERE game_date BETWEEN @season_start_date AND @season_end_date
),
latest AS (
  SELECT *
  FROM scrapes
  WHERE SUBSTR(nba_game_id, 1, 3) IN ('002', '004', '005', '006')
    AND away_team_abbr IS NOT NULL
    AND home_team_abbr IS NOT NULL
    AND away_team_abbr <> home_team_abbr
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY nba_game_id, game_date
    ORDER BY game_status DESC, processed_at DESC, home_score DESC, away_score DESC, status_text, tip_off, home_team_abbr
  ) = 1
),
judged AS (
  SELECT
    *,
    FIRST_VALUE(game_date) OVER (PARTITION BY nba_game_id ORDER BY processed_at DESC, game_date DESC) AS newest_date,
    status_text LIKE 'postponed%' OR status_text LIKE 'ppd%' OR status_text LIKE 'cancel%' AS is_called_off,
    game_status = 3 OR status_text LIKE 'final%' AS is_final
  FROM latest
)
SELECT
  game_date,
  CONCAT(FORMAT_DATE('%Y%m%d', game_date), '_', away_team_abbr, '_', home_team_abbr) AS game_id,
  nba_game_id,
  season_year,
  away_team_abbr,
  home_team_abbr,
  tip_off,
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
FROM judged
WHERE game_date BETWEEN @start_date AND @end_date
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY game_date, LEAST(away_team_abbr, home_team_abbr), GREATEST(away_team_abbr, home_team_abbr)
  ORDER BY is_called_off, is_final DESC, game_status DESC, processed_at DESC, nba_game_id
) = 1
