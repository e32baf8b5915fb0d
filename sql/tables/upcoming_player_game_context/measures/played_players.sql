-- Per game and team that have rows: how many players then played, and who of them had no row.
SELECT
  played.game_date,
  played.game_id,
  played.team_abbr,
  COUNT(*) AS played,
  COUNTIF(listed.player_lookup IS NULL) AS without_row,
  STRING_AGG(IF(listed.player_lookup IS NULL, played.player_lookup, NULL), ', ' ORDER BY played.player_lookup) AS names
FROM nba_analytics.player_game_summary AS played
INNER JOIN (SELECT DISTINCT game_id FROM audited) AS game ON game.game_id = played.game_id
LEFT JOIN audited AS listed ON listed.game_id = played.game_id AND listed.player_lookup = played.player_lookup
WHERE played.game_date BETWEEN @start_date AND @end_date
  AND NOT played.is_dnp
  AND played.minutes_played IS NOT NULL
GROUP BY played.game_date, played.game_id, played.team_abbr
