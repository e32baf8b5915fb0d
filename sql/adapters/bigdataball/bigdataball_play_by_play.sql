-- The teams are in a file's name only, [2018-12-25]-0021800497-MIL@NYK.csv. A file with another name gives no rows: its
-- events could not be told which game they are of.
WITH plays AS (
  SELECT
    *,
    REGEXP_EXTRACT(file_name, r'-([A-Z]{3})@[A-Z]{3}\.') AS away_team_abbr,
    REGEXP_EXTRACT(file_name, r'-[A-Z]{3}@([A-Z]{3})\.') AS home_team_abbr,
    COALESCE(player, `left`) AS player_1_name,
    COALESCE(assist, block, steal, entered) AS player_2_name
  FROM play_by_play
)
SELECT
  date AS game_date,
  FORMAT_DATE('%Y%m%d', date) || '_' || away_team_abbr || '_' || home_team_abbr AS game_id,
  CAST(game_id AS INT64) AS bdb_game_id,
  EXTRACT(YEAR FROM date) - IF(EXTRACT(MONTH FROM date) >= 10, 0, 1) AS season_year,
  home_team_abbr,
  away_team_abbr,
  FORMAT_DATE('%Y%m%d', date) || '_' || away_team_abbr || '_' || home_team_abbr || '_' || CAST(play_id AS STRING)
    AS event_id,
  play_id AS event_sequence,
  period,
  remaining_time AS game_clock,
  60 * CAST(REGEXP_EXTRACT(remaining_time, r'([0-9]+):[0-9]+$') AS INT64)
    + CAST(REGEXP_EXTRACT(remaining_time, r'([0-9]+)$') AS INT64) AS game_clock_seconds,
  event_type,
  type AS event_subtype,
  home_score AS score_home,
  away_score AS score_away,
  player_1_name,
  player_lookup(player_1_name) AS player_1_lookup,
  team AS player_1_team_abbr,
  player_2_name,
  player_lookup(player_2_name) AS player_2_lookup,
  CASE
    WHEN player_2_name IS NULL THEN NULL
    WHEN assist IS NOT NULL OR (block IS NULL AND steal IS NULL) THEN team
    ELSE IF(team = home_team_abbr, away_team_abbr, home_team_abbr)
  END AS player_2_team_abbr,
  CASE
    WHEN assist IS NOT NULL THEN 'assist'
    WHEN block IS NOT NULL THEN 'block'
    WHEN steal IS NOT NULL THEN 'steal'
    WHEN entered IS NOT NULL THEN 'substitution_in'
  END AS player_2_role,
  IF(event_type = 'shot', result = 'made', NULL) AS shot_made,
  IF(event_type = 'shot', IF(STARTS_WITH(type, '3pt'), '3PT', '2PT'), NULL) AS shot_type,
  shot_distance,
  points AS points_scored,
  player_lookup(a1) AS away_player_1_lookup,
  player_lookup(a2) AS away_player_2_lookup,
  player_lookup(a3) AS away_player_3_lookup,
  player_lookup(a4) AS away_player_4_lookup,
  player_lookup(a5) AS away_player_5_lookup,
  player_lookup(h1) AS home_player_1_lookup,
  player_lookup(h2) AS home_player_2_lookup,
  player_lookup(h3) AS home_player_3_lookup,
  player_lookup(h4) AS home_player_4_lookup,
  player_lookup(h5) AS home_player_5_lookup,
  'bigdataball' AS data_source,
  file_name AS source_file_path,
  CURRENT_TIMESTAMP() AS processed_at
FROM plays
WHERE home_team_abbr IS NOT NULL;
