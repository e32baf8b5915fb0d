-- Every row of the injury reports about the games of the range, cleaned, with its game, and why it is left out, if it
-- is. A report of an hour is out when the hour is over, Eastern; one without an hour when its date is. is_in_time says
-- whether that was by tip-off; where the game cannot be told, whether the report is not of a later date.
-- The player's key comes from the full name, or from the original name (Last, First) turned round: the report's own
-- player_lookup lacks letters and is read only where it is all there is.
-- team_abbr is NULL where the report does not name one of the thirty: then matchup says the game, and who reads this
-- resolves the team. Rows of a team that has no game on the date are no one's.
WITH reports AS (
  SELECT
    raw.game_date,
    reported_name(raw.player_full_name, raw.player_name_original) AS player_full_name,
    raw.player_lookup AS reported_lookup,
    team_named(raw.team) AS team_abbr,
    team_code(REGEXP_EXTRACT(raw.matchup, r'^\s*([A-Za-z]+)')) AS one_team,
    team_code(REGEXP_EXTRACT(raw.matchup, r'([A-Za-z]+)\s*$')) AS other_team,
    LOWER(TRIM(raw.injury_status)) AS injury_status,
    NULLIF(TRIM(raw.reason), '') AS reason,
    raw.report_date,
    IF(raw.report_hour BETWEEN 0 AND 23, raw.report_hour, NULL) AS report_hour,
    raw.processed_at
  FROM nba_raw.nbac_injury_report AS raw
  WHERE raw.report_date BETWEEN DATE_SUB(@start_date, INTERVAL 7 DAY) AND @end_date
    AND raw.game_date BETWEEN @start_date AND @end_date
    -- Of each game, whatever the range.
    AND raw.report_date >= DATE_SUB(raw.game_date, INTERVAL 7 DAY)
),
dated_reports AS (
  SELECT
    * EXCEPT (one_team, other_team, reported_lookup),
    COALESCE(player_lookup(player_full_name), player_lookup(reported_lookup)) AS player_lookup,
    IF(team_abbr IS NULL AND one_team <> other_team, one_team, NULL) AS one_team,
    IF(team_abbr IS NULL AND one_team <> other_team, other_team, NULL) AS other_team,
    COALESCE(
      TIMESTAMP(DATETIME_ADD(DATETIME(report_date), INTERVAL report_hour + 1 HOUR), 'America/New_York'),
      TIMESTAMP(DATE_ADD(report_date, INTERVAL 1 DAY), 'America/New_York')
    ) AS known_from
  FROM reports
)
SELECT
  report.game_date,
  game.game_id,
  game.season_year,
  report.player_lookup,
  report.player_full_name,
  report.team_abbr,
  report.injury_status,
  report.reason,
  report.report_date,
  report.report_hour,
  report.known_from,
  report.processed_at,
  known_until(game.tip_off, game.game_date) AS known_until,
  IF(
    game.game_id IS NULL,
    report.report_date <= report.game_date,
    report.known_from <= known_until(game.tip_off, game.game_date)
      AND (report.report_hour IS NOT NULL OR report.report_date < report.game_date)
  ) AS is_in_time,
  CASE
    WHEN NOT COALESCE(is_injury_status(report.injury_status), FALSE)
      THEN CONCAT('unknown status ', COALESCE(NULLIF(report.injury_status, ''), 'NULL'))
    WHEN report.player_lookup IS NULL THEN 'names no player'
    WHEN game.game_id IS NULL THEN 'names neither a team nor a game of the date'
  END AS left_out_because
FROM dated_reports AS report
LEFT JOIN team_games AS game
  ON game.game_date = report.game_date
  AND (
    game.team_abbr = report.team_abbr
    OR (
      game.home_game
      AND report.one_team IN (game.team_abbr, game.opponent_team_abbr)
      AND report.other_team IN (game.team_abbr, game.opponent_team_abbr)
    )
  )
WHERE game.game_id IS NOT NULL OR report.team_abbr IS NULL
