-- Per date, how many of the played rows have a points line, and their share: NULL where the date has no lines at all.
SELECT
  game_date,
  COUNTIF(points_line IS NOT NULL) AS with_line,
  COUNT(*) AS played,
  SAFE_DIVIDE(NULLIF(COUNTIF(points_line IS NOT NULL), 0), COUNT(*)) AS matched
FROM audited
WHERE NOT is_dnp
GROUP BY game_date
