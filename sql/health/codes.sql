-- By which code the rows that readers see were decided: per table and code version, how many games, on which dates, and
-- since when there is such a decision. Left out: what a backfill leaves as it is (rows of a pre-game table that were
-- frozen at tip-off, games that were rolled back).
SELECT
  table_name, code_version, COUNT(*) AS games, MIN(game_date) AS first_day, MAX(game_date) AS last_day,
  MIN(finished_at) AS since
FROM (
  SELECT table_name, game_date, code_version, outcome, row_count, is_hindsight, finished_at
  FROM nba_phase3.publications
  WHERE game_date BETWEEN @first_date AND @last_date
  QUALIFY ROW_NUMBER() OVER (PARTITION BY table_name, game_id ORDER BY finished_at DESC, publication_id DESC) = 1
) AS decided
WHERE row_count > 0 AND outcome <> 'rolled_back' AND COALESCE(is_hindsight, TRUE)
GROUP BY table_name, code_version
