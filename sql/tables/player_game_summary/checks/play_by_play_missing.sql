-- In a season that has play-by-play at all, every game has it @play_by_play_hours hours after its date: said once a
-- date.
WITH seasons AS (
  SELECT DISTINCT season_year
  FROM nba_analytics.player_game_summary
  WHERE game_date BETWEEN @season_start_date AND @season_end_date AND has_complete_shot_zones IS NOT NULL
),
games AS (
  SELECT game_date, game_id, season_year, COUNT(has_complete_shot_zones) AS told
  FROM audited
  WHERE NOT is_dnp
  GROUP BY game_date, game_id, season_year
)
SELECT
  games.game_date, MIN(games.game_id) AS game_id, 'WARN' AS severity, 'play-by-play' AS subject,
  CONCAT(
    CAST(COUNT(*) AS STRING), ' games without play-by-play: ', STRING_AGG(games.game_id, ', ' ORDER BY games.game_id)
  ) AS problem,
  CAST(COUNT(*) AS FLOAT64) AS value
FROM games
INNER JOIN seasons ON seasons.season_year = games.season_year
WHERE games.told = 0
  AND TIMESTAMP_DIFF(
    CURRENT_TIMESTAMP(), TIMESTAMP(DATE_ADD(games.game_date, INTERVAL 1 DAY), 'America/New_York'), SECOND
  ) > 3600 * @play_by_play_hours
GROUP BY games.game_date
