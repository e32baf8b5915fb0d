-- One load has one row per player. Of two that differ, nobody can tell which is true.
SELECT
  game_date, game_id, 'ERROR' AS severity, player_lookup AS subject,
  CONCAT('two rows of one load of ', primary_source_used, ' differ') AS problem, CAST(NULL AS FLOAT64) AS value
FROM issues
WHERE issue = 'contradictory_rows'
