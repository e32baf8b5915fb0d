-- Every publication that decided about a date of a table, oldest first, with what it did.
SELECT
  publication_id,
  MAX(finished_at) AS finished_at,
  ANY_VALUE(run_id) AS run_id,
  ANY_VALUE(code_version) AS code_version,
  ANY_VALUE(software_version) AS software_version,
  STRING_AGG(DISTINCT outcome, ', ' ORDER BY outcome) AS outcomes,
  COUNT(*) AS games,
  SUM(COALESCE(rows_added, 0)) AS rows_added,
  SUM(COALESCE(rows_changed, 0)) AS rows_changed,
  SUM(COALESCE(rows_removed, 0)) AS rows_removed
FROM nba_phase3.publications
WHERE table_name = @table_name AND game_date BETWEEN @start_date AND @end_date
GROUP BY publication_id
ORDER BY finished_at, publication_id
