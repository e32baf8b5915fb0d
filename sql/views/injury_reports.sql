-- One row per game and player: the latest injury report on him for that date that was out before the game's tip-off,
-- where it is about this game and not another one of the date. What is left out (injury_report_rows says why) counts as
-- if it were not there.
WITH reports AS (
  SELECT *
  FROM injury_report_rows
  WHERE left_out_because IS NULL AND is_in_time
),
reported_players AS (
  SELECT game_date, game_id, player_lookup, MAX(known_until) AS known_until
  FROM reports
  GROUP BY game_date, game_id, player_lookup
),
latest_reports AS (
  SELECT player.game_id AS before_game_id, report.*
  FROM reported_players AS player
  INNER JOIN reports AS report
    ON report.game_date = player.game_date
    AND report.player_lookup = player.player_lookup
    AND report.known_from <= player.known_until
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY player.game_id, player.player_lookup
    ORDER BY
      report.report_date DESC, report.report_hour DESC, report.processed_at DESC, report.injury_status,
      report.team_abbr, report.reason, report.player_full_name, report.game_id
  ) = 1
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
FROM latest_reports
WHERE game_id = before_game_id
