-- Nothing that was loaded of a game before its tip-off is left out: no injury report of an unknown status, of nobody or
-- of no game, and no spread or total that is impossible or names no team. What names no game stands under the first one
-- of its date. A report that a newer one replaces counts no more.
WITH reports AS (
  SELECT game_date, game_id, COALESCE(player_full_name, player_lookup, 'injury report') AS subject, left_out_because
  FROM injury_report_rows
  WHERE is_in_time
  QUALIFY RANK() OVER (
    PARTITION BY game_date, player_lookup ORDER BY report_date DESC, report_hour DESC, processed_at DESC
  ) = 1
),
lines AS (
  SELECT game_date, game_id, CONCAT(bookmaker, ', ', teams) AS subject, left_out_because
  FROM game_line_rows
  WHERE snapshot_timestamp < bound
),
first_games AS (
  SELECT game_date, MIN(game_id) AS game_id
  FROM team_games
  GROUP BY game_date
)
SELECT DISTINCT
  row_left_out.game_date,
  COALESCE(row_left_out.game_id, first_games.game_id) AS game_id,
  'WARN' AS severity,
  row_left_out.subject,
  row_left_out.left_out_because AS problem,
  CAST(NULL AS FLOAT64) AS value
FROM (
  SELECT * FROM reports
  UNION ALL
  SELECT * FROM lines
) AS row_left_out
INNER JOIN first_games ON first_games.game_date = row_left_out.game_date
WHERE row_left_out.left_out_because IS NOT NULL
