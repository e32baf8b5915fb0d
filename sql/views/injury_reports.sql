-- One row per game and player: the latest injury report on him for that date that was out before tip-off. A report of
-- an hour is out when the hour is over, Eastern; one without an hour when its date is. A status that is none of the
-- five, and a row whose game cannot be told, is left out.
-- The player's key comes from the full name, or from the original name (Last, First) turned round: the report's own
-- player_lookup lacks letters and is read only where it is all there is.
-- team_abbr is NULL where the report does not name one of the thirty: then matchup says the game, and who reads this
-- resolves the team.
WITH reports AS (
  SELECT
    raw.game_date,
    COALESCE(
      NULLIF(TRIM(raw.player_full_name), ''),
      NULLIF(TRIM(REGEXP_REPLACE(raw.player_name_original, r'^(.*),([^,]*)$', r'\2 \1')), '')
    ) AS player_full_name,
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
    * EXCEPT (player_full_name, reported_lookup),
    player_full_name,
    COALESCE(player_lookup(player_full_name), player_lookup(reported_lookup)) AS player_lookup,
    COALESCE(
      TIMESTAMP(DATETIME_ADD(DATETIME(report_date), INTERVAL report_hour + 1 HOUR), 'America/New_York'),
      TIMESTAMP(DATE_ADD(report_date, INTERVAL 1 DAY), 'America/New_York')
    ) AS known_from
  FROM reports
  WHERE injury_status IN ('out', 'doubtful', 'questionable', 'probable', 'available')
),
reports_of_games AS (
  SELECT game.game_id, game.season_year, game.tip_off, report.*
  FROM dated_reports AS report
  INNER JOIN team_games AS game
    ON game.game_date = report.game_date
    AND (
      game.team_abbr = report.team_abbr
      OR (
        report.team_abbr IS NULL
        AND game.home_game
        AND report.one_team <> report.other_team
        AND report.one_team IN (game.team_abbr, game.opponent_team_abbr)
        AND report.other_team IN (game.team_abbr, game.opponent_team_abbr)
      )
    )
)
SELECT
  game_date,
  game_id,
  season_year,
  player_lookup,
  player_full_name,
  team_abbr,
  injury_status,
  reason,
  report_date,
  known_from
FROM reports_of_games
WHERE player_lookup IS NOT NULL
  AND known_from <= known_until(tip_off, game_date)
  AND (report_hour IS NOT NULL OR report_date < game_date)
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY game_date, player_lookup
  ORDER BY
    report_date DESC, report_hour DESC, processed_at DESC, injury_status, team_abbr, reason, player_full_name, game_id
) = 1
