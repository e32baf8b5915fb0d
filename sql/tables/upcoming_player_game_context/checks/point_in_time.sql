-- Nothing a row is made of is of the game's own date or later, and no line was taken at tip-off or after it.
SELECT
  game_date, game_id, 'ERROR' AS severity, player_lookup AS subject,
  CONCAT('is made of a game of ', CAST(latest_game_used AS STRING)) AS problem, CAST(NULL AS FLOAT64) AS value
FROM audited
WHERE latest_game_used >= game_date
UNION ALL
SELECT
  game_date, game_id, 'ERROR' AS severity, player_lookup AS subject,
  'shows a game line that was taken at tip-off or later' AS problem, CAST(NULL AS FLOAT64) AS value
FROM audited
WHERE betting_lines_updated_at >= known_until(tip_off, game_date)
