-- Possessions per 48 minutes, rating and true shooting lie in the range of real games.
SELECT
  game_date, game_id, 'WARN' AS severity, team_abbr AS subject, CONCAT('possessions per 48 minutes ', number_text(pace), ' are out of range') AS problem, CAST(pace AS FLOAT64) AS value
FROM audited
WHERE pace NOT BETWEEN @pace_minimum AND @pace_maximum
UNION ALL
SELECT
  game_date, game_id, 'WARN' AS severity, team_abbr AS subject, CONCAT('offensive rating ', number_text(offensive_rating), ' is out of range') AS problem, CAST(offensive_rating AS FLOAT64) AS value
FROM audited
WHERE offensive_rating NOT BETWEEN @rating_minimum AND @rating_maximum
UNION ALL
SELECT
  game_date, game_id, 'WARN' AS severity, team_abbr AS subject, CONCAT('true shooting ', number_text(ts_pct), ' is out of range') AS problem, CAST(ts_pct AS FLOAT64) AS value
FROM audited
WHERE ts_pct NOT BETWEEN @ts_pct_minimum AND @ts_pct_maximum
