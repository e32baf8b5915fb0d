-- On dates with play-by-play, at least @zones_complete_minimum of its players have complete zones. The games in which
-- some have not are named.
WITH games AS (
  SELECT
    game_date, game_id,
    COUNTIF(has_complete_shot_zones) AS with_zones,
    COUNT(has_complete_shot_zones) AS with_events
  FROM audited
  WHERE NOT is_dnp
  GROUP BY game_date, game_id
)
SELECT
  games.game_date, games.game_id, 'WARN' AS severity, 'has_complete_shot_zones' AS subject,
  CONCAT(
    CAST(games.with_zones AS STRING), ' of ', CAST(games.with_events AS STRING),
    ' players have complete zones; of the date ', CAST(dates.with_zones AS STRING), ' of ',
    CAST(dates.with_events AS STRING)
  ) AS problem,
  dates.share AS value
FROM zone_shares AS dates
INNER JOIN games ON games.game_date = dates.game_date
WHERE dates.share < @zones_complete_minimum AND games.with_zones < games.with_events
