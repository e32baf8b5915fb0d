-- Every decision of the season, up to @end_date, that changed what readers see of a game in a table. is_correction:
-- readers saw rows of the game before it.
SELECT *
FROM (
  SELECT
    game_date,
    game_id,
    table_name,
    publication_id,
    outcome,
    reason,
    row_count,
    finished_at,
    COALESCE(rows_added, 0) AS rows_added,
    COALESCE(rows_changed, 0) AS rows_changed,
    COALESCE(rows_removed, 0) AS rows_removed,
    COALESCE(
      LAST_VALUE(row_count) OVER (
        PARTITION BY table_name, game_id
        ORDER BY finished_at, publication_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
      ) > 0,
      FALSE
    ) AS is_correction
  FROM nba_phase3.publications
  WHERE game_date BETWEEN @season_start_date AND @end_date
) AS decision
WHERE outcome IN ('rolled_back', 'withdrawn')
  OR (outcome = 'published' AND (rows_added > 0 OR rows_changed > 0 OR rows_removed > 0))
