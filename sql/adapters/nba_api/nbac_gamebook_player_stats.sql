-- Gamebook rows from box scores of players; the date and the two teams come from the teams' logs of the same games.
-- A comment (DNP, DND, NWT) or no minutes says that a player did not play: his zeros are no figures.
SELECT
  FORMAT_DATE('%Y%m%d', home.GAME_DATE) || '_' || away.TEAM_ABBREVIATION || '_' || home.TEAM_ABBREVIATION AS game_id,
  home.GAME_DATE AS game_date,
  CAST(SUBSTR(home.SEASON_ID, -4) AS INT64) AS season_year,
  home.TEAM_ABBREVIATION AS home_team_abbr,
  away.TEAM_ABBREVIATION AS away_team_abbr,
  COALESCE(player.firstName || ' ' || player.familyName, player.PLAYER_NAME) AS player_name,
  COALESCE(player.firstName || ' ' || player.familyName, player.PLAYER_NAME) AS player_name_original,
  player_lookup(COALESCE(player.firstName || ' ' || player.familyName, player.PLAYER_NAME)) AS player_lookup,
  player.TEAM_ABBREVIATION AS team_abbr,
  IF(player.MIN IS NULL, 'dnp', 'active') AS player_status,
  IF(player.MIN IS NULL, player.COMMENT, NULL) AS dnp_reason,
  REGEXP_REPLACE(player.MIN, r'\.\d+:', ':') AS minutes,
  IF(player.MIN IS NULL, NULL, player.PTS) AS points,
  IF(player.MIN IS NULL, NULL, player.FGM) AS field_goals_made,
  IF(player.MIN IS NULL, NULL, player.FGA) AS field_goals_attempted,
  IF(player.MIN IS NULL, NULL, player.FG3M) AS three_pointers_made,
  IF(player.MIN IS NULL, NULL, player.FG3A) AS three_pointers_attempted,
  IF(player.MIN IS NULL, NULL, player.FTM) AS free_throws_made,
  IF(player.MIN IS NULL, NULL, player.FTA) AS free_throws_attempted,
  IF(player.MIN IS NULL, NULL, player.OREB) AS offensive_rebounds,
  IF(player.MIN IS NULL, NULL, player.DREB) AS defensive_rebounds,
  IF(player.MIN IS NULL, NULL, player.REB) AS total_rebounds,
  IF(player.MIN IS NULL, NULL, player.AST) AS assists,
  IF(player.MIN IS NULL, NULL, player.STL) AS steals,
  IF(player.MIN IS NULL, NULL, player.BLK) AS blocks,
  IF(player.MIN IS NULL, NULL, COALESCE(player.TOV, player.`TO`)) AS turnovers,
  IF(player.MIN IS NULL, NULL, player.PF) AS personal_fouls,
  IF(player.MIN IS NULL, NULL, player.PLUS_MINUS) AS plus_minus,
  CURRENT_TIMESTAMP() AS processed_at
FROM box_score_players AS player
JOIN team_game_logs AS home ON home.GAME_ID = player.GAME_ID AND REGEXP_CONTAINS(home.MATCHUP, r' vs\. ')
JOIN team_game_logs AS away ON away.GAME_ID = player.GAME_ID AND REGEXP_CONTAINS(away.MATCHUP, r' @ ');
