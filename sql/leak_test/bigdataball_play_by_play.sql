-- The play-by-play that was known before the games of @start_date: that of earlier dates. With @is_absurd, the other
-- events are there too: shots are from 20 feet further, made where they were missed, and by the other player.
WITH judged_rows AS (
  SELECT *, game_date < @start_date AS was_known
  FROM nba_raw.bigdataball_play_by_play
  WHERE game_date BETWEEN @season_start_date AND @season_end_date
)
SELECT
  * EXCEPT (was_known) REPLACE (
    shot_distance + IF(was_known, 0, 20) AS shot_distance,
    shot_made = was_known AS shot_made,
    IF(was_known, player_1_lookup, COALESCE(player_2_lookup, player_1_lookup)) AS player_1_lookup,
    IF(was_known, player_2_lookup, player_1_lookup) AS player_2_lookup
  )
FROM judged_rows
WHERE was_known OR @is_absurd
