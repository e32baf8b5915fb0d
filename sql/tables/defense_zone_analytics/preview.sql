-- Two rows per game of the date for a person to look at, the visitors first: what each team allowed by zone, made and
-- attempted, and where it is strong and weak of late. The UI draws the zones as well.
SELECT
  game_date, game_id, team_abbr, opponent_team_abbr,
  rim_fg_allowed, rim_fga_allowed, paint_fg_allowed, paint_fga_allowed,
  mid_range_fg_allowed, mid_range_fga_allowed, three_pt_fg_allowed, three_pt_fga_allowed,
  paint_pts_allowed_l5, strongest_zone, weakest_zone,
  ROW_NUMBER() OVER (PARTITION BY game_date ORDER BY game_id, home_game, team_abbr) AS place
FROM nba_analytics.defense_zone_analytics
WHERE game_date BETWEEN @start_date AND @end_date
