-- The team figures that every table is computed from: two rows per ready game, from the source chosen for that game,
-- and what else is known of that choice (game_sources). dispute is here for the fingerprint alone: no rule reads it,
-- but a game is judged again when it changes.
SELECT
  game.game_date, game.game_id, game.nba_game_id, game.season_year, game.team_abbr, game.opponent_team_abbr,
  game.home_game, game.final_score, figures.source, game_sources.team_contradicted, game_sources.dispute,
  game_sources.home_flag_differs,
  figures.seconds AS team_seconds, figures.fg_makes, figures.fg_attempts, figures.three_pt_makes,
  figures.three_pt_attempts, figures.ft_makes, figures.ft_attempts, figures.offensive_rebounds,
  figures.defensive_rebounds, figures.rebounds, figures.assists, figures.steals, figures.blocks,
  figures.turnovers, figures.personal_fouls, figures.points
FROM source_totals AS figures
INNER JOIN game_sources
  ON game_sources.game_id = figures.game_id
  AND game_sources.team_source = figures.source
  AND game_sources.waiting_reason IS NULL
INNER JOIN team_games AS game
  ON game.game_id = figures.game_id AND game.team_abbr = figures.team_abbr
