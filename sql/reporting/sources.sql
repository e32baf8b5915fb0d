-- When the rows of each game's sources came: per game and raw table, the first and the latest load, and how many rows.
-- A source finds its game by date and team, as everywhere. A game without rows of a source has none here.
WITH loads AS (
  SELECT
    game_date,
    'nbac_schedule' AS source,
    COALESCE(team_code(home_team_tricode), team_code(away_team_tricode)) AS team_abbr,
    processed_at
  FROM nba_raw.nbac_schedule
  WHERE game_date BETWEEN @start_date AND @end_date
  UNION ALL
  SELECT game_date, 'nbac_team_boxscore', team_code(team_abbr), processed_at
  FROM nba_raw.nbac_team_boxscore
  WHERE game_date BETWEEN @start_date AND @end_date
  UNION ALL
  SELECT
    game_date,
    'nbac_gamebook_player_stats',
    COALESCE(team_code(home_team_abbr), team_code(away_team_abbr), team_code(team_abbr)),
    processed_at
  FROM nba_raw.nbac_gamebook_player_stats
  WHERE game_date BETWEEN @start_date AND @end_date
  UNION ALL
  SELECT
    game_date,
    'nbac_player_boxscores',
    COALESCE(team_code(home_team_abbr), team_code(away_team_abbr), team_code(team_abbr)),
    processed_at
  FROM nba_raw.nbac_player_boxscores
  WHERE game_date BETWEEN @start_date AND @end_date
  UNION ALL
  SELECT
    game_date,
    'bigdataball_play_by_play',
    COALESCE(team_code(home_team_abbr), team_code(away_team_abbr)),
    processed_at
  FROM nba_raw.bigdataball_play_by_play
  WHERE game_date BETWEEN @start_date AND @end_date
)
SELECT
  game.game_id,
  loads.source,
  COUNT(*) AS row_count,
  MIN(loads.processed_at) AS first_at,
  MAX(loads.processed_at) AS latest_at
FROM loads
INNER JOIN team_games AS game ON game.game_date = loads.game_date AND game.team_abbr = loads.team_abbr
GROUP BY game.game_id, loads.source
