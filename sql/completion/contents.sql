-- Dates from @start_date to @end_date in phase3_completion that have games, each with a fingerprint of what readers see
-- of it in the tables @table_names: NULL where that is nothing. It changes with their rows, and not with a publication
-- that writes the same rows again.
SELECT completion.*, seen.content
FROM nba_phase3.phase3_completion AS completion
LEFT JOIN (
  SELECT
    game_date,
    TO_HEX(MD5(STRING_AGG(CONCAT(table_name, ' ', game_id, ' ', content_hash), ',' ORDER BY table_name, game_id)))
      AS content
  FROM (
    SELECT game_date, table_name, game_id, row_count, content_hash
    FROM nba_phase3.publications
    WHERE game_date BETWEEN @start_date AND @end_date AND table_name IN UNNEST(@table_names)
    QUALIFY ROW_NUMBER() OVER (PARTITION BY table_name, game_id ORDER BY finished_at DESC, publication_id DESC) = 1
  ) AS decisions
  WHERE row_count > 0
  GROUP BY game_date
) AS seen ON seen.game_date = completion.game_date
WHERE completion.game_date BETWEEN @start_date AND @end_date
  AND completion.games_scheduled - completion.games_void - completion.games_waived > 0
