-- When the rows of each game's sources came: per game and raw table, the first and the latest load, and how many rows.
-- A source finds its game by date and team, as everywhere. A game without rows of a source has none here.
WITH loads AS (
  SELECT
    'nbac_schedule' AS source, game_date, processed_at,
    home_team_tricode AS home_team, away_team_tricode AS away_team, CAST(NULL AS STRING) AS team
  FROM nba_raw.nbac_schedule
  WHERE game_date BETWEEN @start_date AND @end_date
  UNION ALL
  SELECT 'nbac_team_boxscore', game_date, processed_at, NULL, NULL, team_abbr
  FROM nba_raw.nbac_team_boxscore
  WHERE game_date BETWEEN @start_date AND @end_date
  UNION ALL
  SELECT 'nbac_gamebook_player_stats', game_date, processed_at, home_team_abbr, away_team_abbr, team_abbr
  FROM nba_raw.nbac_gamebook_player_stats
  WHERE game_date BETWEEN @start_date AND @end_date
  UNION ALL
  SELECT 'nbac_player_boxscores', game_date, processed_at, home_team_abbr, away_team_abbr, team_abbr
  FROM nba_raw.nbac_player_boxscores
  WHERE game_date BETWEEN @start_date AND @end_date
  UNION ALL
  SELECT 'bigdataball_play_by_play', game_date, processed_at, home_team_abbr, away_team_abbr, NULL
  FROM nba_raw.bigdataball_play_by_play
  WHERE game_date BETWEEN @start_date AND @end_date
),
-- One team is enough to find the game: the first that the row names readably.
found AS (
  SELECT
    source, game_date, processed_at,
    COALESCE(team_code(home_team), team_code(away_team), team_code(team)) AS team_abbr
  FROM loads
)
SELECT
  game.game_id,
  found.source,
  COUNT(*) AS row_count,
  MIN(found.processed_at) AS first_at,
  MAX(found.processed_at) AS latest_at
FROM found
INNER JOIN team_games AS game ON game.game_date = found.game_date AND game.team_abbr = found.team_abbr
GROUP BY game.game_id, found.source
