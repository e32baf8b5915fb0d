-- Every row of the season's schedule, cleaned, and why it is excluded, if it is. Pre-season, all-star and other
-- exhibitions are identified by the league's id, undecided games by a team not named yet. A neutral site is no reason.
-- Rows excluded for any other reason are damaged: nobody can tell what they say.
SELECT
  *,
  CASE
    WHEN SUBSTR(nba_game_id, 1, 3) = '001' THEN 'pre-season'
    WHEN SUBSTR(nba_game_id, 1, 3) = '003' THEN 'all-star'
    WHEN COALESCE(SUBSTR(nba_game_id, 1, 3) NOT IN ('002', '004', '005', '006'), TRUE) THEN 'of no known kind'
    WHEN away_team_abbr IS NULL OR home_team_abbr IS NULL THEN 'teams not decided'
    WHEN NOT (is_team_code(away_team_abbr) AND is_team_code(home_team_abbr)) THEN 'of an unknown team'
    WHEN away_team_abbr = home_team_abbr THEN 'a team against itself'
  END AS excluded_because,
  -- A game in the West may begin after midnight Eastern and keeps its date. A game listed by its date in UTC is
  -- misdated. A tip-off at midnight of the date, in UTC, says no more than the date does.
  COALESCE(
    tip_off <> TIMESTAMP(game_date) AND game_date NOT IN (
      DATE(tip_off, 'America/New_York'), DATE(TIMESTAMP_SUB(tip_off, INTERVAL 5 HOUR), 'America/New_York')
    ),
    FALSE
  ) AS is_misdated
FROM (
  SELECT
    game_date,
    nba_game_id(game_id) AS nba_game_id,
    -- A season is named by the year it starts in, in October.
    EXTRACT(YEAR FROM DATE_SUB(game_date, INTERVAL 9 MONTH)) AS season_year,
    team_code(away_team_tricode) AS away_team_abbr,
    team_code(home_team_tricode) AS home_team_abbr,
    -- A time more than a year away from the date (1970, the year 1) stands for an unknown tip-off: no season is that
    -- long.
    IF(
      game_date_est BETWEEN TIMESTAMP(DATE_SUB(game_date, INTERVAL 366 DAY))
        AND TIMESTAMP(DATE_ADD(game_date, INTERVAL 366 DAY)),
      game_date_est, NULL
    ) AS tip_off,
    COALESCE(game_status, 0) AS game_status,
    COALESCE(LOWER(TRIM(game_status_text)), '') AS status_text,
    away_team_score AS away_score,
    home_team_score AS home_score,
    NULLIF(TRIM(arena_name), '') AS arena_name,
    NULLIF(TRIM(arena_city), '') AS arena_city,
    COALESCE(neutral_site_flag, FALSE) AS is_flagged_neutral,
    processed_at
  FROM nba_raw.nbac_schedule
  WHERE game_date BETWEEN @season_start_date AND @season_end_date
) AS scrapes
