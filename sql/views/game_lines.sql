-- Two rows per game that has lines, one per team: the closing spread and total and the same books' opening ones, all
-- before tip-off. The spread is the team's own: negative where it is favoured.
-- Which book: draftkings, fanduel, then the others alphabetically, each market by itself. A spread has two rows, x and
-- -x, which are one line; where only one is there, the other follows. Of several lines of a book in one snapshot the
-- latest processed counts, then the one nearest to the median of all lines of that game and market, then the lower (of
-- the home team's spreads). spread_sides_differ says that the other side of that snapshot has another line. Lines are
-- given in hundredths (_x100).
-- updated_at is the later of the two snapshots, known_until the tip-off that it was before. A row loaded twice is one
-- quote; what is left out (game_line_rows says why) counts as if it were not there.
WITH quotes AS (
  SELECT
    game_date, game_id, market, bookmaker, snapshot_timestamp, line_x100,
    MAX(bound) AS bound,
    MAX(processed_at) AS processed_at,
    COUNTIF(is_of_home) AS home_rows,
    COUNTIF(NOT is_of_home) AS away_rows
  FROM game_line_rows
  WHERE snapshot_timestamp < bound
    AND left_out_because IS NULL
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
