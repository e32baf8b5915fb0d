-- Possessions per 48 minutes, rating and true shooting lie in the range of real games.
SELECT
  audited.game_date, audited.game_id, 'WARN' AS severity, audited.defending_team_abbr AS subject,
  CONCAT(looked_at.figure, ' ', number_text(looked_at.value), ' ', looked_at.verb, ' out of range') AS problem,
  CAST(looked_at.value AS FLOAT64) AS value
FROM audited
CROSS JOIN UNNEST([
  STRUCT(
    'possessions per 48 minutes' AS figure, opponent_pace AS value, @pace_minimum AS low, @pace_maximum AS high,
    'are' AS verb
  ),
  STRUCT('defensive rating', defensive_rating, @rating_minimum, @rating_maximum, 'is'),
  STRUCT('true shooting', opponent_ts_pct, @ts_pct_minimum, @ts_pct_maximum, 'is')
]) AS looked_at
WHERE looked_at.value NOT BETWEEN looked_at.low AND looked_at.high
