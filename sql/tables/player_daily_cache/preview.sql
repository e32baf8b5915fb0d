-- Two rows per game of the date for a person to look at, one per team: how many players have a row, how many of them
-- shot zones, and who has scored most a game.
SELECT
  cache_date AS game_date,
  game_id,
  team_abbr AS team,
  COUNT(*) AS players,
  COUNTIF(shot_zone_data_available) AS with_shot_zones,
  COUNTIF(missing_games_count > 0) AS with_missing_games,
  STRING_AGG(
    CONCAT(player_lookup, ' ', CAST(points_avg_season AS STRING)), ', ' ORDER BY points_avg_season DESC, player_lookup
  ) AS points_a_game,
  ROW_NUMBER() OVER (PARTITION BY cache_date ORDER BY MIN(tip_off), game_id, team_abbr) AS place
FROM nba_precompute.player_daily_cache
WHERE cache_date BETWEEN @start_date AND @end_date
GROUP BY cache_date, game_id, team_abbr
