-- The teams are in a file's name only, [2018-12-25]-0021800497-MIL@NYK.csv; without it the league's number is the id.
SELECT
  date AS game_date,
  COALESCE(
    FORMAT_DATE('%Y%m%d', date) || '_' || REGEXP_EXTRACT(file_name, r'-([A-Z]{3})@[A-Z]{3}\.') || '_'
    || REGEXP_EXTRACT(file_name, r'-[A-Z]{3}@([A-Z]{3})\.'),
    LPAD(game_id, 10, '0')
  ) AS game_id,
  event_type,
  type AS event_subtype,
  shot_distance,
  IF(event_type = 'shot', result = 'made', NULL) AS shot_made,
  player_lookup(COALESCE(player, `left`)) AS player_1_lookup,
  player_lookup(COALESCE(assist, block, steal, entered)) AS player_2_lookup,
  CASE
    WHEN assist IS NOT NULL THEN 'assist'
    WHEN block IS NOT NULL THEN 'block'
    WHEN steal IS NOT NULL THEN 'steal'
    WHEN entered IS NOT NULL THEN 'substitution_in'
  END AS player_2_role
FROM play_by_play;
