-- Decisions that others superseded before @keep_since and that nothing needs any more. Every game keeps its latest
-- decision, and every one that changed what readers see: of every moment it stays known which rows they saw, whether
-- these are kept or not.
SELECT table_name, game_id, publication_id
FROM (
  SELECT
    table_name,
    game_id,
    publication_id,
    COALESCE(visible_publication_id, '') AS shown,
    LAG(COALESCE(visible_publication_id, ''), 1, '') OVER (
      PARTITION BY table_name, game_id ORDER BY finished_at, publication_id
    ) AS shown_before,
    LEAD(finished_at) OVER (PARTITION BY table_name, game_id ORDER BY finished_at, publication_id) AS superseded_at
  FROM nba_phase3.publications
  WHERE game_date BETWEEN @start_date AND @end_date
) AS decisions
WHERE superseded_at < @keep_since AND shown = shown_before
