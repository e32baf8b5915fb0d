-- Per date, how many of the players whose game has play-by-play have complete zones, and their share: NULL where no
-- game of the date has any.
SELECT
  game_date,
  COUNTIF(has_complete_shot_zones) AS with_zones,
  COUNT(has_complete_shot_zones) AS with_events,
  SAFE_DIVIDE(COUNTIF(has_complete_shot_zones), COUNT(has_complete_shot_zones)) AS share
FROM audited
WHERE NOT is_dnp
GROUP BY game_date
