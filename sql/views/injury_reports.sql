-- One row per game and player: the latest injury report on him for that date that was out before tip-off. What is left
-- out (injury_report_rows says why) counts as if it were not there.
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
FROM injury_report_rows
WHERE left_out_because IS NULL AND is_in_time
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY game_date, player_lookup
  ORDER BY
    report_date DESC, report_hour DESC, processed_at DESC, injury_status, team_abbr, reason, player_full_name, game_id
) = 1
