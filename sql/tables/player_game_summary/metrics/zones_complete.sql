-- The share of players with complete zones (NULL on dates without play-by-play), and how many players that is.
SELECT
  game_date,
  [
    STRUCT(
      'share_of_complete_zones' AS metric, share AS value, CAST(@zones_complete_minimum AS FLOAT64) AS threshold
    ),
    STRUCT(
      'players_with_complete_zones' AS metric, CAST(with_zones AS FLOAT64) AS value, CAST(NULL AS FLOAT64) AS threshold
    ),
    STRUCT(
      'players_with_play_by_play' AS metric, CAST(with_events AS FLOAT64) AS value, CAST(NULL AS FLOAT64) AS threshold
    )
  ] AS figures
FROM zone_shares
