-- A few rows per date for a person to look at: the teams that allowed least in the paint of late.
SELECT
  game_date, game_id, team_abbr, opponent_team_abbr, paint_fga_allowed, paint_fg_allowed, points_in_paint_allowed,
  paint_pts_allowed_l5, three_pt_pct_allowed_l5, games_in_sample, strongest_zone, weakest_zone,
  ROW_NUMBER() OVER (PARTITION BY game_date ORDER BY paint_pts_allowed_l5, team_abbr) AS place
FROM nba_analytics.defense_zone_analytics
WHERE game_date BETWEEN @start_date AND @end_date
QUALIFY place <= 6
