-- Games that were decided on and that the schedule lists no longer by their id, and what it says of them now. Void is one
-- that it says is another game, on another date or an exhibition: a team plays once a date, and a league id once.
-- The rows of any other stay (waiting, as any whose source is lost): it is gone, or what is listed makes no sense.
-- What a game is is told by its state or by its rows: either may have been deleted by hand.
WITH told AS (
  SELECT game_date, game_id, CAST(NULL AS STRING) AS nba_game_id, CAST(NULL AS INT64) AS season_year
  FROM nba_phase3.publications
  WHERE game_date BETWEEN @start_date AND @end_date
  UNION ALL
  SELECT game_date, game_id, nba_game_id, season_year
  FROM nba_phase3.game_readiness
  WHERE game_date BETWEEN @start_date AND @end_date
  UNION ALL
  SELECT game_date, game_id, nba_game_id, season_year
  FROM nba_analytics.team_offense_game_summary
  WHERE game_date BETWEEN @start_date AND @end_date
),
stored AS (
  SELECT
    told.game_date,
    told.game_id,
    MAX(told.nba_game_id) AS nba_game_id,
    MAX(told.season_year) AS season_year,
    SPLIT(told.game_id, '_')[SAFE_OFFSET(1)] AS away_team_abbr,
    SPLIT(told.game_id, '_')[SAFE_OFFSET(2)] AS home_team_abbr
  FROM told
  LEFT JOIN scheduled_games AS listed ON listed.game_id = told.game_id
  WHERE listed.game_id IS NULL
  GROUP BY 1, 2
),
instead AS (
  SELECT stored.game_id, MIN(listed.game_id) AS listed_game_id
  FROM stored
  INNER JOIN scheduled_games AS listed
    ON listed.game_date = stored.game_date
    AND listed.schedule_state <> 'void'
    AND (
      listed.away_team_abbr IN (stored.away_team_abbr, stored.home_team_abbr)
      OR listed.home_team_abbr IN (stored.away_team_abbr, stored.home_team_abbr)
    )
  GROUP BY stored.game_id
),
elsewhere AS (
  SELECT
    stored.game_id,
    MAX(IF(
      scrape.game_date <> stored.game_date AND scrape.excluded_because IS NULL AND NOT scrape.is_misdated,
      scrape.game_date, NULL
    )) AS game_date,
    MAX(IF(
      scrape.game_date = stored.game_date AND scrape.excluded_because IN ('pre-season', 'all-star'),
      scrape.excluded_because, NULL
    )) AS exhibition,
    MAX(IF(scrape.game_date = stored.game_date, scrape.excluded_because, NULL)) AS excluded_because
  FROM stored
  INNER JOIN schedule_rows AS scrape
    ON scrape.nba_game_id = stored.nba_game_id
    OR scrape.game_date = stored.game_date
    AND scrape.away_team_abbr = stored.away_team_abbr AND scrape.home_team_abbr = stored.home_team_abbr
  GROUP BY stored.game_id
)
SELECT
  stored.game_date,
  stored.game_id,
  stored.nba_game_id,
  stored.season_year,
  stored.away_team_abbr,
  stored.home_team_abbr,
  IF(
    instead.game_id IS NULL AND elsewhere.game_date IS NULL AND elsewhere.exhibition IS NULL, 'waiting', 'void'
  ) AS source_state,
  CASE
    WHEN instead.game_id IS NOT NULL THEN CONCAT('the schedule now lists ', instead.listed_game_id, ' instead')
    WHEN elsewhere.game_date IS NOT NULL THEN CONCAT('moved_to_', FORMAT_DATE('%Y%m%d', elsewhere.game_date))
    WHEN elsewhere.exhibition IS NOT NULL THEN elsewhere.exhibition
    WHEN elsewhere.excluded_because IS NOT NULL
      THEN CONCAT('on the schedule as no game: ', elsewhere.excluded_because)
    ELSE 'not on the schedule any more'
  END AS source_reason,
  CAST(NULL AS STRING) AS team_source,
  CAST(NULL AS STRING) AS player_source,
  CAST(NULL AS STRING) AS left_out,
  CAST(NULL AS TIMESTAMP) AS known_until
FROM stored
LEFT JOIN instead ON instead.game_id = stored.game_id
LEFT JOIN elsewhere ON elsewhere.game_id = stored.game_id
