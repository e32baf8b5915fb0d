-- Decisions that others superseded before @keep_since and that nothing needs any more. Every game keeps its latest
-- decision, and the two latest that wrote rows: what readers see, and what undoing that would bring back.
SELECT table_name, game_id, publication_id
FROM (
  SELECT
    table_name,
    game_id,
    publication_id,
    COALESCE(visible_publication_id = publication_id, FALSE) AS wrote_rows,
    LEAD(finished_at) OVER (PARTITION BY table_name, game_id ORDER BY finished_at, publication_id) AS superseded_at,
    COUNTIF(visible_publication_id = publication_id) OVER (
      PARTITION BY table_name, game_id ORDER BY finished_at DESC, publication_id DESC
    ) AS writes_since
  FROM nba_phase3.publications
  WHERE game_date BETWEEN @start_date AND @end_date
) AS decisions
WHERE superseded_at < @keep_since AND NOT (wrote_rows AND writes_since <= 2)
