-- Two rows per ready game, one per team, each beside its opponent's.
WITH team_pairs AS (
  SELECT
    team.*,
    opponent.points AS opponent_points,
    overtime_periods(team.team_seconds) AS overtime_periods,
    events.paint_attempts, events.paint_makes, events.rim_attempts, events.rim_makes, events.mid_range_attempts,
    events.mid_range_makes, events.possessions AS possessions_pbp,
    possessions_x100(team.fg_attempts, team.ft_attempts, team.turnovers, team.offensive_rebounds) AS possessions_x100
  FROM team_rows AS team
  INNER JOIN team_rows AS opponent
    ON opponent.game_id = team.game_id AND opponent.team_abbr = team.opponent_team_abbr
  LEFT JOIN team_play_by_play AS events
    ON events.game_id = team.game_id AND events.team_abbr = team.team_abbr
)
SELECT
  game_id,
  nba_game_id,
  game_date,
  team_abbr,
  opponent_team_abbr,
  season_year,
  points AS points_scored,
  fg_attempts,
  fg_makes,
  three_pt_attempts,
  three_pt_makes,
  ft_attempts,
  ft_makes,
  rebounds,
  offensive_rebounds,
  defensive_rebounds,
  assists,
  steals,
  blocks,
  turnovers,
  personal_fouls,
  DIV(possessions_x100, 100) AS possessions,
  offensive_rating(points, possessions_x100) AS offensive_rating,
  pace(possessions_x100, game_minutes(overtime_periods)) AS pace,
  ts_pct(points, fg_attempts, ft_attempts) AS ts_pct,
  efg_pct(fg_makes, three_pt_makes, fg_attempts) AS efg_pct,
  home_game,
  points > opponent_points AS win_flag,
  points - opponent_points AS margin_of_victory,
  overtime_periods,
  paint_attempts AS team_paint_attempts,
  paint_makes AS team_paint_makes,
  rim_attempts AS team_rim_attempts,
  rim_makes AS team_rim_makes,
  mid_range_attempts AS team_mid_range_attempts,
  mid_range_makes AS team_mid_range_makes,
  2 * paint_makes AS points_in_paint_scored,
  possessions_pbp,
  IF(source = 'nbac_team_boxscore', 'gold', 'silver') AS quality_tier,
  ARRAY_CONCAT(
    -- issue team_rebuilt: The team box score has no rows of the game, or rows that are not believed. The team's figures
    -- are the sums of its players' in the gamebook.
    IF(source = 'nbac_team_boxscore', ARRAY<STRING>[], ['team_rebuilt']),
    -- issue team_contradicted: The team box score is there and is not believed. Named is the figure in which it
    -- contradicts itself, or both the gamebook and the same-evening rows.
    IF(team_contradicted IS NULL, ARRAY<STRING>[], [CONCAT('team_contradicted=', team_contradicted)]),
    -- issue home_flag_differs: A source names another home team than the schedule, whose word counts here. Named are
    -- both teams and the source.
    IF(home_flag_differs IS NULL, ARRAY<STRING>[], [CONCAT('home_flag_differs=', home_flag_differs)])
  ) AS quality_issues,
  source AS primary_source_used
FROM team_pairs
