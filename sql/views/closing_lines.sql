-- One row per game and player: the closing points line and the same book's opening line, both strictly before tip-off.
-- Which book: draftkings, fanduel, then the others alphabetically. One book may have several lines in one snapshot
-- (books list alternates: 0.5 beside 26.5). Of these the latest processed counts, then the one nearest to the median of
-- all the player's lines of that date, then the lower. A row loaded twice is one quote. Lines are given in hundredths
-- (_x100), moments in microseconds since 1970: a fingerprint of whole numbers is the same text on every engine.
-- updated_at_micros is the closing line's snapshot, known_until_micros the tip-off that it was before: by the row's own
-- count of minutes, else by its own time of the start, else by the schedule.
WITH quoted_lines AS (
  SELECT
    game.game_date,
    game.game_id,
    COALESCE(player_lookup(raw.player_lookup), player_lookup(raw.player_name)) AS player_lookup,
    LOWER(TRIM(raw.bookmaker)) AS bookmaker,
    raw.snapshot_timestamp,
    raw.points_line,
    raw.processed_at,
    COALESCE(
      TIMESTAMP_ADD(raw.snapshot_timestamp, INTERVAL raw.minutes_before_tipoff MINUTE), raw.game_start_time,
      game.tip_off
    ) AS known_until
  FROM nba_raw.odds_api_player_points_props AS raw
  INNER JOIN team_games AS game
    ON game.game_date = raw.game_date
    AND game.team_abbr = team_code(raw.home_team_abbr)
    AND game.opponent_team_abbr = team_code(raw.away_team_abbr)
  WHERE raw.game_date BETWEEN @start_date AND @end_date
    AND raw.points_line BETWEEN 0 AND 999
    -- An unknown time is never before tip-off.
    AND CASE
      WHEN raw.minutes_before_tipoff IS NOT NULL THEN raw.minutes_before_tipoff > 0
      ELSE COALESCE(raw.snapshot_timestamp < COALESCE(raw.game_start_time, game.tip_off), FALSE)
    END
),
quotes AS (
  SELECT
    game_date, game_id, player_lookup, bookmaker, snapshot_timestamp, points_line,
    MAX(processed_at) AS processed_at,
    MIN(known_until) AS known_until
  FROM quoted_lines
  GROUP BY game_date, game_id, player_lookup, bookmaker, snapshot_timestamp, points_line
),
quotes_with_median AS (
  SELECT
    *,
    PERCENTILE_CONT(points_line, 0.5) OVER (PARTITION BY game_date, player_lookup) AS median_line
  FROM quotes
),
ranked_quotes AS (
  SELECT
    *,
    ROW_NUMBER() OVER (
      PARTITION BY game_id, player_lookup
      ORDER BY
        CASE bookmaker WHEN 'draftkings' THEN 1 WHEN 'fanduel' THEN 2 ELSE 3 END, bookmaker,
        snapshot_timestamp DESC, processed_at DESC, ABS(points_line - median_line), points_line
    ) AS closing_rank,
    ROW_NUMBER() OVER (
      PARTITION BY game_id, player_lookup, bookmaker
      ORDER BY snapshot_timestamp, processed_at DESC, ABS(points_line - median_line), points_line
    ) AS opening_rank
  FROM quotes_with_median
)
SELECT
  closing.game_date,
  closing.game_id,
  closing.player_lookup,
  CAST(ROUND(100 * closing.points_line) AS INT64) AS points_line_x100,
  closing.bookmaker,
  CAST(ROUND(100 * opening.points_line) AS INT64) AS opening_line_x100,
  UNIX_MICROS(closing.snapshot_timestamp) AS updated_at_micros,
  UNIX_MICROS(closing.known_until) AS known_until_micros
FROM ranked_quotes AS closing
INNER JOIN ranked_quotes AS opening
  ON opening.game_id = closing.game_id
  AND opening.player_lookup = closing.player_lookup
  AND opening.bookmaker = closing.bookmaker
  AND opening.opening_rank = 1
WHERE closing.closing_rank = 1
