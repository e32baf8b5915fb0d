-- The schedule of the games that both teams' logs tell: games that were played, no coming ones.
SELECT
  LPAD(home.GAME_ID, 10, '0') AS game_id,
  CAST(SUBSTR(home.SEASON_ID, -4) AS INT64) AS season_year,
  home.GAME_DATE AS game_date,
  IF(home.WL IS NULL OR away.WL IS NULL, 2, 3) AS game_status,
  IF(home.WL IS NULL OR away.WL IS NULL, 'Live', 'Final') AS game_status_text,
  home.TEAM_ID AS home_team_id,
  home.TEAM_ABBREVIATION AS home_team_tricode,
  home.TEAM_NAME AS home_team_name,
  away.TEAM_ID AS away_team_id,
  away.TEAM_ABBREVIATION AS away_team_tricode,
  away.TEAM_NAME AS away_team_name,
  SUBSTR(LPAD(home.GAME_ID, 10, '0'), 1, 3) = '002' AS is_regular_season,
  SUBSTR(LPAD(home.GAME_ID, 10, '0'), 1, 3) = '004' AS is_playoffs,
  SUBSTR(LPAD(home.GAME_ID, 10, '0'), 1, 3) = '003' AS is_all_star,
  home.PTS AS home_team_score,
  away.PTS AS away_team_score,
  IF(home.PTS > away.PTS, home.TEAM_ABBREVIATION, away.TEAM_ABBREVIATION) AS winning_team_tricode,
  'nba_api' AS data_source,
  CURRENT_TIMESTAMP() AS processed_at
FROM team_game_logs AS home
JOIN team_game_logs AS away ON away.GAME_ID = home.GAME_ID AND away.TEAM_ID <> home.TEAM_ID
WHERE REGEXP_CONTAINS(home.MATCHUP, r' vs\. ') AND REGEXP_CONTAINS(away.MATCHUP, r' @ ');
