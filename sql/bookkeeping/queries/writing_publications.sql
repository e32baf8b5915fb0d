-- The two latest publications that wrote rows, for each game of @table_name: what readers see, and what undoing that
-- would bring back.
SELECT game_id, publication_id
FROM nba_phase3.publications
WHERE game_date BETWEEN @start_date AND @end_date
  AND table_name = @table_name
  AND visible_publication_id = publication_id
QUALIFY ROW_NUMBER() OVER (PARTITION BY game_id ORDER BY finished_at DESC, publication_id DESC) <= 2
