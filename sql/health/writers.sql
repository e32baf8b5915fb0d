-- Which versions of the project have written decisions from @since on, and when each wrote last.
SELECT software_version, MAX(finished_at) AS wrote_at, COUNT(DISTINCT run_id) AS runs
FROM nba_phase3.publications
WHERE game_date BETWEEN @first_date AND @last_date AND finished_at >= @since AND software_version IS NOT NULL
GROUP BY software_version
