-- The dates of the season that have play-by-play at all, of any game.
SELECT DISTINCT game_date
FROM nba_raw.bigdataball_play_by_play
WHERE game_date BETWEEN @season_start_date AND @season_end_date
