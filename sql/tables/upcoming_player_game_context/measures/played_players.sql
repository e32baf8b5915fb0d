-- Per game and team that have rows: how many players then played, and who of them had no row.
SELECT
  summary.game_date,
  summary.game_id,
  summary.team_abbr,
  COUNT(*) AS players,
  COUNTIF(listed.player_lookup IS NULL) AS without_row,
  STRING_AGG(
    IF(listed.player_lookup IS NULL, summary.player_lookup, NULL), ', ' ORDER BY summary.player_lookup
  ) AS names
FROM nba_analytics.player_game_summary AS summary
INNER JOIN (SELECT DISTINCT game_id FROM audited) AS game ON game.game_id = summary.game_id
LEFT JOIN audited AS listed ON listed.game_id = summary.game_id AND listed.player_lookup = summary.player_lookup
WHERE summary.game_date BETWEEN @start_date AND @end_date
  AND NOT summary.is_dnp
  AND summary.minutes_played IS NOT NULL
GROUP BY summary.game_date, summary.game_id, summary.team_abbr
