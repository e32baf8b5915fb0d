-- Two rows per game of the date for a person to look at, one per team: how many are listed, who may miss the game, and
-- the points lines from the highest.
SELECT
  game_date,
  game_id,
  CONCAT(team_abbr, IF(LOGICAL_AND(home_game), ' (home)', '')) AS team,
  COUNT(*) AS listed,
  COALESCE(
    STRING_AGG(
      IF(
        player_status IS NULL OR player_status = 'available',
        NULL, CONCAT(player_full_name, ': ', player_status)
      ),
      ', '
      ORDER BY player_status, points_avg_season DESC, player_lookup
    ),
    IF(LOGICAL_AND(star_teammates_out IS NULL), 'no report', 'nobody')
  ) AS may_miss_it,
  STRING_AGG(
    CONCAT(player_full_name, ' ', CAST(current_points_line AS STRING)), ', '
    ORDER BY current_points_line DESC, player_lookup
  ) AS points_lines,
  ROW_NUMBER() OVER (PARTITION BY game_date ORDER BY MIN(tip_off), game_id, LOGICAL_AND(home_game), team_abbr) AS place
FROM nba_analytics.upcoming_player_game_context
WHERE game_date BETWEEN @start_date AND @end_date
GROUP BY game_date, game_id, team_abbr
