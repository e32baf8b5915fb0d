-- A player who entered has minutes that can be read (MM:SS or whole minutes, up to 70) and possible statistics.
SELECT
  game_date, game_id, 'ERROR' AS severity, player_lookup AS subject, issue AS problem, CAST(NULL AS FLOAT64) AS value
FROM audited
CROSS JOIN UNNEST(quality_issues) AS issue
WHERE STARTS_WITH(issue, 'unreadable_minutes=') OR issue = 'impossible_statistic'
