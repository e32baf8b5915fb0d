-- The waivers and holds in force.
SELECT kind, table_name, game_id, reason
FROM (
  SELECT *
  FROM nba_phase3.interventions
  WHERE game_date BETWEEN @start_date AND @end_date
  QUALIFY ROW_NUMBER() OVER (PARTITION BY kind, table_name, game_id ORDER BY made_at DESC, intervention_id DESC) = 1
) AS latest
WHERE is_active
