-- Two rows per game that has lines, one per team: the closing spread and total and the same books' opening ones, all
-- before tip-off. The spread is the team's own: negative where it is favoured.
-- Which book: draftkings, fanduel, then the others alphabetically, each market by itself. A spread has two rows, x and
-- -x, which are one line; where only one is there, the other follows. Of several lines of a book in one snapshot the
-- latest processed counts, then the one nearest to the median of all lines of that game and market, then the lower (of
-- the home team's spreads). spread_sides_differ says that the other side of that snapshot has another line. Lines are
-- given in hundredths (_x100).
-- updated_at is the later of the two snapshots, known_until the tip-off that it was before.
WITH quoted_lines AS (
  SELECT
    LOWER(TRIM(market_key)) AS market,
    LOWER(TRIM(bookmaker_key)) AS bookmaker,
    outcome_point AS points,
    CASE outcome_name WHEN home_team THEN one_team WHEN away_team THEN other_team ELSE team_named(outcome_name) END
      AS side,
    one_team,
    other_team,
    COALESCE(DATE(commence_time, 'America/New_York'), game_date) AS eastern_date,
    game_date AS listed_date,
    commence_time,
    snapshot_timestamp,
    processed_at
  FROM (
    SELECT
      *,
      COALESCE(team_named(home_team_abbr), team_named(home_team)) AS one_team,
      COALESCE(team_named(away_team_abbr), team_named(away_team)) AS other_team
    FROM nba_raw.odds_api_game_lines
    WHERE game_date BETWEEN DATE_SUB(@start_date, INTERVAL 1 DAY) AND DATE_ADD(@end_date, INTERVAL 1 DAY)
  ) AS named
  WHERE CASE LOWER(TRIM(market_key))
      WHEN 'spreads' THEN outcome_point BETWEEN -60 AND 60
      WHEN 'totals' THEN outcome_point BETWEEN 100 AND 400
      ELSE FALSE
    END
),
lines_of_games AS (
  SELECT
    game.game_date,
    game.game_id,
    quoted.market,
    quoted.bookmaker,
    quoted.snapshot_timestamp,
    COALESCE(quoted.commence_time, known_until(game.tip_off, game.game_date)) AS bound,
    CAST(ROUND(100 * IF(
      quoted.market = 'spreads' AND quoted.side = game.opponent_team_abbr, -quoted.points, quoted.points
    )) AS INT64) AS line_x100,
    IF(quoted.market = 'spreads', quoted.side = game.team_abbr, NULL) AS is_of_home,
    quoted.processed_at
  FROM quoted_lines AS quoted
  INNER JOIN team_games AS game
    ON game.game_date = quoted.eastern_date
    AND ABS(DATE_DIFF(game.game_date, quoted.listed_date, DAY)) <= 1
    AND game.home_game
    AND quoted.one_team IN (game.team_abbr, game.opponent_team_abbr)
    AND quoted.other_team IN (game.team_abbr, game.opponent_team_abbr)
    AND quoted.one_team <> quoted.other_team
  WHERE quoted.market = 'totals' OR quoted.side IN (game.team_abbr, game.opponent_team_abbr)
),
-- A row loaded twice is one quote.
quotes AS (
  SELECT
    game_date, game_id, market, bookmaker, snapshot_timestamp, line_x100,
    MAX(bound) AS bound,
    MAX(processed_at) AS processed_at,
    COUNTIF(is_of_home) AS home_rows,
    COUNTIF(NOT is_of_home) AS away_rows
  FROM lines_of_games
  WHERE snapshot_timestamp < bound
  GROUP BY game_date, game_id, market, bookmaker, snapshot_timestamp, line_x100
),
quotes_with_median AS (
  SELECT
    *,
    PERCENTILE_CONT(line_x100, 0.5) OVER (PARTITION BY game_id, market) AS median_x100,
    (home_rows = 0 OR away_rows = 0)
      AND SUM(home_rows) OVER one_snapshot > 0 AND SUM(away_rows) OVER one_snapshot > 0 AS sides_differ
  FROM quotes
  WINDOW one_snapshot AS (PARTITION BY game_id, market, bookmaker, snapshot_timestamp)
),
ranked_quotes AS (
  SELECT
    *,
    ROW_NUMBER() OVER (
      PARTITION BY game_id, market
      ORDER BY
        CASE bookmaker WHEN 'draftkings' THEN 1 WHEN 'fanduel' THEN 2 ELSE 3 END, bookmaker,
        snapshot_timestamp DESC, processed_at DESC, ABS(line_x100 - median_x100), line_x100
    ) AS closing_rank,
    ROW_NUMBER() OVER (
      PARTITION BY game_id, market, bookmaker
      ORDER BY snapshot_timestamp, processed_at DESC, ABS(line_x100 - median_x100), line_x100
    ) AS opening_rank
  FROM quotes_with_median
),
markets AS (
  SELECT
    closing.game_id,
    closing.market,
    closing.bookmaker,
    closing.snapshot_timestamp,
    closing.bound,
    closing.line_x100,
    opening.line_x100 AS opening_x100,
    closing.sides_differ
  FROM ranked_quotes AS closing
  INNER JOIN ranked_quotes AS opening
    ON opening.game_id = closing.game_id
    AND opening.market = closing.market
    AND opening.bookmaker = closing.bookmaker
    AND opening.opening_rank = 1
  WHERE closing.closing_rank = 1
)
SELECT
  game.game_date,
  game.game_id,
  game.team_abbr,
  IF(game.home_game, spread.line_x100, -spread.line_x100) AS spread_x100,
  IF(game.home_game, spread.opening_x100, -spread.opening_x100) AS opening_spread_x100,
  spread.bookmaker AS spread_source,
  spread.snapshot_timestamp AS spread_updated_at,
  total.line_x100 AS total_x100,
  total.opening_x100 AS opening_total_x100,
  total.bookmaker AS total_source,
  total.snapshot_timestamp AS total_updated_at,
  COALESCE(
    GREATEST(spread.snapshot_timestamp, total.snapshot_timestamp), spread.snapshot_timestamp, total.snapshot_timestamp
  ) AS updated_at,
  IF(
    COALESCE(spread.snapshot_timestamp >= total.snapshot_timestamp, total.game_id IS NULL), spread.bound, total.bound
  ) AS known_until,
  COALESCE(spread.sides_differ, FALSE) AS spread_sides_differ
FROM team_games AS game
LEFT JOIN markets AS spread ON spread.game_id = game.game_id AND spread.market = 'spreads'
LEFT JOIN markets AS total ON total.game_id = game.game_id AND total.market = 'totals'
WHERE spread.game_id IS NOT NULL OR total.game_id IS NOT NULL
