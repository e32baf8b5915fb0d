-- Possessions per 48 minutes, rating and true shooting lie in the range of real games.
SELECT
  game_date, game_id, 'WARN' AS severity, team_abbr AS subject,
  out_of_range('possessions per 48 minutes', pace, 'are') AS problem, CAST(pace AS FLOAT64) AS value
FROM audited
WHERE pace NOT BETWEEN @pace_minimum AND @pace_maximum
UNION ALL
SELECT
  game_date, game_id, 'WARN' AS severity, team_abbr AS subject,
  out_of_range('offensive rating', offensive_rating, 'is') AS problem, CAST(offensive_rating AS FLOAT64) AS value
FROM audited
WHERE offensive_rating NOT BETWEEN @rating_minimum AND @rating_maximum
UNION ALL
SELECT
  game_date, game_id, 'WARN' AS severity, team_abbr AS subject,
  out_of_range('true shooting', ts_pct, 'is') AS problem, CAST(ts_pct AS FLOAT64) AS value
FROM audited
WHERE ts_pct NOT BETWEEN @ts_pct_minimum AND @ts_pct_maximum
