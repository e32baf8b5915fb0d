-- A game has two rows, one of them the home side's, and each one's opponent is the other.
WITH games AS (
  SELECT game_date, game_id, COUNT(*) AS row_count, COUNTIF(home_game) AS home_rows
  FROM audited
  GROUP BY game_date, game_id
),
pairs AS (
  SELECT own.game_date, own.game_id, own.team_abbr
  FROM audited AS own
  LEFT JOIN audited AS opponent
    ON opponent.game_date = own.game_date
    AND opponent.game_id = own.game_id
    AND opponent.team_abbr = own.opponent_team_abbr
  WHERE opponent.team_abbr IS NULL
    OR opponent.home_game = own.home_game
    OR opponent.team_days_rest IS DISTINCT FROM own.opponent_days_rest
)
SELECT
  game_date, game_id, 'ERROR' AS severity, game_id AS subject,
  CONCAT(CAST(row_count AS STRING), ' rows, ', CAST(home_rows AS STRING), ' of the home side') AS problem,
  CAST(row_count AS FLOAT64) AS value
FROM games
WHERE row_count <> 2 OR home_rows <> 1
UNION ALL
SELECT
  game_date, game_id, 'ERROR' AS severity, team_abbr AS subject,
  'the other side says otherwise' AS problem, CAST(NULL AS FLOAT64) AS value
FROM pairs
