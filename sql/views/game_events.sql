-- One row per shot, free throw, rebound and turnover of a game, in the order of event_sequence: all that any figure is
-- counted from. A game may be there twice; of each event the latest row counts. Where a game has events of several
-- sources, those of nbacom_fallback are left out: it numbers them in its own way.
-- named_player and second_player are as the source spells them; event_players says who they are. own_lineup and
-- other_lineup are the five on court, NULL where one of them is missing, and of rebounds.
WITH raw_games AS (
  SELECT
    raw.game_date, raw.home_team_abbr, raw.away_team_abbr,
    MIN(IF(raw.data_source = 'nbacom_fallback', 1, 0)) AS is_fallback_alone,
    COUNT(*) AS events,
    COUNT(DISTINCT raw.event_sequence) AS sequences
  FROM nba_raw.bigdataball_play_by_play AS raw
  WHERE raw.game_date BETWEEN @start_date AND @end_date AND raw.event_sequence IS NOT NULL
  GROUP BY raw.game_date, raw.home_team_abbr, raw.away_team_abbr
),
games AS (
  SELECT
    raw.game_date, raw.home_team_abbr, raw.away_team_abbr, game.game_id,
    game.team_abbr AS home_code, game.opponent_team_abbr AS away_code,
    MIN(raw.is_fallback_alone) OVER (PARTITION BY game.game_id) AS is_fallback_alone,
    raw.events > raw.sequences OR COUNT(*) OVER (PARTITION BY game.game_id) > 1 AS is_there_twice
  FROM raw_games AS raw
  INNER JOIN team_games AS game
    ON game.game_date = raw.game_date
    AND game.team_abbr = team_code(raw.home_team_abbr)
    AND game.opponent_team_abbr = team_code(raw.away_team_abbr)
),
-- There are few kinds and many events: a kind is put into one spelling once.
written_kinds AS (
  SELECT DISTINCT COALESCE(event_type, '') AS written_type, COALESCE(event_subtype, '') AS written_subtype
  FROM nba_raw.bigdataball_play_by_play
  WHERE game_date BETWEEN @start_date AND @end_date
),
kinds AS (
  SELECT
    written_type,
    written_subtype,
    LOWER(TRIM(written_type)) AS event_type,
    LOWER(TRIM(written_subtype)) AS event_subtype,
    LOWER(TRIM(written_type)) IN ('shot', 'free throw', 'rebound', 'turnover') AS is_counted
  FROM written_kinds
),
events AS (
  SELECT
    game.game_date,
    game.game_id,
    CASE
      WHEN raw.player_1_team_abbr IN (raw.home_team_abbr, game.home_code) THEN TRUE
      WHEN raw.player_1_team_abbr IN (raw.away_team_abbr, game.away_code) THEN FALSE
      WHEN team_code(raw.player_1_team_abbr) = game.home_code THEN TRUE
      WHEN team_code(raw.player_1_team_abbr) = game.away_code THEN FALSE
    END AS is_home,
    game.home_code,
    game.away_code,
    raw.event_sequence,
    raw.period,
    raw.game_clock_seconds,
    kind.event_type,
    kind.event_subtype,
    raw.shot_made,
    raw.shot_type,
    raw.shot_distance,
    raw.points_scored,
    COALESCE(raw.player_1_lookup, raw.player_1_name) AS named_player,
    COALESCE(raw.player_2_lookup, raw.player_2_name) AS second_player,
    LOWER(raw.player_2_role) AS second_role,
    raw.score_home,
    raw.score_away,
    raw.home_player_1_lookup || ',' || raw.home_player_2_lookup || ',' || raw.home_player_3_lookup || ','
      || raw.home_player_4_lookup || ',' || raw.home_player_5_lookup AS home_lineup,
    raw.away_player_1_lookup || ',' || raw.away_player_2_lookup || ',' || raw.away_player_3_lookup || ','
      || raw.away_player_4_lookup || ',' || raw.away_player_5_lookup AS away_lineup,
    raw.processed_at,
    game.is_there_twice
  FROM nba_raw.bigdataball_play_by_play AS raw
  INNER JOIN games AS game
    ON game.game_date = raw.game_date
    AND game.home_team_abbr = raw.home_team_abbr
    AND game.away_team_abbr = raw.away_team_abbr
  INNER JOIN kinds AS kind
    ON kind.written_type = COALESCE(raw.event_type, '')
    AND kind.written_subtype = COALESCE(raw.event_subtype, '')
  WHERE raw.game_date BETWEEN @start_date AND @end_date
    AND raw.event_sequence IS NOT NULL
    AND IF(raw.data_source = 'nbacom_fallback', 1, 0) = game.is_fallback_alone
    -- A later load may make another kind of event of one, so where a game is there twice all kinds are looked at first.
    AND (game.is_there_twice OR kind.is_counted)
),
-- Ranking takes time, and hardly any game is there twice.
latest_events AS (
  SELECT * FROM events WHERE NOT is_there_twice
  UNION ALL
  SELECT *
  FROM events
  WHERE is_there_twice
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY game_id, event_sequence
    ORDER BY
      processed_at DESC, event_type, event_subtype, named_player, second_player, shot_made, shot_distance,
      points_scored, game_clock_seconds, home_lineup, away_lineup
  ) = 1
)
SELECT
  game_date,
  game_id,
  IF(is_home, home_code, IF(NOT is_home, away_code, NULL)) AS team_abbr,
  IF(is_home, away_code, IF(NOT is_home, home_code, NULL)) AS opponent_team_abbr,
  event_sequence,
  period,
  game_clock_seconds,
  event_type,
  event_subtype,
  IF(event_type = 'shot', COALESCE(shot_made, FALSE), points_scored = 1) AS is_made,
  IF(event_type = 'shot', shot_zone(shot_type, event_subtype, shot_distance), NULL) AS zone,
  named_player,
  second_player,
  second_role,
  IF(is_home, score_home, score_away) AS own_score,
  IF(is_home, score_away, score_home) AS other_score,
  CASE WHEN event_type = 'rebound' THEN NULL WHEN is_home THEN home_lineup WHEN NOT is_home THEN away_lineup END
    AS own_lineup,
  CASE WHEN event_type = 'rebound' THEN NULL WHEN is_home THEN away_lineup WHEN NOT is_home THEN home_lineup END
    AS other_lineup
FROM latest_events
WHERE event_type IN ('shot', 'free throw', 'rebound', 'turnover')
