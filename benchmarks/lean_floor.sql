-- The lean floor: the leanest statements we know that fill the three summaries with the cells that ours have for the
-- real box scores. Whatever those rows never do is left out: sources that contradict each other, players traded on a
-- day, codes and names spelt otherwise, rows that come twice. Nothing is judged, audited, compared, kept or recorded.
-- benchmarks/lean_floor.py runs this on DuckDB over some dates and counts the rows that differ from the published ones.
CREATE OR REPLACE TEMP MACRO ratio(numerator, denominator, scale) AS
  CASE WHEN denominator > 0 THEN (2 * scale * numerator + denominator) // (2 * denominator) / scale::DOUBLE END;

CREATE OR REPLACE TEMP TABLE team_offense_game_summary AS
WITH team AS (
  SELECT
    *,
    greatest(0, (2 * (60 * split_part(minutes, ':', 1)::BIGINT - 14400) + 1500) // 3000) AS overtimes,
    100 * fg_attempted + 44 * ft_attempted AS shots_x100
  FROM nba_raw.nbac_team_boxscore
  WHERE game_date BETWEEN @start_date AND @end_date
)
SELECT
  team.game_id, team.nba_game_id, team.game_date, team.team_abbr, opponent.team_abbr AS opponent_team_abbr,
  team.season_year, team.points AS points_scored, team.fg_attempted AS fg_attempts, team.fg_made AS fg_makes,
  team.three_pt_attempted AS three_pt_attempts, team.three_pt_made AS three_pt_makes, team.ft_attempted AS ft_attempts,
  team.ft_made AS ft_makes, team.total_rebounds AS rebounds, team.offensive_rebounds, team.defensive_rebounds,
  team.assists, team.steals, team.blocks, team.turnovers, team.personal_fouls,
  (team.shots_x100 + 100 * (team.turnovers - team.offensive_rebounds)) // 100 AS possessions,
  ratio(10000 * team.points, team.shots_x100 + 100 * (team.turnovers - team.offensive_rebounds), 100)
    AS offensive_rating,
  ratio(48 * (team.shots_x100 + 100 * (team.turnovers - team.offensive_rebounds)), 100 * (48 + 5 * team.overtimes), 10)
    AS pace,
  ratio(100 * team.points, 2 * team.shots_x100, 1000) AS ts_pct,
  ratio(2 * team.fg_made + team.three_pt_made, 2 * team.fg_attempted, 1000) AS efg_pct,
  team.is_home AS home_game, team.points > opponent.points AS win_flag,
  team.points - opponent.points AS margin_of_victory, team.overtimes AS overtime_periods,
  NULL AS team_paint_attempts, NULL AS team_paint_makes, NULL AS team_rim_attempts, NULL AS team_rim_makes,
  NULL AS team_mid_range_attempts, NULL AS team_mid_range_makes, NULL AS points_in_paint_scored,
  NULL AS possessions_pbp, 'gold' AS quality_tier, []::VARCHAR[] AS quality_issues,
  'nbac_team_boxscore' AS primary_source_used
FROM team
JOIN team AS opponent ON opponent.game_id = team.game_id AND opponent.team_abbr <> team.team_abbr;

CREATE OR REPLACE TEMP TABLE team_defense_game_summary AS
SELECT
  own.game_id, own.nba_game_id, own.game_date, own.team_abbr AS defending_team_abbr, own.opponent_team_abbr,
  own.season_year, opponent.points_scored AS points_allowed, opponent.fg_attempts AS opp_fg_attempts,
  opponent.fg_makes AS opp_fg_makes, opponent.three_pt_attempts AS opp_three_pt_attempts,
  opponent.three_pt_makes AS opp_three_pt_makes, opponent.ft_attempts AS opp_ft_attempts,
  opponent.ft_makes AS opp_ft_makes, opponent.rebounds AS opp_rebounds, opponent.assists AS opp_assists,
  opponent.turnovers AS turnovers_forced, own.personal_fouls AS fouls_committed,
  3 * opponent.three_pt_makes AS three_pt_points_allowed, own.steals, own.blocks, own.defensive_rebounds,
  opponent.offensive_rating AS defensive_rating, opponent.pace AS opponent_pace, opponent.ts_pct AS opponent_ts_pct,
  own.home_game, own.win_flag, own.margin_of_victory, own.overtime_periods, NULL AS opp_paint_attempts,
  NULL AS opp_paint_makes, NULL AS opp_rim_attempts, NULL AS opp_rim_makes, NULL AS opp_mid_range_attempts,
  NULL AS opp_mid_range_makes, NULL AS points_in_paint_allowed, NULL AS mid_range_points_allowed, NULL AS blocks_paint,
  NULL AS blocks_rim, NULL AS blocks_mid_range, NULL AS blocks_three_pt, own.quality_tier, own.quality_issues,
  own.primary_source_used
FROM team_offense_game_summary AS own
JOIN team_offense_game_summary AS opponent
  ON opponent.game_id = own.game_id AND opponent.team_abbr = own.opponent_team_abbr;

CREATE OR REPLACE TEMP TABLE player_game_summary AS
WITH player AS (
  SELECT
    * REPLACE (nullif(trim(dnp_reason), '') AS dnp_reason),
    player_status = 'active' AS entered,
    60 * split_part(minutes, ':', 1)::BIGINT + split_part(minutes, ':', 2)::BIGINT AS seconds,
    100 * field_goals_attempted + 44 * free_throws_attempted AS shots_x100
  FROM nba_raw.nbac_gamebook_player_stats
  WHERE game_date BETWEEN @start_date AND @end_date
),
-- Five games of 2026 lack players, ten minutes and more of one team.
incomplete AS (
  SELECT
    team.game_id,
    'players_incomplete=' || (300 * (48 + 5 * any_value(team.overtime_periods)) - sum(player.seconds) + 30) // 60
      || ' minutes and ' || any_value(team.points_scored) - sum(player.points) || ' points of ' || team.team_abbr AS issue
  FROM player
  JOIN team_offense_game_summary AS team USING (game_id, team_abbr)
  GROUP BY team.game_id, team.team_abbr
  HAVING 300 * (48 + 5 * any_value(team.overtime_periods)) - sum(player.seconds) > 600
),
-- Two books, all quotes before tip-off. The first book by alphabet counts; of its lines the latest, then the one
-- nearest to the median of all, then the lower. Its earliest is the opening line.
quote AS (
  SELECT DISTINCT game_date, player_lookup, lower(bookmaker) AS book, epoch_us(snapshot_timestamp) AS taken, points_line
  FROM nba_raw.odds_api_player_points_props
  WHERE game_date BETWEEN @start_date AND @end_date
),
line AS (
  SELECT
    game_date, player_lookup, min(book) AS book,
    min_by(points_line, (book, -taken, abs(points_line - middle), points_line)) AS closing,
    min_by(points_line, (book, taken, abs(points_line - middle), points_line)) AS opening
  FROM quote
  JOIN (SELECT game_date, player_lookup, median(points_line) AS middle FROM quote GROUP BY ALL) AS medians
    USING (game_date, player_lookup)
  GROUP BY ALL
),
starter AS (
  SELECT game_id, player_lookup, bool_or(starter) AS starter
  FROM nba_raw.nbac_player_boxscores
  WHERE game_date BETWEEN @start_date AND @end_date
  GROUP BY ALL
),
usage AS (
  SELECT
    player.*, team.nba_game_id, team.season_year AS season, team.opponent_team_abbr, team.home_game, team.win_flag,
    60 * (48 + 5 * team.overtime_periods) * (player.shots_x100 + 100 * player.turnovers) AS plays,
    player.seconds * (100 * team.fg_attempts + 44 * team.ft_attempts + 100 * team.turnovers) AS team_plays
  FROM player
  JOIN team_offense_game_summary AS team USING (game_id, team_abbr)
)
SELECT
  usage.player_lookup, NULL AS universal_player_id, usage.player_name AS player_full_name, usage.game_id,
  usage.nba_game_id, usage.game_date, usage.season AS season_year, usage.team_abbr, usage.opponent_team_abbr,
  usage.home_game, usage.points, usage.assists, usage.offensive_rebounds, usage.defensive_rebounds, usage.steals,
  usage.blocks, usage.turnovers, usage.field_goals_attempted AS fg_attempts, usage.field_goals_made AS fg_makes,
  usage.three_pointers_attempted AS three_pt_attempts, usage.three_pointers_made AS three_pt_makes,
  usage.free_throws_attempted AS ft_attempts, usage.free_throws_made AS ft_makes, usage.plus_minus,
  usage.personal_fouls, ratio(usage.seconds, 60, 10) AS minutes_played,
  CASE WHEN usage.plays <= usage.team_plays THEN ratio(100 * usage.plays, usage.team_plays, 10) END AS usage_rate,
  ratio(100 * usage.plays, usage.team_plays, 100) AS usage_rate_raw,
  CASE WHEN usage.plays > usage.team_plays AND usage.seconds < 180 THEN 'small_sample'
    WHEN usage.plays > usage.team_plays THEN 'impossible' END AS usage_rate_anomaly_reason,
  ratio(100 * usage.points, 2 * usage.shots_x100, 1000) AS ts_pct,
  ratio(2 * usage.field_goals_made + usage.three_pointers_made, 2 * usage.field_goals_attempted, 1000) AS efg_pct,
  starter.starter AS starter_flag, usage.win_flag, line.closing AS points_line, line.book AS points_line_source,
  line.opening AS opening_line, line.book AS opening_line_source, line.closing - line.opening AS line_movement,
  CASE WHEN usage.points > line.closing THEN 'OVER' WHEN usage.points < line.closing THEN 'UNDER'
    WHEN usage.points = line.closing THEN 'PUSH' END AS over_under_result,
  usage.points - line.closing AS margin, usage.entered AS is_active, NOT usage.entered AS is_dnp,
  usage.player_status, usage.dnp_reason,
  CASE
    WHEN usage.dnp_reason IS NULL THEN NULL
    WHEN regexp_matches(lower(usage.dnp_reason), 'injury|illness|recondition') THEN 'injury'
    WHEN lower(usage.dnp_reason) LIKE '%coach%' THEN 'coach_decision'
    WHEN lower(usage.dnp_reason) LIKE '%personal%' THEN 'personal'
    WHEN regexp_matches(lower(usage.dnp_reason), '\brest\b') THEN 'rest'
    ELSE 'other'
  END AS dnp_reason_category,
  NULL AS paint_attempts, NULL AS paint_makes, NULL AS rim_attempts, NULL AS rim_makes, NULL AS mid_range_attempts,
  NULL AS mid_range_makes, NULL AS three_attempts_pbp, NULL AS three_makes_pbp, NULL AS and1_count,
  NULL AS assisted_fg_makes, NULL AS unassisted_fg_makes, NULL AS paint_blocks, NULL AS mid_range_blocks,
  NULL AS three_pt_blocks, NULL AS has_complete_shot_zones, NULL AS usage_rate_on_court,
  if(incomplete.issue IS NULL, 'gold', 'bronze') AS quality_tier,
  if(incomplete.issue IS NULL, []::VARCHAR[], [incomplete.issue]) AS quality_issues,
  'nbac_gamebook_player_stats' AS primary_source_used
FROM usage
LEFT JOIN line ON line.game_date = usage.game_date AND line.player_lookup = usage.player_lookup
LEFT JOIN starter ON starter.game_id = usage.game_id AND starter.player_lookup = usage.player_lookup
LEFT JOIN incomplete ON incomplete.game_id = usage.game_id;
