-- What play-by-play says of each team of a game that has some: two rows per game, shots of the team by zone and its
-- blocks by the zone of the shot. Zones are filled where the team's shots are those of its box score and none is
-- unknown; blocks where they add up to the box score's. is_on_court_known says whether five known players a side stand
-- on every shot, free throw and turnover, and the running score, if the source tells it, goes on to the final one. Only
-- then is anything said of who was on court, and possessions counted.
-- A possession ends with a made shot (an and-one: with its free throw), a made last free throw, a missed shot or last
-- free throw that the other team rebounds, or a turnover. Technical and flagrant free throws end none. At the end of a
-- period the team whose turn it is has one more, if its turn began more than two seconds before.
WITH shots AS (
  SELECT
    game_id, team_abbr, opponent_team_abbr, zone,
    COUNT(*) AS attempts,
    COUNTIF(is_made) AS makes,
    COUNTIF(NOT is_made AND second_role = 'block') AS blocked
  FROM game_events
  WHERE event_type = 'shot' AND team_abbr IS NOT NULL
  GROUP BY game_id, team_abbr, opponent_team_abbr, zone
),
shot_sums AS (
  SELECT
    game_id, team_abbr,
    SUM(attempts) AS attempts,
    SUM(makes) AS makes,
    SUM(IF(zone = 'unknown', attempts, 0)) AS unknown_attempts,
    SUM(IF(zone = 'three', attempts, 0)) AS three_attempts,
    SUM(IF(zone = 'three', makes, 0)) AS three_makes,
    SUM(IF(zone IN ('rim', 'paint'), attempts, 0)) AS paint_attempts,
    SUM(IF(zone IN ('rim', 'paint'), makes, 0)) AS paint_makes,
    SUM(IF(zone = 'rim', attempts, 0)) AS rim_attempts,
    SUM(IF(zone = 'rim', makes, 0)) AS rim_makes,
    SUM(IF(zone = 'mid_range', attempts, 0)) AS mid_range_attempts,
    SUM(IF(zone = 'mid_range', makes, 0)) AS mid_range_makes
  FROM shots
  GROUP BY game_id, team_abbr
),
block_sums AS (
  SELECT
    game_id, opponent_team_abbr AS team_abbr,
    SUM(IF(zone = 'unknown', 0, blocked)) AS blocks,
    SUM(IF(zone IN ('rim', 'paint'), blocked, 0)) AS paint_blocks,
    SUM(IF(zone = 'rim', blocked, 0)) AS rim_blocks,
    SUM(IF(zone = 'mid_range', blocked, 0)) AS mid_range_blocks,
    SUM(IF(zone = 'three', blocked, 0)) AS three_pt_blocks
  FROM shots
  GROUP BY game_id, opponent_team_abbr
),
lineups AS (
  SELECT game_id, team_abbr, own_lineup AS lineup
  FROM game_events
  WHERE event_type <> 'rebound'
  UNION DISTINCT
  SELECT game_id, opponent_team_abbr, other_lineup
  FROM game_events
  WHERE event_type <> 'rebound'
),
lineup_players AS (
  SELECT lineups.game_id, lineups.team_abbr, lineups.lineup, COUNT(DISTINCT players.player_lookup) AS known_players
  FROM lineups
  CROSS JOIN UNNEST(SPLIT(lineups.lineup, ',')) AS on_court
  INNER JOIN event_players AS players
    ON players.game_id = lineups.game_id
    AND players.team_abbr = lineups.team_abbr
    AND players.named_player = on_court
  GROUP BY lineups.game_id, lineups.team_abbr, lineups.lineup
),
lineup_faults AS (
  SELECT
    lineups.game_id,
    COUNTIF(COALESCE(lineup_players.known_players < 5, TRUE)) AS unknown_lineups
  FROM lineups
  LEFT JOIN lineup_players
    ON lineup_players.game_id = lineups.game_id
    AND lineup_players.team_abbr = lineups.team_abbr
    AND lineup_players.lineup = lineups.lineup
  GROUP BY lineups.game_id
),
running_scores AS (
  SELECT game_id, team_abbr, MAX(own_score) AS points
  FROM game_events
  WHERE team_abbr IS NOT NULL
  GROUP BY game_id, team_abbr
  UNION ALL
  SELECT game_id, opponent_team_abbr, MAX(other_score)
  FROM game_events
  WHERE team_abbr IS NOT NULL
  GROUP BY game_id, opponent_team_abbr
),
last_scores AS (
  SELECT game_id, team_abbr, MAX(points) AS points FROM running_scores GROUP BY game_id, team_abbr
),
-- The free throw of an and-one is at the clock of its shot.
and_one_free_throws AS (
  SELECT DISTINCT game_id, team_abbr, period, game_clock_seconds, named_player, 1 AS free_throws
  FROM game_events
  WHERE event_type = 'free throw' AND event_subtype = 'free throw 1/1'
),
turns AS (
  SELECT
    event.game_id, event.team_abbr, event.opponent_team_abbr, event.period, event.event_sequence,
    event.game_clock_seconds, event.event_type,
    event.is_made AND NOT (event.event_type = 'shot' AND and_one.free_throws IS NOT NULL) AS is_scored,
    LAG(IF(event.is_made, NULL, IF(event.event_type IN ('shot', 'free throw'), event.team_abbr, NULL))) OVER (
      PARTITION BY event.game_id, event.period ORDER BY event.event_sequence
    ) AS missed_before
  FROM game_events AS event
  LEFT JOIN and_one_free_throws AS and_one
    ON and_one.game_id = event.game_id
    AND and_one.team_abbr = event.team_abbr
    AND and_one.period = event.period
    AND and_one.game_clock_seconds = event.game_clock_seconds
    AND and_one.named_player = event.named_player
  WHERE event.team_abbr IS NOT NULL
    AND (event.event_type <> 'free throw' OR is_last_free_throw(event.event_subtype))
),
ended AS (
  SELECT
    game_id, period, event_sequence, game_clock_seconds,
    IF(event_type = 'rebound', opponent_team_abbr, team_abbr) AS team_abbr,
    IF(event_type = 'rebound', team_abbr, opponent_team_abbr) AS next_team_abbr
  FROM turns
  WHERE event_type = 'turnover'
    OR (event_type IN ('shot', 'free throw') AND is_scored)
    OR (event_type = 'rebound' AND missed_before = opponent_team_abbr)
),
counted AS (
  SELECT game_id, team_abbr, COUNT(*) AS possessions FROM ended GROUP BY game_id, team_abbr
  UNION ALL
  SELECT game_id, next_team_abbr, 1
  FROM ended
  QUALIFY ROW_NUMBER() OVER (PARTITION BY game_id, period ORDER BY event_sequence DESC) = 1
    AND game_clock_seconds > 2
),
possessions AS (
  SELECT game_id, team_abbr, SUM(possessions) AS possessions FROM counted GROUP BY game_id, team_abbr
),
teams AS (
  SELECT
    team.game_date, team.game_id, team.team_abbr, team.blocks, team.points,
    COALESCE(
      shot_sums.attempts = team.fg_attempts AND shot_sums.makes = team.fg_makes
        AND shot_sums.three_attempts = team.three_pt_attempts AND shot_sums.three_makes = team.three_pt_makes
        AND shot_sums.unknown_attempts = 0,
      FALSE
    ) AS is_complete,
    shot_sums.* EXCEPT (game_id, team_abbr),
    COALESCE(block_sums.blocks = team.blocks, FALSE) AS has_all_blocks,
    block_sums.paint_blocks, block_sums.rim_blocks, block_sums.mid_range_blocks, block_sums.three_pt_blocks,
    LOGICAL_AND(
      COALESCE(last_scores.points = team.points, TRUE) AND lineup_faults.unknown_lineups = 0
    ) OVER (PARTITION BY team.game_id) AS is_on_court_known,
    possessions.possessions
  FROM team_rows AS team
  INNER JOIN lineup_faults ON lineup_faults.game_id = team.game_id
  LEFT JOIN shot_sums ON shot_sums.game_id = team.game_id AND shot_sums.team_abbr = team.team_abbr
  LEFT JOIN block_sums ON block_sums.game_id = team.game_id AND block_sums.team_abbr = team.team_abbr
  LEFT JOIN last_scores ON last_scores.game_id = team.game_id AND last_scores.team_abbr = team.team_abbr
  LEFT JOIN possessions ON possessions.game_id = team.game_id AND possessions.team_abbr = team.team_abbr
)
SELECT
  game_date,
  game_id,
  team_abbr,
  is_complete,
  is_on_court_known,
  IF(is_complete, paint_attempts, NULL) AS paint_attempts,
  IF(is_complete, paint_makes, NULL) AS paint_makes,
  IF(is_complete, rim_attempts, NULL) AS rim_attempts,
  IF(is_complete, rim_makes, NULL) AS rim_makes,
  IF(is_complete, mid_range_attempts, NULL) AS mid_range_attempts,
  IF(is_complete, mid_range_makes, NULL) AS mid_range_makes,
  IF(has_all_blocks, paint_blocks, NULL) AS paint_blocks,
  IF(has_all_blocks, rim_blocks, NULL) AS rim_blocks,
  IF(has_all_blocks, mid_range_blocks, NULL) AS mid_range_blocks,
  IF(has_all_blocks, three_pt_blocks, NULL) AS three_pt_blocks,
  IF(is_on_court_known, COALESCE(possessions, 0), NULL) AS possessions
FROM teams
