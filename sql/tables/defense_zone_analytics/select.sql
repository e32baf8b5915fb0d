-- Two rows per game whose play-by-play is complete for both teams: what each team allowed by zone in this game, against
-- the league before it, and over its latest games of the season with this one. Earlier games count as they are
-- published; one without complete play-by-play of both teams counts nowhere.
-- (What a team allowed in an earlier game is what its opponent's offense did.)
WITH complete_games AS (
  SELECT
    offense.game_date, offense.season_year, offense.opponent_team_abbr AS team_abbr,
    offense.team_paint_attempts AS paint_attempts, offense.team_paint_makes AS paint_makes,
    offense.team_rim_attempts AS rim_attempts, offense.team_rim_makes AS rim_makes,
    offense.team_mid_range_attempts AS mid_range_attempts, offense.team_mid_range_makes AS mid_range_makes,
    offense.three_pt_attempts AS three_attempts, offense.three_pt_makes AS three_makes,
    offense.points_in_paint_scored AS paint_points
  FROM earlier.team_offense_game_summary AS offense
  INNER JOIN earlier.team_offense_game_summary AS other
    ON other.game_date = offense.game_date
    AND other.game_id = offense.game_id
    AND other.team_abbr = offense.opponent_team_abbr
  WHERE offense.team_paint_attempts IS NOT NULL AND other.team_paint_attempts IS NOT NULL
),
team_history AS (
  SELECT
    game.game_id,
    game.team_abbr,
    complete.* EXCEPT (game_date, season_year, team_abbr),
    ROW_NUMBER() OVER (PARTITION BY game.game_id, game.team_abbr ORDER BY complete.game_date DESC) AS recency
  FROM team_games AS game
  INNER JOIN complete_games AS complete
    ON complete.season_year = game.season_year
    AND complete.team_abbr = game.team_abbr
    AND complete.game_date < game.game_date
),
-- With this game, the latest 5, 10 and 15 are the 4, 9 and 14 before it and one more.
team_form AS (
  SELECT
    game_id,
    team_abbr,
    COUNTIF(recency <= 4) AS games_4,
    COUNTIF(recency <= 9) AS games_9,
    COUNTIF(recency <= 14) AS games_14,
    SUM(IF(recency <= 4, paint_points, 0)) AS paint_points_4,
    SUM(IF(recency <= 9, paint_points, 0)) AS paint_points_9,
    SUM(IF(recency <= 14, paint_attempts, 0)) AS paint_attempts_14,
    SUM(IF(recency <= 14, paint_makes, 0)) AS paint_makes_14,
    SUM(IF(recency <= 14, mid_range_attempts, 0)) AS mid_range_attempts_14,
    SUM(IF(recency <= 14, mid_range_makes, 0)) AS mid_range_makes_14,
    SUM(IF(recency <= 4, three_attempts, 0)) AS three_attempts_4,
    SUM(IF(recency <= 4, three_makes, 0)) AS three_makes_4,
    SUM(IF(recency <= 9, three_attempts, 0)) AS three_attempts_9,
    SUM(IF(recency <= 9, three_makes, 0)) AS three_makes_9,
    SUM(IF(recency <= 14, three_attempts, 0)) AS three_attempts_14,
    SUM(IF(recency <= 14, three_makes, 0)) AS three_makes_14
  FROM team_history
  GROUP BY game_id, team_abbr
),
league_dates AS (
  SELECT
    season_year,
    game_date,
    COUNT(*) AS team_rows_of_date,
    SUM(paint_attempts) AS paint_attempts,
    SUM(paint_makes) AS paint_makes,
    SUM(rim_attempts) AS rim_attempts,
    SUM(rim_makes) AS rim_makes,
    SUM(mid_range_attempts) AS mid_range_attempts,
    SUM(mid_range_makes) AS mid_range_makes,
    SUM(three_attempts) AS three_attempts,
    SUM(three_makes) AS three_makes
  FROM complete_games
  GROUP BY season_year, game_date
),
-- Two rows a game: thirty games are sixty rows.
league AS (
  SELECT
    game.game_id,
    game.team_abbr,
    SUM(before.paint_attempts) AS paint_attempts,
    SUM(before.paint_makes) AS paint_makes,
    SUM(before.rim_attempts) AS rim_attempts,
    SUM(before.rim_makes) AS rim_makes,
    SUM(before.mid_range_attempts) AS mid_range_attempts,
    SUM(before.mid_range_makes) AS mid_range_makes,
    SUM(before.three_attempts) AS three_attempts,
    SUM(before.three_makes) AS three_makes
  FROM team_games AS game
  INNER JOIN league_dates AS before
    ON before.season_year = game.season_year AND before.game_date < game.game_date
  GROUP BY game.game_id, game.team_abbr
  HAVING SUM(before.team_rows_of_date) >= 60
),
zones AS (
  SELECT
    own.*,
    league.paint_attempts AS league_paint_attempts,
    league.paint_makes AS league_paint_makes,
    league.rim_attempts AS league_rim_attempts,
    league.rim_makes AS league_rim_makes,
    league.mid_range_attempts AS league_mid_range_attempts,
    league.mid_range_makes AS league_mid_range_makes,
    league.three_attempts AS league_three_attempts,
    league.three_makes AS league_three_makes,
    COALESCE(form.games_4, 0) + 1 AS games_5,
    COALESCE(form.games_9, 0) + 1 AS games_10,
    COALESCE(form.games_14, 0) + 1 AS games_15,
    COALESCE(form.paint_points_4, 0) + own.points_in_paint_allowed AS paint_points_5,
    COALESCE(form.paint_points_9, 0) + own.points_in_paint_allowed AS paint_points_10,
    COALESCE(form.paint_attempts_14, 0) + own.opp_paint_attempts AS paint_attempts_15,
    COALESCE(form.paint_makes_14, 0) + own.opp_paint_makes AS paint_makes_15,
    COALESCE(form.mid_range_attempts_14, 0) + own.opp_mid_range_attempts AS mid_range_attempts_15,
    COALESCE(form.mid_range_makes_14, 0) + own.opp_mid_range_makes AS mid_range_makes_15,
    COALESCE(form.three_attempts_4, 0) + own.opp_three_pt_attempts AS three_attempts_5,
    COALESCE(form.three_makes_4, 0) + own.opp_three_pt_makes AS three_makes_5,
    COALESCE(form.three_attempts_9, 0) + own.opp_three_pt_attempts AS three_attempts_10,
    COALESCE(form.three_makes_9, 0) + own.opp_three_pt_makes AS three_makes_10,
    COALESCE(form.three_attempts_14, 0) + own.opp_three_pt_attempts AS three_attempts_15,
    COALESCE(form.three_makes_14, 0) + own.opp_three_pt_makes AS three_makes_15
  FROM nba_analytics.team_defense_game_summary AS own
  INNER JOIN nba_analytics.team_defense_game_summary AS other
    ON other.game_date = own.game_date
    AND other.game_id = own.game_id
    AND other.defending_team_abbr = own.opponent_team_abbr
  LEFT JOIN team_form AS form ON form.game_id = own.game_id AND form.team_abbr = own.defending_team_abbr
  LEFT JOIN league ON league.game_id = own.game_id AND league.team_abbr = own.defending_team_abbr
  WHERE own.game_date BETWEEN @start_date AND @end_date
    AND other.game_date BETWEEN @start_date AND @end_date
    AND own.opp_paint_attempts IS NOT NULL
    AND other.opp_paint_attempts IS NOT NULL
),
compared AS (
  SELECT
    *,
    above_league(paint_makes_15, paint_attempts_15, league_paint_makes, league_paint_attempts, 10000) AS paint_gap,
    above_league(
      mid_range_makes_15, mid_range_attempts_15, league_mid_range_makes, league_mid_range_attempts, 10000
    ) AS mid_range_gap,
    above_league(three_makes_15, three_attempts_15, league_three_makes, league_three_attempts, 10000) AS three_gap
  FROM zones
)
SELECT
  game_id,
  nba_game_id,
  game_date,
  defending_team_abbr AS team_abbr,
  opponent_team_abbr,
  season_year,
  home_game,
  opp_paint_attempts AS paint_fga_allowed,
  opp_paint_makes AS paint_fg_allowed,
  round_ratio(opp_paint_makes, opp_paint_attempts, 1000) AS paint_fg_pct_allowed,
  above_league(opp_paint_makes, opp_paint_attempts, league_paint_makes, league_paint_attempts, 100)
    AS paint_fg_pct_vs_league_avg,
  opp_rim_attempts AS rim_fga_allowed,
  opp_rim_makes AS rim_fg_allowed,
  round_ratio(opp_rim_makes, opp_rim_attempts, 1000) AS rim_fg_pct_allowed,
  above_league(opp_rim_makes, opp_rim_attempts, league_rim_makes, league_rim_attempts, 100)
    AS rim_fg_pct_vs_league_avg,
  opp_mid_range_attempts AS mid_range_fga_allowed,
  opp_mid_range_makes AS mid_range_fg_allowed,
  round_ratio(opp_mid_range_makes, opp_mid_range_attempts, 1000) AS mid_range_fg_pct_allowed,
  above_league(opp_mid_range_makes, opp_mid_range_attempts, league_mid_range_makes, league_mid_range_attempts, 100)
    AS mid_range_fg_pct_vs_league_avg,
  opp_three_pt_attempts AS three_pt_fga_allowed,
  opp_three_pt_makes AS three_pt_fg_allowed,
  round_ratio(opp_three_pt_makes, opp_three_pt_attempts, 1000) AS three_pt_pct_allowed,
  above_league(opp_three_pt_makes, opp_three_pt_attempts, league_three_makes, league_three_attempts, 100)
    AS three_pt_fg_pct_vs_league_avg,
  points_in_paint_allowed,
  blocks_rim AS blocks_at_rim,
  blocks_paint AS paint_blocks,
  blocks_mid_range AS mid_range_blocks,
  blocks_three_pt AS three_pt_blocks,
  round_ratio(paint_points_5, games_5, 10) AS paint_pts_allowed_l5,
  round_ratio(paint_points_10, games_10, 10) AS paint_pts_allowed_l10,
  round_ratio(paint_makes_15, paint_attempts_15, 1000) AS paint_fg_pct_allowed_l15,
  round_ratio(mid_range_makes_15, mid_range_attempts_15, 1000) AS mid_range_fg_pct_allowed_l15,
  round_ratio(three_makes_5, three_attempts_5, 1000) AS three_pt_pct_allowed_l5,
  round_ratio(three_makes_10, three_attempts_10, 1000) AS three_pt_pct_allowed_l10,
  round_ratio(three_makes_15, three_attempts_15, 1000) AS three_pt_pct_allowed_l15,
  games_15 AS games_in_sample,
  CASE
    WHEN games_15 < 5 THEN NULL
    WHEN paint_gap = LEAST(paint_gap, mid_range_gap, three_gap) THEN 'paint'
    WHEN mid_range_gap = LEAST(paint_gap, mid_range_gap, three_gap) THEN 'mid_range'
    WHEN three_gap = LEAST(paint_gap, mid_range_gap, three_gap) THEN 'three_pt'
  END AS strongest_zone,
  CASE
    WHEN games_15 < 5 THEN NULL
    WHEN paint_gap = GREATEST(paint_gap, mid_range_gap, three_gap) THEN 'paint'
    WHEN mid_range_gap = GREATEST(paint_gap, mid_range_gap, three_gap) THEN 'mid_range'
    WHEN three_gap = GREATEST(paint_gap, mid_range_gap, three_gap) THEN 'three_pt'
  END AS weakest_zone,
  quality_tier,
  quality_issues,
  'bigdataball_play_by_play' AS primary_source_used
FROM compared
