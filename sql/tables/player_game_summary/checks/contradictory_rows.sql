-- Of a player, one load has one row; which of two that differ is the true one, nobody can tell.
SELECT
  game_date, game_id, 'ERROR' AS severity, player_lookup AS subject,
  CONCAT('two rows of one load of ', primary_source_used, ' differ') AS problem, CAST(NULL AS FLOAT64) AS value
FROM issues
WHERE issue = 'contradictory_rows'
