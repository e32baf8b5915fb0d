-- Per date, how many of the players have a points line, and their share: NULL where the date has no lines at all.
SELECT
  game_date,
  COUNTIF(has_prop_line) AS with_line,
  COUNT(*) AS players,
  SAFE_DIVIDE(NULLIF(COUNTIF(has_prop_line), 0), COUNT(*)) AS matched
FROM audited
GROUP BY game_date
