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
blocked_shots AS (
  SELECT
    game_id, opponent_team_abbr AS team_abbr, second_player AS named_player,
    COUNTIF(zone <> 'unknown') AS blocks,
    COUNTIF(zone IN ('rim', 'paint')) AS paint_blocks,
    COUNTIF(zone = 'mid_range') AS mid_range_blocks,
    COUNTIF(zone = 'three') AS three_pt_blocks
  FROM game_events
  WHERE event_type = 'shot' AND NOT is_made AND second_role = 'block'
  GROUP BY game_id, opponent_team_abbr, second_player
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
lineup_plays AS (
  SELECT game_id, team_abbr, own_lineup, SUM(plays_x100) AS plays_x100
  FROM plays
  GROUP BY game_id, team_abbr, own_lineup
),
named_counts AS (
  SELECT
    game_id, team_abbr, named_player,
    attempts, makes, unknown_attempts, three_attempts, three_makes, paint_attempts, paint_makes, rim_attempts,
    rim_makes, mid_range_attempts, mid_range_makes, assisted_makes, 0 AS and_ones, 0 AS blocks, 0 AS paint_blocks, 0
    AS mid_range_blocks, 0 AS three_pt_blocks
  FROM shots
  UNION ALL
  SELECT
    game_id, team_abbr, named_player,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, and_ones, 0, 0, 0, 0
  FROM and_one_moments
  UNION ALL
  SELECT
    game_id, team_abbr, named_player,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, blocks, paint_blocks, mid_range_blocks, three_pt_blocks
  FROM blocked_shots
),
player_counts AS (
  SELECT
    counts.game_id, counts.team_abbr, known.player_lookup,
    SUM(counts.attempts) AS attempts,
    SUM(counts.makes) AS makes,
    SUM(counts.unknown_attempts) AS unknown_attempts,
    SUM(counts.three_attempts) AS three_attempts,
    SUM(counts.three_makes) AS three_makes,
    SUM(counts.paint_attempts) AS paint_attempts,
    SUM(counts.paint_makes) AS paint_makes,
    SUM(counts.rim_attempts) AS rim_attempts,
    SUM(counts.rim_makes) AS rim_makes,
    SUM(counts.mid_range_attempts) AS mid_range_attempts,
    SUM(counts.mid_range_makes) AS mid_range_makes,
    SUM(counts.assisted_makes) AS assisted_makes,
    SUM(counts.and_ones) AS and_ones,
    SUM(counts.blocks) AS blocks,
    SUM(counts.paint_blocks) AS paint_blocks,
    SUM(counts.mid_range_blocks) AS mid_range_blocks,
    SUM(counts.three_pt_blocks) AS three_pt_blocks
  FROM named_counts AS counts
  INNER JOIN event_players AS known
    ON known.game_id = counts.game_id
    AND known.team_abbr = counts.team_abbr
    AND known.named_player = counts.named_player
  GROUP BY counts.game_id, counts.team_abbr, known.player_lookup
),
-- The plays of each lineup beside each of its five, and beside who ended them.
named_plays AS (
  SELECT
    lineup.game_id, lineup.team_abbr, lineup.own_lineup, on_court AS named_player, 0 AS plays_x100,
    lineup.plays_x100 AS team_plays_x100
  FROM lineup_plays AS lineup
  CROSS JOIN UNNEST(SPLIT(lineup.own_lineup, ',')) AS on_court
  UNION ALL
  SELECT game_id, team_abbr, own_lineup, named_player, plays_x100, 0
  FROM plays
),
lineup_sums AS (
  SELECT
    plays.game_id, plays.team_abbr, known.player_lookup,
    SUM(plays.plays_x100) AS plays_x100,
    SUM(plays.team_plays_x100) AS team_plays_x100
  FROM named_plays AS plays
  INNER JOIN event_players AS known
    ON known.game_id = plays.game_id
    AND known.team_abbr = plays.team_abbr
    AND known.named_player = plays.named_player
  GROUP BY plays.game_id, plays.team_abbr, known.player_lookup, plays.own_lineup
),
-- A lineup always has a play, so where a player has none of the team's he was not on court.
on_court_sums AS (
  SELECT
    game_id, team_abbr, player_lookup, SUM(plays_x100) AS plays_x100, SUM(team_plays_x100) AS team_plays_x100
  FROM lineup_sums
  WHERE team_plays_x100 > 0
  GROUP BY game_id, team_abbr, player_lookup
),
players AS (
  SELECT
    player.game_date, player.game_id, player.team_abbr, player.player_lookup, player.fg_makes,
    COALESCE(
      COALESCE(counts.attempts, 0) = player.fg_attempts AND COALESCE(counts.makes, 0) = player.fg_makes
        AND COALESCE(counts.three_attempts, 0) = player.three_pt_attempts
        AND COALESCE(counts.three_makes, 0) = player.three_pt_makes
        AND COALESCE(counts.unknown_attempts, 0) = 0,
      FALSE
    ) AS is_complete,
    COALESCE(counts.three_attempts, 0) AS three_attempts,
    COALESCE(counts.three_makes, 0) AS three_makes,
    COALESCE(counts.paint_attempts, 0) AS paint_attempts,
    COALESCE(counts.paint_makes, 0) AS paint_makes,
    COALESCE(counts.rim_attempts, 0) AS rim_attempts,
    COALESCE(counts.rim_makes, 0) AS rim_makes,
    COALESCE(counts.mid_range_attempts, 0) AS mid_range_attempts,
    COALESCE(counts.mid_range_makes, 0) AS mid_range_makes,
    COALESCE(counts.assisted_makes, 0) AS assisted_makes,
    COALESCE(counts.and_ones, 0) AS and_ones,
    COALESCE(COALESCE(counts.blocks, 0) = player.blocks, FALSE) AS has_all_blocks,
    COALESCE(counts.paint_blocks, 0) AS paint_blocks,
    COALESCE(counts.mid_range_blocks, 0) AS mid_range_blocks,
    COALESCE(counts.three_pt_blocks, 0) AS three_pt_blocks,
    IF(team.is_on_court_known, on_court_sums.plays_x100, NULL) AS plays_on_court_x100,
    IF(team.is_on_court_known, on_court_sums.team_plays_x100, NULL) AS team_plays_on_court_x100
  FROM player_rows AS player
  INNER JOIN team_play_by_play AS team ON team.game_id = player.game_id AND team.team_abbr = player.team_abbr
  LEFT JOIN player_counts AS counts
    ON counts.game_id = player.game_id AND counts.team_abbr = player.team_abbr
    AND counts.player_lookup = player.player_lookup
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
