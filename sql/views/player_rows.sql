-- The player figures that player_game_summary is computed from: every listed player of the ready games, from the source
-- chosen for each game. A statistic of a player who did not enter is NULL; a zero of one who did is a zero.
-- starter comes from the same-evening rows, which alone know it.
WITH starters AS (
  SELECT game_id, player_lookup, LOGICAL_OR(starter) AS starter
  FROM game_players
  WHERE source = 'nbac_player_boxscores'
  GROUP BY game_id, player_lookup
)
SELECT
  player.source, player.game_date, player.game_id, player.player_lookup, player.player_full_name, player.team_abbr,
  player.player_status, player.dnp_reason, starters.starter, player.entered, player.minutes,
  IF(player.entered, player.played_seconds, NULL) AS played_seconds,
  IF(player.entered, player.fg_makes, NULL) AS fg_makes,
  IF(player.entered, player.fg_attempts, NULL) AS fg_attempts,
  IF(player.entered, player.three_pt_makes, NULL) AS three_pt_makes,
  IF(player.entered, player.three_pt_attempts, NULL) AS three_pt_attempts,
  IF(player.entered, player.ft_makes, NULL) AS ft_makes,
  IF(player.entered, player.ft_attempts, NULL) AS ft_attempts,
  IF(player.entered, player.offensive_rebounds, NULL) AS offensive_rebounds,
  IF(player.entered, player.defensive_rebounds, NULL) AS defensive_rebounds,
  IF(player.entered, player.rebounds, NULL) AS rebounds,
  IF(player.entered, player.assists, NULL) AS assists,
  IF(player.entered, player.steals, NULL) AS steals,
  IF(player.entered, player.blocks, NULL) AS blocks,
  IF(player.entered, player.turnovers, NULL) AS turnovers,
  IF(player.entered, player.personal_fouls, NULL) AS personal_fouls,
  IF(player.entered, player.points, NULL) AS points,
  IF(player.entered, player.plus_minus, NULL) AS plus_minus,
  player.impossible_statistic, player.has_contradictory_rows, player.first_name_of_key, player.last_name_of_key,
  game_sources.gamebook_not_whole, game_sources.players_incomplete
FROM game_players AS player
INNER JOIN game_sources
  ON game_sources.game_id = player.game_id
  AND game_sources.player_source = player.source
  AND game_sources.waiting_reason IS NULL
LEFT JOIN starters
  ON starters.game_id = player.game_id AND starters.player_lookup = player.player_lookup
WHERE player.team_abbr IS NOT NULL
