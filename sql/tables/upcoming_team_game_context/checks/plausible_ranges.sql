-- Ratings lie from 80 to 140 once five games are there, travel is no more than 6,000 miles, rest inside the season no
-- more than 30 days, and no spread is beyond 40.
WITH figures AS (
  SELECT
    game_date, game_id, team_abbr, wins_entering + losses_entering >= 5 AS has_form,
    offensive_rating_last_10, defensive_rating_last_10, defensive_rating_last_15, travel_miles, team_days_rest,
    game_spread
  FROM audited
)
SELECT
  game_date, game_id, 'WARN' AS severity, team_abbr AS subject,
  out_of_range('offensive rating', offensive_rating_last_10, 'is') AS problem,
  CAST(offensive_rating_last_10 AS FLOAT64) AS value
FROM figures
WHERE has_form AND offensive_rating_last_10 NOT BETWEEN 80 AND 140
UNION ALL
SELECT
  game_date, game_id, 'WARN' AS severity, team_abbr AS subject,
  out_of_range('defensive rating', defensive_rating_last_10, 'is') AS problem,
  CAST(defensive_rating_last_10 AS FLOAT64) AS value
FROM figures
WHERE has_form AND defensive_rating_last_10 NOT BETWEEN 80 AND 140
UNION ALL
SELECT
  game_date, game_id, 'WARN' AS severity, team_abbr AS subject,
  out_of_range('defensive rating over 15 games', defensive_rating_last_15, 'is') AS problem,
  CAST(defensive_rating_last_15 AS FLOAT64) AS value
FROM figures
WHERE has_form AND defensive_rating_last_15 NOT BETWEEN 80 AND 140
UNION ALL
SELECT
  game_date, game_id, 'WARN' AS severity, team_abbr AS subject,
  CONCAT(CAST(travel_miles AS STRING), ' miles of travel are out of range') AS problem,
  CAST(travel_miles AS FLOAT64) AS value
FROM figures
WHERE travel_miles NOT BETWEEN 0 AND 6000
UNION ALL
SELECT
  game_date, game_id, 'WARN' AS severity, team_abbr AS subject,
  CONCAT(CAST(team_days_rest AS STRING), ' days of rest are out of range') AS problem,
  CAST(team_days_rest AS FLOAT64) AS value
FROM figures
WHERE team_days_rest NOT BETWEEN 0 AND 30
UNION ALL
SELECT
  game_date, game_id, 'WARN' AS severity, team_abbr AS subject,
  out_of_range('spread', game_spread, 'is') AS problem, CAST(game_spread AS FLOAT64) AS value
FROM figures
WHERE game_spread NOT BETWEEN -40 AND 40
