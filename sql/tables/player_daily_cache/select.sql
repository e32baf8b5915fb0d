-- One row per row of upcoming_player_game_context: its figures, two of the team's, and where the player has scored
-- from. Shot zones are those of the latest ten games of the season that he played and that have complete ones.
WITH zone_games AS (
  SELECT
    player_lookup, season_year, game_date,
    paint_attempts, mid_range_attempts, three_attempts_pbp,
    paint_makes, mid_range_makes, three_makes_pbp,
    assisted_fg_makes, assisted_fg_makes + unassisted_fg_makes AS makes_told
  FROM earlier.player_game_summary
  WHERE game_date >= @season_start_date AND NOT is_dnp AND has_complete_shot_zones
),
-- Where he has scored from after each such game, that game included; it holds on every date until the next one.
zones AS (
  SELECT
    player_lookup,
    season_year,
    game_date AS latest_zone_game,
    LEAD(game_date, 1, DATE '9999-12-31') OVER (
      PARTITION BY player_lookup, season_year ORDER BY game_date
    ) AS next_zone_game,
    SUM(paint_attempts) OVER last_10 AS paint_attempts,
    SUM(mid_range_attempts) OVER last_10 AS mid_range_attempts,
    SUM(three_attempts_pbp) OVER last_10 AS three_attempts,
    SUM(paint_attempts + mid_range_attempts + three_attempts_pbp) OVER last_10 AS attempts,
    2 * SUM(paint_makes) OVER last_10 AS paint_points,
    2 * SUM(mid_range_makes) OVER last_10 AS mid_range_points,
    3 * SUM(three_makes_pbp) OVER last_10 AS three_points,
    SUM(assisted_fg_makes) OVER last_10 AS assisted_makes,
    SUM(makes_told) OVER last_10 AS makes_told
  FROM zone_games
  WINDOW last_10 AS (
    PARTITION BY player_lookup, season_year ORDER BY UNIX_DATE(game_date) ROWS BETWEEN 9 PRECEDING AND CURRENT ROW
  )
)
SELECT
  player.game_date AS cache_date,
  player.player_lookup,
  player.universal_player_id,
  player.game_id,
  player.season_year,
  player.team_abbr,
  player.tip_off,
  player.player_status,
  player.points_avg_last_5,
  player.points_avg_last_10,
  player.points_avg_season,
  player.points_std_last_10,
  player.minutes_avg_last_10,
  player.usage_rate_last_10,
  player.ts_pct_last_10,
  player.games_played_season,
  team.pace_last_10 AS team_pace_last_10,
  team.offensive_rating_last_10 AS team_off_rating_last_10,
  player.player_usage_rate_season,
  player.games_in_last_7_days,
  player.games_in_last_14_days,
  player.minutes_in_last_7_days,
  player.minutes_in_last_14_days,
  player.back_to_backs_last_14_days,
  player.avg_minutes_per_game_last_7,
  round_ratio(100 * zones.paint_attempts, zones.attempts, 100) AS paint_rate_last_10,
  round_ratio(100 * zones.three_attempts, zones.attempts, 100) AS three_pt_rate_last_10,
  round_ratio(100 * zones.mid_range_attempts, zones.attempts, 100) AS mid_range_rate_last_10,
  round_ratio(100 * zones.assisted_makes, zones.makes_told, 100) AS assisted_rate_last_10,
  CASE
    WHEN GREATEST(zones.paint_points, zones.mid_range_points, zones.three_points) = 0 THEN NULL
    WHEN zones.paint_points >= GREATEST(zones.mid_range_points, zones.three_points) THEN 'paint'
    WHEN zones.mid_range_points >= zones.three_points THEN 'mid_range'
    WHEN zones.three_points > 0 THEN 'perimeter'
  END AS primary_scoring_zone,
  zones.player_lookup IS NOT NULL AS shot_zone_data_available,
  player.games_played_season < 10 AS early_season_flag,
  player.player_age,
  player.fourth_quarter_minutes_last_7,
  player.latest_game_used,
  player.expected_games_count,
  player.actual_games_count,
  player.missing_games_count,
  player.completeness_percentage,
  player.is_production_ready,
  player.quality_tier,
  player.quality_issues
FROM nba_analytics.upcoming_player_game_context AS player
INNER JOIN nba_analytics.upcoming_team_game_context AS team
  ON team.game_date = player.game_date AND team.game_id = player.game_id AND team.team_abbr = player.team_abbr
LEFT JOIN zones
  ON zones.player_lookup = player.player_lookup
  AND zones.season_year = player.season_year
  AND zones.latest_zone_game < player.game_date
  AND zones.next_zone_game >= player.game_date
WHERE player.game_date BETWEEN @start_date AND @end_date
  AND team.game_date BETWEEN @start_date AND @end_date
