-- Every listed player of the games whose team rows are published. Usage is measured against that published team row.
WITH usage AS (
  SELECT
    player.*,
    plays_x100(player.fg_attempts, player.ft_attempts, player.turnovers) AS plays_x100,
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
  round_ratio(usage.played_seconds, 60, 10) AS minutes_played,
  IF(
    is_usage_above_100(usage.plays_x100, usage.played_seconds, usage.team_plays_x100, usage.game_minutes),
    NULL,
    usage_rate(usage.plays_x100, usage.played_seconds, usage.team_plays_x100, usage.game_minutes, 10)
  ) AS usage_rate,
  usage_rate(usage.plays_x100, usage.played_seconds, usage.team_plays_x100, usage.game_minutes, 100) AS usage_rate_raw,
  IF(
    is_usage_above_100(usage.plays_x100, usage.played_seconds, usage.team_plays_x100, usage.game_minutes),
    IF(is_small_sample(usage.played_seconds), 'small_sample', 'impossible'),
    NULL
  ) AS usage_rate_anomaly_reason,
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
  events.paint_attempts,
  events.paint_makes,
  events.rim_attempts,
  events.rim_makes,
  events.mid_range_attempts,
  events.mid_range_makes,
  events.three_attempts AS three_attempts_pbp,
  events.three_makes AS three_makes_pbp,
  events.and_ones AS and1_count,
  events.assisted_makes AS assisted_fg_makes,
  events.unassisted_makes AS unassisted_fg_makes,
  events.paint_blocks,
  events.mid_range_blocks,
  events.three_pt_blocks,
  events.has_complete_shot_zones,
  round_ratio(100 * events.plays_on_court_x100, events.team_plays_on_court_x100, 10) AS usage_rate_on_court,
  CASE
    WHEN usage.players_incomplete IS NOT NULL THEN 'bronze'
    WHEN usage.source = 'nbac_gamebook_player_stats' THEN 'gold'
    ELSE 'silver'
  END AS quality_tier,
  ARRAY_CONCAT(
    usage.team_quality_issues,
    -- issue unreadable_minutes: He played, and his minutes cannot be read. Named is what the source has in their place.
    -- The rule unreadable_minutes holds the game back.
    IF(usage.entered AND usage.played_seconds IS NULL,
      [CONCAT('unreadable_minutes=', COALESCE(usage.minutes, 'NULL'))], ARRAY<STRING>[]),
    -- issue impossible_statistic: One of his figures is impossible in a game. Named are the figure and its value. The
    -- rule impossible_statistics holds the game back.
    IF(usage.entered AND usage.impossible_statistic IS NOT NULL,
      [CONCAT('impossible_statistic=', usage.impossible_statistic)], ARRAY<STRING>[]),
    -- issue contradictory_rows: One load of the source has two rows of him that differ, and nobody can tell which is
    -- true. The rule contradictory_rows holds the game back.
    IF(usage.has_contradictory_rows, ['contradictory_rows'], ARRAY<STRING>[]),
    -- issue gamebook_not_whole: The gamebook of the game is there and is not believed, so that its players come from
    -- the same-evening rows, with whole minutes. Named is the figure in which it contradicts itself or another source.
    IF(usage.gamebook_not_whole IS NULL, ARRAY<STRING>[], [CONCAT('gamebook_not_whole=', usage.gamebook_not_whole)]),
    -- issue players_incomplete: Players of the game are missing in the best source there is. Named are the minutes and
    -- points of each team that nobody has. The players who are there are right.
    IF(usage.players_incomplete IS NULL, ARRAY<STRING>[], [CONCAT('players_incomplete=', usage.players_incomplete)]),
    -- issue key_of_two: Two players have this key in the source, and nobody can tell whose figures these are. Named are
    -- both. The rule names holds the game back.
    IF(player_lookup(usage.first_name_of_key) <> player_lookup(usage.last_name_of_key),
      [CONCAT('key_of_two=', usage.first_name_of_key, ' and ', usage.last_name_of_key)], ARRAY<STRING>[])
  ) AS quality_issues,
  usage.source AS primary_source_used
FROM usage
LEFT JOIN closing_lines AS line
  ON line.game_id = usage.game_id AND line.player_lookup = usage.player_lookup
LEFT JOIN player_play_by_play AS events
  ON events.game_id = usage.game_id AND events.player_lookup = usage.player_lookup
  AND events.team_abbr = usage.team_abbr
