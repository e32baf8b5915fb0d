-- Every scheduled game and what the raw rows alone say of it. The published state is derived from this and from the
-- publication records (publishing/survey.py), so it never disagrees with what readers see.
SELECT
  game.game_date,
  game.game_id,
  game.nba_game_id,
  game.season_year,
  game.away_team_abbr,
  game.home_team_abbr,
  CASE
    WHEN game.schedule_state <> 'final' THEN game.schedule_state
    WHEN source.waiting_reason IS NOT NULL THEN 'waiting'
    ELSE 'ready'
  END AS source_state,
  COALESCE(game.void_reason, source.waiting_reason) AS source_reason,
  source.team_source,
  source.player_source,
  source.left_out,
  game.known_until
FROM scheduled_games AS game
LEFT JOIN game_sources AS source ON source.game_id = game.game_id
