-- The columns that should vary. not_constant looks at the lowest and highest value of each, per date, and at how many
-- rows have one: catalog/tables.py makes these statistics from this list and the types of the contract.
SELECT
  paint_fga_allowed, paint_fg_allowed, rim_fga_allowed, mid_range_fga_allowed, three_pt_fga_allowed,
  points_in_paint_allowed, paint_pts_allowed_l5, three_pt_pct_allowed_l15, home_game
FROM nba_analytics.defense_zone_analytics
WHERE game_date BETWEEN @window_start_date AND @end_date
