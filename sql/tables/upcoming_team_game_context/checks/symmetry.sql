-- A game has two rows, one of them the home side's, and each one's opponent is the other: spreads cancel, totals are
-- equal, the opponent's rest is the other's rest.
WITH games AS (
  SELECT game_date, game_id, COUNT(*) AS row_count, COUNTIF(home_game) AS home_rows
  FROM audited
  GROUP BY game_date, game_id
),
pairs AS (
  SELECT
    own.game_date, own.game_id, own.team_abbr,
    CASE
      WHEN opponent.team_abbr IS NULL THEN 'the opponent has no row'
      WHEN opponent.home_game = own.home_game THEN 'both rows are of one side'
      WHEN opponent.team_days_rest IS DISTINCT FROM own.opponent_days_rest THEN 'the opponent says another rest'
      WHEN opponent.game_spread IS DISTINCT FROM -own.game_spread
        OR opponent.opening_spread IS DISTINCT FROM -own.opening_spread THEN 'the spreads do not cancel'
      WHEN opponent.game_total IS DISTINCT FROM own.game_total
        OR opponent.opening_total IS DISTINCT FROM own.opening_total THEN 'the totals differ'
      WHEN opponent.venue_altitude_feet IS DISTINCT FROM own.venue_altitude_feet THEN 'the venues differ'
    END AS problem
  FROM audited AS own
  LEFT JOIN audited AS opponent
    ON opponent.game_date = own.game_date
    AND opponent.game_id = own.game_id
    AND opponent.team_abbr = own.opponent_team_abbr
)
SELECT
  game_date, game_id, 'ERROR' AS severity, game_id AS subject,
  CONCAT(CAST(row_count AS STRING), ' rows, ', CAST(home_rows AS STRING), ' of the home side') AS problem,
  CAST(row_count AS FLOAT64) AS value
FROM games
WHERE row_count <> 2 OR home_rows <> 1
UNION ALL
SELECT
  game_date, game_id, 'ERROR' AS severity, team_abbr AS subject, problem, CAST(NULL AS FLOAT64) AS value
FROM pairs
WHERE problem IS NOT NULL
