-- Possessions per 48 minutes, rating and true shooting lie in the range of real games.
SELECT
  game_date, game_id, 'WARN' AS severity, defending_team_abbr AS subject,
  out_of_range('possessions per 48 minutes', opponent_pace, 'are') AS problem, CAST(opponent_pace AS FLOAT64) AS value
FROM audited
WHERE opponent_pace NOT BETWEEN @pace_minimum AND @pace_maximum
UNION ALL
SELECT
  game_date, game_id, 'WARN' AS severity, defending_team_abbr AS subject,
  out_of_range('defensive rating', defensive_rating, 'is') AS problem, CAST(defensive_rating AS FLOAT64) AS value
FROM audited
WHERE defensive_rating NOT BETWEEN @rating_minimum AND @rating_maximum
UNION ALL
SELECT
  game_date, game_id, 'WARN' AS severity, defending_team_abbr AS subject,
  out_of_range('true shooting', opponent_ts_pct, 'is') AS problem, CAST(opponent_ts_pct AS FLOAT64) AS value
FROM audited
WHERE opponent_ts_pct NOT BETWEEN @ts_pct_minimum AND @ts_pct_maximum
