-- Nothing a row is made of is later than it may be: games are of earlier dates, points lines, game lines and injury
-- reports from before tip-off.
SELECT
  game_date, game_id, 'ERROR' AS severity, player_lookup AS subject,
  CONCAT('is made of a game of ', CAST(latest_game_used AS STRING)) AS problem, CAST(NULL AS FLOAT64) AS value
FROM audited
WHERE latest_game_used >= game_date
UNION ALL
SELECT
  game_date, game_id, 'ERROR' AS severity, player_lookup AS subject,
  'is made of a game line of tip-off or later' AS problem, CAST(NULL AS FLOAT64) AS value
FROM audited
WHERE betting_lines_updated_at >= betting_lines_known_until
UNION ALL
SELECT
  game_date, game_id, 'ERROR' AS severity, player_lookup AS subject,
  'is made of a points line of tip-off or later' AS problem, CAST(NULL AS FLOAT64) AS value
FROM audited
WHERE points_line_updated_at >= points_line_known_until
UNION ALL
SELECT
  game_date, game_id, 'ERROR' AS severity, player_lookup AS subject,
  'is made of an injury report of after tip-off' AS problem, CAST(NULL AS FLOAT64) AS value
FROM audited
WHERE injury_report_updated_at > known_until(tip_off, game_date)
