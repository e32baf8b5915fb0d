-- What play-by-play says of each player who entered a game that has some: his shots by zone, those of his makes that
-- were assisted, his blocks by the zone of the shot, and his usage while on court. Zones are filled where his shots are
-- exactly those of his box score and none is unknown; blocks where they add up to the box score's.
-- plays_on_court_x100 are the plays he ended, team_plays_on_court_x100 those of his team, both while he was on court by
-- the lineup of each event (team_play_by_play says where lineups are known).
WITH shots AS (
  SELECT
    game_id, team_abbr, named_player,
    COUNT(*) AS attempts,
    COUNTIF(is_made) AS makes,
    COUNTIF(zone = 'unknown') AS unknown_attempts,
    COUNTIF(zone = 'three') AS three_attempts,
    COUNTIF(zone = 'three' AND is_made) AS three_makes,
    COUNTIF(zone IN ('rim', 'paint')) AS paint_attempts,
    COUNTIF(zone IN ('rim', 'paint') AND is_made) AS paint_makes,
    COUNTIF(zone = 'rim') AS rim_attempts,
    COUNTIF(zone = 'rim' AND is_made) AS rim_makes,
    COUNTIF(zone = 'mid_range') AS mid_range_attempts,
    COUNTIF(zone = 'mid_range' AND is_made) AS mid_range_makes,
    COUNTIF(is_made AND second_role = 'assist') AS assisted_makes
  FROM game_events
  WHERE event_type = 'shot'
  GROUP BY game_id, team_abbr, named_player
),
shot_sums AS (
  SELECT
    shots.game_id, shots.team_abbr, players.player_lookup,
    SUM(shots.attempts) AS attempts,
    SUM(shots.makes) AS makes,
    SUM(shots.unknown_attempts) AS unknown_attempts,
    SUM(shots.three_attempts) AS three_attempts,
    SUM(shots.three_makes) AS three_makes,
    SUM(shots.paint_attempts) AS paint_attempts,
    SUM(shots.paint_makes) AS paint_makes,
    SUM(shots.rim_attempts) AS rim_attempts,
    SUM(shots.rim_makes) AS rim_makes,
    SUM(shots.mid_range_attempts) AS mid_range_attempts,
    SUM(shots.mid_range_makes) AS mid_range_makes,
    SUM(shots.assisted_makes) AS assisted_makes
  FROM shots
  INNER JOIN event_players AS players
    ON players.game_id = shots.game_id
    AND players.team_abbr = shots.team_abbr
    AND players.named_player = shots.named_player
  GROUP BY shots.game_id, shots.team_abbr, players.player_lookup
),
-- An and-one: a made shot and, at the same clock of the same period, a free throw 1/1 of the same player.
and_one_moments AS (
  SELECT
    game_id, team_abbr, named_player, period, game_clock_seconds,
    LEAST(COUNTIF(event_type = 'shot'), COUNTIF(event_type = 'free throw')) AS and_ones
  FROM game_events
  WHERE (event_type = 'shot' AND is_made) OR (event_type = 'free throw' AND event_subtype = 'free throw 1/1')
  GROUP BY game_id, team_abbr, named_player, period, game_clock_seconds
  HAVING COUNT(*) > 1
),
and_one_sums AS (
  SELECT moment.game_id, moment.team_abbr, players.player_lookup, SUM(moment.and_ones) AS and_ones
  FROM and_one_moments AS moment
  INNER JOIN event_players AS players
    ON players.game_id = moment.game_id
    AND players.team_abbr = moment.team_abbr
    AND players.named_player = moment.named_player
  GROUP BY moment.game_id, moment.team_abbr, players.player_lookup
),
block_sums AS (
  SELECT
    shot.game_id, players.team_abbr, players.player_lookup,
    COUNTIF(shot.zone <> 'unknown') AS blocks,
    COUNTIF(shot.zone IN ('rim', 'paint')) AS paint_blocks,
    COUNTIF(shot.zone = 'mid_range') AS mid_range_blocks,
    COUNTIF(shot.zone = 'three') AS three_pt_blocks
  FROM game_events AS shot
  INNER JOIN event_players AS players
    ON players.game_id = shot.game_id
    AND players.team_abbr = shot.opponent_team_abbr
    AND players.named_player = shot.second_player
  WHERE shot.event_type = 'shot' AND NOT shot.is_made AND shot.second_role = 'block'
  GROUP BY shot.game_id, players.team_abbr, players.player_lookup
),
-- The plays of each lineup, by who ended them; a free throw weighs 0.44. A turnover of the team itself is nobody's
-- play, so the usage of the five on court adds up to the whole.
plays AS (
  SELECT
    game_id, team_abbr, own_lineup, named_player,
    plays_x100(COUNTIF(event_type = 'shot'), COUNTIF(event_type = 'free throw'), COUNTIF(event_type = 'turnover'))
      AS plays_x100
  FROM game_events
  WHERE event_type <> 'rebound' AND own_lineup IS NOT NULL AND named_player IS NOT NULL
  GROUP BY game_id, team_abbr, own_lineup, named_player
),
player_plays AS (
  SELECT
    plays.game_id, plays.team_abbr, plays.own_lineup, players.player_lookup, SUM(plays.plays_x100) AS plays_x100
  FROM plays
  INNER JOIN event_players AS players
    ON players.game_id = plays.game_id
    AND players.team_abbr = plays.team_abbr
    AND players.named_player = plays.named_player
  GROUP BY plays.game_id, plays.team_abbr, plays.own_lineup, players.player_lookup
),
lineup_plays AS (
  SELECT game_id, team_abbr, own_lineup, SUM(plays_x100) AS plays_x100
  FROM plays
  GROUP BY game_id, team_abbr, own_lineup
),
on_court_sums AS (
  SELECT
    lineup.game_id, lineup.team_abbr, players.player_lookup,
    SUM(lineup.plays_x100) AS team_plays_x100,
    SUM(COALESCE(player_plays.plays_x100, 0)) AS plays_x100
  FROM lineup_plays AS lineup
  CROSS JOIN UNNEST(SPLIT(lineup.own_lineup, ',')) AS on_court
  INNER JOIN event_players AS players
    ON players.game_id = lineup.game_id
    AND players.team_abbr = lineup.team_abbr
    AND players.named_player = on_court
  LEFT JOIN player_plays
    ON player_plays.game_id = lineup.game_id
    AND player_plays.team_abbr = lineup.team_abbr
    AND player_plays.own_lineup = lineup.own_lineup
    AND player_plays.player_lookup = players.player_lookup
  GROUP BY lineup.game_id, lineup.team_abbr, players.player_lookup
),
players AS (
  SELECT
    player.game_date, player.game_id, player.team_abbr, player.player_lookup, player.fg_makes,
    COALESCE(
      COALESCE(shot_sums.attempts, 0) = player.fg_attempts AND COALESCE(shot_sums.makes, 0) = player.fg_makes
        AND COALESCE(shot_sums.three_attempts, 0) = player.three_pt_attempts
        AND COALESCE(shot_sums.three_makes, 0) = player.three_pt_makes
        AND COALESCE(shot_sums.unknown_attempts, 0) = 0,
      FALSE
    ) AS is_complete,
    COALESCE(shot_sums.three_attempts, 0) AS three_attempts,
    COALESCE(shot_sums.three_makes, 0) AS three_makes,
    COALESCE(shot_sums.paint_attempts, 0) AS paint_attempts,
    COALESCE(shot_sums.paint_makes, 0) AS paint_makes,
    COALESCE(shot_sums.rim_attempts, 0) AS rim_attempts,
    COALESCE(shot_sums.rim_makes, 0) AS rim_makes,
    COALESCE(shot_sums.mid_range_attempts, 0) AS mid_range_attempts,
    COALESCE(shot_sums.mid_range_makes, 0) AS mid_range_makes,
    COALESCE(shot_sums.assisted_makes, 0) AS assisted_makes,
    COALESCE(and_one_sums.and_ones, 0) AS and_ones,
    COALESCE(COALESCE(block_sums.blocks, 0) = player.blocks, FALSE) AS has_all_blocks,
    COALESCE(block_sums.paint_blocks, 0) AS paint_blocks,
    COALESCE(block_sums.mid_range_blocks, 0) AS mid_range_blocks,
    COALESCE(block_sums.three_pt_blocks, 0) AS three_pt_blocks,
    IF(team.is_on_court_known, on_court_sums.plays_x100, NULL) AS plays_on_court_x100,
    IF(team.is_on_court_known, on_court_sums.team_plays_x100, NULL) AS team_plays_on_court_x100
  FROM player_rows AS player
  INNER JOIN team_play_by_play AS team ON team.game_id = player.game_id AND team.team_abbr = player.team_abbr
  LEFT JOIN shot_sums
    ON shot_sums.game_id = player.game_id AND shot_sums.team_abbr = player.team_abbr
    AND shot_sums.player_lookup = player.player_lookup
  LEFT JOIN and_one_sums
    ON and_one_sums.game_id = player.game_id AND and_one_sums.team_abbr = player.team_abbr
    AND and_one_sums.player_lookup = player.player_lookup
  LEFT JOIN block_sums
    ON block_sums.game_id = player.game_id AND block_sums.team_abbr = player.team_abbr
    AND block_sums.player_lookup = player.player_lookup
  LEFT JOIN on_court_sums
    ON on_court_sums.game_id = player.game_id AND on_court_sums.team_abbr = player.team_abbr
    AND on_court_sums.player_lookup = player.player_lookup
  WHERE player.entered
)
SELECT
  game_date,
  game_id,
  team_abbr,
  player_lookup,
  is_complete AS has_complete_shot_zones,
  IF(is_complete, paint_attempts, NULL) AS paint_attempts,
  IF(is_complete, paint_makes, NULL) AS paint_makes,
  IF(is_complete, rim_attempts, NULL) AS rim_attempts,
  IF(is_complete, rim_makes, NULL) AS rim_makes,
  IF(is_complete, mid_range_attempts, NULL) AS mid_range_attempts,
  IF(is_complete, mid_range_makes, NULL) AS mid_range_makes,
  IF(is_complete, three_attempts, NULL) AS three_attempts,
  IF(is_complete, three_makes, NULL) AS three_makes,
  IF(is_complete, and_ones, NULL) AS and_ones,
  IF(is_complete, assisted_makes, NULL) AS assisted_makes,
  IF(is_complete, fg_makes - assisted_makes, NULL) AS unassisted_makes,
  IF(has_all_blocks, paint_blocks, NULL) AS paint_blocks,
  IF(has_all_blocks, mid_range_blocks, NULL) AS mid_range_blocks,
  IF(has_all_blocks, three_pt_blocks, NULL) AS three_pt_blocks,
  plays_on_court_x100,
  team_plays_on_court_x100
FROM players
