-- How far each date is: a row of phase3_completion for every date from @start_date to @end_date whose row is to change.
-- Put in where they are named: latest_publications, active_interventions (bookkeeping/queries), published_tables (each
-- table: its place in lineage order, its phase, whether a game may rightly have no rows), present_rows (the rows of
-- every game in every table, as readers see them), game_coverage (player_game_summary/measures).
-- A game is expected unless it is void or waived. A game is complete in a table if readers see exactly the rows that
-- its latest decision published, and nothing is recorded against these rows. Newer rows that are held back do not
-- matter: readers see the ones before. A pre-game table's rows of a final game are those frozen at tip-off, or those
-- that a person made later with hindsight; a game without either is missing there.
WITH games AS (
  SELECT
    state.game_date,
    state.game_id,
    CONCAT(state.state, COALESCE(CONCAT(': ', state.reason), '')) AS told,
    state.source_state = 'void' AS is_void,
    waived.game_id IS NOT NULL AND state.source_state <> 'void' AS is_waived,
    waived.game_id IS NULL AND state.source_state <> 'void' AS is_expected,
    state.source_state IN ('waiting', 'ready') OR state.state = 'published' AS is_final,
    state.reason IS NULL OR state.state = 'ready' AS is_unexplained
  FROM nba_phase3.game_readiness AS state
  LEFT JOIN scheduled_games AS listed ON listed.game_id = state.game_id
  LEFT JOIN (
    SELECT DISTINCT game_id FROM latest_publications WHERE row_count > 0
  ) AS seen ON seen.game_id = state.game_id
  LEFT JOIN (
    SELECT DISTINCT game_id FROM active_interventions WHERE kind = 'waiver'
  ) AS waived ON waived.game_id = state.game_id
  WHERE state.game_date BETWEEN @start_date AND @end_date
    AND (listed.game_id IS NOT NULL OR seen.game_id IS NOT NULL)
),
shown AS (
  SELECT
    game.game_date,
    game.game_id,
    game.told,
    game.is_final,
    game.is_unexplained,
    expected.place,
    expected.table_name,
    expected.phase,
    decision.outcome,
    decision.reason,
    decision.published_rows_failing,
    COALESCE(present.row_count, 0) AS rows_present,
    COALESCE(decision.row_count, 0) AS rows_published,
    COALESCE(
      COALESCE(present.row_count, 0) = decision.row_count
      AND (
        decision.row_count > 0
        OR (expected.has_optional_rows AND decision.outcome IN ('published', 'unchanged', 'kept', 'rolled_back'))
      )
      AND decision.outcome <> 'check_failed'
      AND decision.published_rows_failing IS NULL,
      FALSE
    ) AS is_complete
  FROM games AS game
  CROSS JOIN published_tables AS expected
  LEFT JOIN latest_publications AS decision
    ON decision.game_id = game.game_id
    AND decision.game_date = game.game_date
    AND decision.table_name = expected.table_name
  LEFT JOIN present_rows AS present
    ON present.game_id = game.game_id
    AND present.game_date = game.game_date
    AND present.table_name = expected.table_name
  WHERE game.is_expected
),
missing AS (
  SELECT
    game_date,
    ARRAY_AGG(CONCAT(game_id, ' ', table_name, ' ', why) ORDER BY game_id, place) AS missing
  FROM (
    SELECT
      game_date,
      game_id,
      place,
      table_name,
      CASE
        WHEN rows_present <> rows_published
          THEN CONCAT(
            CAST(rows_present AS STRING), ' rows are there, ', CAST(rows_published AS STRING), ' were published'
          )
        WHEN outcome = 'check_failed' OR published_rows_failing IS NOT NULL THEN COALESCE(reason, outcome)
        WHEN outcome = 'quarantined' THEN CONCAT('held back: ', COALESCE(reason, 'no reason is recorded'))
        WHEN phase = 'pre_game' AND is_final
          THEN CONCAT(
            'no row was made before tip-off; `phase3 run ', FORMAT_DATE('%Y-%m-%d', game_date),
            '` makes it, with hindsight'
          )
        WHEN phase = 'pre_game' THEN 'no row is made yet'
        WHEN is_final AND is_unexplained THEN 'not published yet'
        ELSE told
      END AS why
    FROM shown
    WHERE NOT is_complete
  ) AS explained
  GROUP BY game_date
),
complete_games AS (
  SELECT game_date, COUNTIF(is_final) AS final_games, COUNTIF(is_final AND is_complete) AS complete_games
  FROM (
    SELECT game_date, game_id, is_final, LOGICAL_AND(is_complete) AS is_complete
    FROM shown
    GROUP BY game_date, game_id, is_final
  ) AS of_game
  GROUP BY game_date
),
complete_tables AS (
  SELECT game_date, COUNTIF(is_complete) AS complete_tables
  FROM (
    SELECT game_date, table_name, COUNTIF(is_final) > 0 AND COUNTIF(is_final AND NOT is_complete) = 0 AS is_complete
    FROM shown
    GROUP BY game_date, table_name
  ) AS of_table
  GROUP BY game_date
),
counted_games AS (
  SELECT
    game_date,
    COUNT(*) AS scheduled,
    COUNTIF(is_final AND NOT is_void) AS final,
    COUNTIF(is_void) AS void,
    COUNTIF(is_waived) AS waived,
    COUNTIF(is_expected) AS expected
  FROM games
  GROUP BY game_date
),
counted_rows AS (
  SELECT
    of_table.game_date,
    CONCAT(
      '{',
      STRING_AGG(
        CONCAT('"', of_table.table_name, '": ', CAST(of_table.row_count AS STRING)), ', ' ORDER BY of_table.place
      ),
      '}'
    ) AS rows_by_table,
    COUNT(*) AS tables
  FROM (
    SELECT day AS game_date, expected.place, expected.table_name, COALESCE(SUM(present.row_count), 0) AS row_count
    FROM UNNEST(GENERATE_DATE_ARRAY(@start_date, @end_date)) AS day
    CROSS JOIN published_tables AS expected
    LEFT JOIN present_rows AS present ON present.game_date = day AND present.table_name = expected.table_name
    GROUP BY day, expected.place, expected.table_name
  ) AS of_table
  GROUP BY of_table.game_date
),
usage_coverage AS (
  SELECT game_date, round_ratio(100 * SUM(with_usage), SUM(with_minutes), 100) AS percentage
  FROM game_coverage
  GROUP BY game_date
),
present_state AS (
  SELECT
    of_date.game_date,
    COALESCE(counted.scheduled, 0) AS games_scheduled,
    COALESCE(counted.final, 0) AS games_final,
    COALESCE(counted.void, 0) AS games_void,
    COALESCE(counted.waived, 0) AS games_waived,
    of_date.tables AS tables_expected,
    IF(COALESCE(counted.expected, 0) = 0, of_date.tables, COALESCE(of_tables.complete_tables, 0)) AS tables_complete,
    COALESCE(of_games.complete_games, 0) AS games_complete,
    IF(
      COALESCE(counted.expected, 0) = 0,
      100.0,
      COALESCE(round_ratio(100 * of_games.complete_games, of_games.final_games, 100), 0.0)
    ) AS coverage_percentage,
    usage_coverage.percentage AS usage_coverage_percentage,
    of_date.rows_by_table,
    COALESCE(missing.missing, ARRAY<STRING>[]) AS missing,
    COALESCE(of_games.complete_games, 0) = COALESCE(counted.expected, 0) AS is_complete
  FROM counted_rows AS of_date
  LEFT JOIN counted_games AS counted ON counted.game_date = of_date.game_date
  LEFT JOIN complete_games AS of_games ON of_games.game_date = of_date.game_date
  LEFT JOIN complete_tables AS of_tables ON of_tables.game_date = of_date.game_date
  LEFT JOIN usage_coverage ON usage_coverage.game_date = of_date.game_date
  LEFT JOIN missing ON missing.game_date = of_date.game_date
)
SELECT
  present.game_date,
  present.games_scheduled,
  present.games_final,
  present.games_void,
  present.games_waived,
  present.tables_expected,
  present.tables_complete,
  present.games_complete,
  present.coverage_percentage,
  present.usage_coverage_percentage,
  present.rows_by_table,
  present.missing,
  present.is_complete,
  -- A date without games is complete from the start; once it has games, that says nothing about them.
  COALESCE(
    IF(kept.games_scheduled = 0 AND present.games_scheduled > 0, NULL, kept.first_complete_at),
    IF(present.is_complete, @moment, NULL)
  ) AS first_complete_at,
  @moment AS updated_at
FROM present_state AS present
LEFT JOIN (
  SELECT * FROM nba_phase3.phase3_completion WHERE game_date BETWEEN @start_date AND @end_date
) AS kept ON kept.game_date = present.game_date
WHERE kept.game_date IS NULL
  OR kept.games_scheduled <> present.games_scheduled
  OR kept.games_final <> present.games_final
  OR kept.games_void <> present.games_void
  OR kept.games_waived <> present.games_waived
  OR kept.tables_expected <> present.tables_expected
  OR kept.tables_complete <> present.tables_complete
  OR kept.games_complete <> present.games_complete
  OR kept.coverage_percentage <> present.coverage_percentage
  OR COALESCE(kept.usage_coverage_percentage, -1) <> COALESCE(present.usage_coverage_percentage, -1)
  OR kept.rows_by_table <> present.rows_by_table
  OR COALESCE(ARRAY_TO_STRING(kept.missing, '\n'), '') <> ARRAY_TO_STRING(present.missing, '\n')
  OR kept.is_complete <> present.is_complete
