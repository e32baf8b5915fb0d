-- The latest decision per table and game: what readers see of the game, and why.
SELECT *
FROM nba_phase3.publications
WHERE game_date BETWEEN @start_date AND @end_date
QUALIFY ROW_NUMBER() OVER (PARTITION BY table_name, game_id ORDER BY finished_at DESC, publication_id DESC) = 1
