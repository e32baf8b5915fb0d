-- What the raw tables hold from @start_date to @end_date, in one row: the answer for a person who has just loaded
-- files.
SELECT
  (
    SELECT COUNT(DISTINCT CONCAT(game_id, CAST(game_date AS STRING)))
    FROM nba_raw.nbac_schedule WHERE game_date BETWEEN @start_date AND @end_date
  ) AS scheduled,
  (
    SELECT COUNT(DISTINCT CONCAT(game_id, CAST(game_date AS STRING)))
    FROM nba_raw.nbac_schedule WHERE game_date BETWEEN @start_date AND @end_date AND game_status = 3
  ) AS final,
  (SELECT COUNT(*) FROM nba_raw.nbac_team_boxscore WHERE game_date BETWEEN @start_date AND @end_date) AS team_rows,
  (
    SELECT COUNT(*)
    FROM nba_raw.nbac_gamebook_player_stats WHERE game_date BETWEEN @start_date AND @end_date
  ) AS gamebook_rows,
  (
    SELECT COUNT(*)
    FROM nba_raw.nbac_player_boxscores WHERE game_date BETWEEN @start_date AND @end_date
  ) AS player_rows;
