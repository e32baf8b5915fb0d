-- For games without team rows or without player rows: rows of the same two teams one day earlier or later, on a date
-- without a game of theirs on the schedule. Team rows are identified by the final score too, since they do not name the
-- opponent.
WITH games AS (
  SELECT game_id, game_date, away_team_abbr, home_team_abbr, away_score, home_score
  FROM scheduled_games
  WHERE game_id IN (SELECT asked FROM UNNEST(@game_ids) AS asked)
),
player_sides AS (
  SELECT game_date, team_code(away_team_abbr) AS away_team_abbr, team_code(home_team_abbr) AS home_team_abbr
  FROM nba_raw.nbac_gamebook_player_stats
  WHERE game_date BETWEEN @day_before AND @day_after
  UNION ALL
  SELECT game_date, team_code(away_team_abbr), team_code(home_team_abbr)
  FROM nba_raw.nbac_player_boxscores
  WHERE game_date BETWEEN @day_before AND @day_after
),
rows_on_other_dates AS (
  SELECT 'no_player_rows' AS reason, game.game_id, row_of.game_date, COUNT(*) AS rows_there
  FROM games AS game
  INNER JOIN player_sides AS row_of
    ON ABS(DATE_DIFF(row_of.game_date, game.game_date, DAY)) = 1
    AND row_of.away_team_abbr IN (game.away_team_abbr, game.home_team_abbr)
    AND row_of.home_team_abbr IN (game.away_team_abbr, game.home_team_abbr)
  GROUP BY game.game_id, row_of.game_date
  UNION ALL
  SELECT 'no_team_boxscore', game.game_id, row_of.game_date, COUNT(*)
  FROM games AS game
  INNER JOIN nba_raw.nbac_team_boxscore AS row_of
    ON ABS(DATE_DIFF(row_of.game_date, game.game_date, DAY)) = 1
    AND (
      (team_code(row_of.team_abbr) = game.away_team_abbr AND row_of.points = game.away_score)
      OR (team_code(row_of.team_abbr) = game.home_team_abbr AND row_of.points = game.home_score)
    )
  WHERE row_of.game_date BETWEEN @day_before AND @day_after
  GROUP BY game.game_id, row_of.game_date
)
SELECT
  elsewhere.reason, elsewhere.game_id,
  CONCAT(CAST(elsewhere.rows_there AS STRING), ' rows of ', game.away_team_abbr, ' and ', game.home_team_abbr,
    ' are dated ', FORMAT_DATE('%Y-%m-%d', elsewhere.game_date)) AS where_they_are
FROM rows_on_other_dates AS elsewhere
INNER JOIN games AS game ON game.game_id = elsewhere.game_id
LEFT JOIN schedule_rows AS other
  ON other.game_date = elsewhere.game_date
  AND other.away_team_abbr IN (game.away_team_abbr, game.home_team_abbr)
  AND other.home_team_abbr IN (game.away_team_abbr, game.home_team_abbr)
WHERE other.game_date IS NULL
