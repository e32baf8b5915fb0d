-- Every listed player of the games whose team rows are published; usage is measured against that published team row.
-- A statistic of a player who did not enter is NULL; a zero of one who did is a zero.
WITH figures AS (
  SELECT
    player.* EXCEPT (points, assists, offensive_rebounds, defensive_rebounds, steals, blocks, turnovers, fg_attempts, fg_makes, three_pt_attempts, three_pt_makes, ft_attempts, ft_makes, plus_minus, personal_fouls),
    IF(player.entered, player.points, NULL) AS points,
    IF(player.entered, player.assists, NULL) AS assists,
    IF(player.entered, player.offensive_rebounds, NULL) AS offensive_rebounds,
    IF(player.entered, player.defensive_rebounds, NULL) AS defensive_rebounds,
    IF(player.entered, player.steals, NULL) AS steals,
    IF(player.entered, player.blocks, NULL) AS blocks,
    IF(player.entered, player.turnovers, NULL) AS turnovers,
    IF(player.entered, player.fg_attempts, NULL) AS fg_attempts,
    IF(player.entered, player.fg_makes, NULL) AS fg_makes,
    IF(player.entered, player.three_pt_attempts, NULL) AS three_pt_attempts,
    IF(player.entered, player.three_pt_makes, NULL) AS three_pt_makes,
    IF(player.entered, player.ft_attempts, NULL) AS ft_attempts,
    IF(player.entered, player.ft_makes, NULL) AS ft_makes,
    IF(player.entered, player.plus_minus, NULL) AS plus_minus,
    IF(player.entered, player.personal_fouls, NULL) AS personal_fouls,
    team.nba_game_id,
    team.season_year,
    team.opponent_team_abbr,
    team.home_game,
    team.win_flag,
    team.quality_issues AS team_quality_issues,
    game_minutes(team.overtime_periods) AS game_minutes,
    plays_x100(team.fg_attempts, team.ft_attempts, team.turnovers) AS team_plays_x100
  FROM player_rows AS player
  INNER JOIN nba_analytics.team_offense_game_summary AS team
    ON team.game_date = player.game_date AND team.game_id = player.game_id AND team.team_abbr = player.team_abbr
  WHERE team.game_date BETWEEN @start_date AND @end_date
),
-- usage_rate_raw = 100 * plays * game_minutes / (minutes * team_plays), minutes exact: both sides in seconds and hundredths.
usage AS (
  SELECT
    *,
    100 * plays_x100(fg_attempts, ft_attempts, turnovers) * game_minutes * 60 AS usage_numerator,
    IF(entered, played_seconds, NULL) * team_plays_x100 AS usage_denominator
  FROM figures
)
SELECT
  usage.player_lookup,
  CAST(NULL AS STRING) AS universal_player_id,
  usage.player_full_name,
  usage.game_id,
  usage.nba_game_id,
  usage.game_date,
  usage.season_year,
  usage.team_abbr,
  usage.opponent_team_abbr,
  usage.home_game,
  usage.points,
  usage.assists,
  usage.offensive_rebounds,
  usage.defensive_rebounds,
  usage.steals,
  usage.blocks,
  usage.turnovers,
  usage.fg_attempts,
  usage.fg_makes,
  usage.three_pt_attempts,
  usage.three_pt_makes,
  usage.ft_attempts,
  usage.ft_makes,
  usage.plus_minus,
  usage.personal_fouls,
  IF(usage.entered, round_ratio(usage.played_seconds, 60, 10), NULL) AS minutes_played,
  IF(usage.usage_numerator <= 100 * usage.usage_denominator,
    round_ratio(usage.usage_numerator, usage.usage_denominator, 10), NULL) AS usage_rate,
  round_ratio(usage.usage_numerator, usage.usage_denominator, 100) AS usage_rate_raw,
  CASE
    WHEN usage.usage_denominator > 0 AND usage.usage_numerator > 100 * usage.usage_denominator
      THEN IF(usage.played_seconds < 180, 'small_sample', 'impossible')
  END AS usage_rate_anomaly_reason,
  ts_pct(usage.points, usage.fg_attempts, usage.ft_attempts) AS ts_pct,
  efg_pct(usage.fg_makes, usage.three_pt_makes, usage.fg_attempts) AS efg_pct,
  usage.starter AS starter_flag,
  usage.win_flag,
  line.points_line_x100 / 100 AS points_line,
  line.bookmaker AS points_line_source,
  line.opening_line_x100 / 100 AS opening_line,
  line.bookmaker AS opening_line_source,
  (line.points_line_x100 - line.opening_line_x100) / 100 AS line_movement,
  CASE
    WHEN 100 * usage.points > line.points_line_x100 THEN 'OVER'
    WHEN 100 * usage.points < line.points_line_x100 THEN 'UNDER'
    WHEN 100 * usage.points = line.points_line_x100 THEN 'PUSH'
  END AS over_under_result,
  (100 * usage.points - line.points_line_x100) / 100 AS margin,
  usage.player_status = 'active' AS is_active,
  NOT usage.entered AS is_dnp,
  usage.player_status,
  usage.dnp_reason,
  CASE
    WHEN usage.dnp_reason IS NULL THEN NULL
    WHEN REGEXP_CONTAINS(LOWER(usage.dnp_reason), r'injury|illness|recondition') THEN 'injury'
    WHEN REGEXP_CONTAINS(LOWER(usage.dnp_reason), r'coach') THEN 'coach_decision'
    WHEN REGEXP_CONTAINS(LOWER(usage.dnp_reason), r'personal') THEN 'personal'
    WHEN REGEXP_CONTAINS(LOWER(usage.dnp_reason), r'\brest\b') THEN 'rest'
    ELSE 'other'
  END AS dnp_reason_category,
  CAST(NULL AS INT64) AS paint_attempts,
  CAST(NULL AS INT64) AS paint_makes,
  CAST(NULL AS INT64) AS mid_range_attempts,
  CAST(NULL AS INT64) AS mid_range_makes,
  CAST(NULL AS INT64) AS three_attempts_pbp,
  CAST(NULL AS INT64) AS three_makes_pbp,
  CAST(NULL AS INT64) AS and1_count,
  CAST(NULL AS INT64) AS assisted_fg_makes,
  CAST(NULL AS INT64) AS unassisted_fg_makes,
  CAST(NULL AS BOOL) AS has_complete_shot_zones,
  CASE
    WHEN usage.players_incomplete IS NOT NULL THEN 'bronze'
    WHEN usage.source = 'nbac_gamebook_player_stats' THEN 'gold'
    ELSE 'silver'
  END AS quality_tier,
  ARRAY_CONCAT(
    usage.team_quality_issues,
    IF(usage.entered AND usage.played_seconds IS NULL,
      [CONCAT('unreadable_minutes=', COALESCE(usage.minutes, 'NULL'))], ARRAY<STRING>[]),
    IF(usage.entered AND usage.impossible_statistic IS NOT NULL,
      [CONCAT('impossible_statistic=', usage.impossible_statistic)], ARRAY<STRING>[]),
    IF(usage.has_contradictory_rows, ['contradictory_rows'], ARRAY<STRING>[]),
    IF(usage.gamebook_not_whole IS NULL, ARRAY<STRING>[], [CONCAT('gamebook_not_whole=', usage.gamebook_not_whole)]),
    IF(usage.players_incomplete IS NULL, ARRAY<STRING>[], [CONCAT('players_incomplete=', usage.players_incomplete)]),
    IF(player_lookup(usage.first_name_of_key) <> player_lookup(usage.last_name_of_key),
      [CONCAT('key_of_two=', usage.first_name_of_key, ' and ', usage.last_name_of_key)], ARRAY<STRING>[])
  ) AS quality_issues,
  usage.source AS primary_source_used
FROM usage
LEFT JOIN closing_lines AS line
  ON line.game_id = usage.game_id AND line.player_lookup = usage.player_lookup
