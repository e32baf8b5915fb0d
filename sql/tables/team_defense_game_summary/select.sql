-- Two rows per published game, read off team_offense_game_summary: a team's defense is its opponent's offense, so every
-- formula stands there once. Only its blocks by zone come from the events.
SELECT
  own.game_id,
  own.nba_game_id,
  own.game_date,
  own.team_abbr AS defending_team_abbr,
  own.opponent_team_abbr,
  own.season_year,
  opponent.points_scored AS points_allowed,
  opponent.fg_attempts AS opp_fg_attempts,
  opponent.fg_makes AS opp_fg_makes,
  opponent.three_pt_attempts AS opp_three_pt_attempts,
  opponent.three_pt_makes AS opp_three_pt_makes,
  opponent.ft_attempts AS opp_ft_attempts,
  opponent.ft_makes AS opp_ft_makes,
  opponent.rebounds AS opp_rebounds,
  opponent.assists AS opp_assists,
  opponent.turnovers AS turnovers_forced,
  own.personal_fouls AS fouls_committed,
  3 * opponent.three_pt_makes AS three_pt_points_allowed,
  own.steals,
  own.blocks,
  own.defensive_rebounds,
  opponent.offensive_rating AS defensive_rating,
  opponent.pace AS opponent_pace,
  opponent.ts_pct AS opponent_ts_pct,
  own.home_game,
  own.win_flag,
  own.margin_of_victory,
  own.overtime_periods,
  opponent.team_paint_attempts AS opp_paint_attempts,
  opponent.team_paint_makes AS opp_paint_makes,
  opponent.team_rim_attempts AS opp_rim_attempts,
  opponent.team_rim_makes AS opp_rim_makes,
  opponent.team_mid_range_attempts AS opp_mid_range_attempts,
  opponent.team_mid_range_makes AS opp_mid_range_makes,
  opponent.points_in_paint_scored AS points_in_paint_allowed,
  2 * opponent.team_mid_range_makes AS mid_range_points_allowed,
  events.paint_blocks AS blocks_paint,
  events.rim_blocks AS blocks_rim,
  events.mid_range_blocks AS blocks_mid_range,
  events.three_pt_blocks AS blocks_three_pt,
  own.quality_tier,
  own.quality_issues,
  own.primary_source_used
FROM nba_analytics.team_offense_game_summary AS own
INNER JOIN nba_analytics.team_offense_game_summary AS opponent
  ON opponent.game_date = own.game_date
  AND opponent.game_id = own.game_id
  AND opponent.team_abbr = own.opponent_team_abbr
LEFT JOIN team_play_by_play AS events
  ON events.game_id = own.game_id AND events.team_abbr = own.team_abbr
WHERE own.game_date BETWEEN @start_date AND @end_date
  AND opponent.game_date BETWEEN @start_date AND @end_date
