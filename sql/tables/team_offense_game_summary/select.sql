-- Two rows per ready game, one per team, each beside its opponent's.
WITH team_pairs AS (
  SELECT
    team.*,
    opponent.points AS opponent_points,
    overtime_periods(team.team_seconds) AS overtime_periods,
    possessions_x100(team.fg_attempts, team.ft_attempts, team.turnovers, team.offensive_rebounds) AS possessions_x100
  FROM team_rows AS team
  INNER JOIN team_rows AS opponent
    ON opponent.game_id = team.game_id AND opponent.team_abbr = team.opponent_team_abbr
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
  CAST(NULL AS INT64) AS team_paint_attempts,
  CAST(NULL AS INT64) AS team_paint_makes,
  CAST(NULL AS INT64) AS team_mid_range_attempts,
  CAST(NULL AS INT64) AS team_mid_range_makes,
  CAST(NULL AS INT64) AS points_in_paint_scored,
  IF(source = 'nbac_team_boxscore', 'gold', 'silver') AS quality_tier,
  ARRAY_CONCAT(
    IF(source = 'nbac_team_boxscore', ARRAY<STRING>[], ['team_rebuilt']),
    IF(team_contradicted IS NULL, ARRAY<STRING>[], [CONCAT('team_contradicted=', team_contradicted)]),
    IF(home_flag_differs IS NULL, ARRAY<STRING>[], [CONCAT('home_flag_differs=', home_flag_differs)])
  ) AS quality_issues,
  source AS primary_source_used
FROM team_pairs
