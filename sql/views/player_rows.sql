-- The player figures player_game_summary is computed from: every listed player of the ready games, from the source chosen
-- for each game. starter comes from the same-evening rows, which alone know it.
WITH starters AS (
  SELECT game_id, player_lookup, LOGICAL_OR(starter) AS starter
  FROM game_players
  WHERE source = 'nbac_player_boxscores'
  GROUP BY 1, 2
)
SELECT
  player.source, player.game_date, player.game_id, player.player_lookup, player.player_full_name, player.team_abbr,
  player.player_status, player.dnp_reason, starters.starter, player.entered, player.minutes, player.played_seconds,
  player.fg_makes, player.fg_attempts, player.three_pt_makes, player.three_pt_attempts, player.ft_makes,
  player.ft_attempts, player.offensive_rebounds, player.defensive_rebounds, player.rebounds, player.assists,
  player.steals, player.blocks, player.turnovers, player.personal_fouls, player.points,
  player.plus_minus, player.impossible_statistic, player.has_contradictory_rows, player.first_name_of_key,
  player.last_name_of_key, game_sources.gamebook_not_whole, game_sources.players_incomplete
FROM game_players AS player
INNER JOIN game_sources
  ON game_sources.game_id = player.game_id
  AND game_sources.player_source = player.source
  AND game_sources.waiting_reason IS NULL
LEFT JOIN starters
  ON starters.game_id = player.game_id AND starters.player_lookup = player.player_lookup
WHERE player.team_abbr IS NOT NULL
