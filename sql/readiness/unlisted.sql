-- Decided games whose game_id the schedule no longer lists, and what it says of them now.
-- void: it lists another game in place of this one, has moved it to another date, or calls it an exhibition. A team
-- plays once a date, and a league id is played once.
-- waiting: the game is gone, or what is listed makes no sense. Its rows stay, as for any game whose source is lost.
-- The league id and the season come from game_readiness or from the published rows, since somebody may have deleted
-- either by hand. published_games is the rows of every published table that has both.
WITH decided_games AS (
  SELECT game_date, game_id, CAST(NULL AS STRING) AS nba_game_id, CAST(NULL AS INT64) AS season_year
  FROM nba_phase3.publications
  WHERE game_date BETWEEN @start_date AND @end_date
  UNION ALL
  SELECT game_date, game_id, nba_game_id, season_year
  FROM nba_phase3.game_readiness
  WHERE game_date BETWEEN @start_date AND @end_date
  UNION ALL
  SELECT game_date, game_id, nba_game_id, season_year
  FROM published_games
),
unlisted_games AS (
  SELECT
    decided.game_date,
    decided.game_id,
    MAX(decided.nba_game_id) AS nba_game_id,
    MAX(decided.season_year) AS season_year,
    SPLIT(decided.game_id, '_')[SAFE_OFFSET(1)] AS away_team_abbr,
    SPLIT(decided.game_id, '_')[SAFE_OFFSET(2)] AS home_team_abbr
  FROM decided_games AS decided
  LEFT JOIN scheduled_games AS listed ON listed.game_id = decided.game_id
  WHERE listed.game_id IS NULL
  GROUP BY decided.game_date, decided.game_id
),
replacing_games AS (
  SELECT unlisted.game_id, MIN(listed.game_id) AS listed_game_id
  FROM unlisted_games AS unlisted
  INNER JOIN scheduled_games AS listed
    ON listed.game_date = unlisted.game_date
    AND listed.schedule_state <> 'void'
    AND (
      listed.away_team_abbr IN (unlisted.away_team_abbr, unlisted.home_team_abbr)
      OR listed.home_team_abbr IN (unlisted.away_team_abbr, unlisted.home_team_abbr)
    )
  GROUP BY unlisted.game_id
),
other_listings AS (
  SELECT
    unlisted.game_id,
    MAX(IF(
      scrape.game_date <> unlisted.game_date AND scrape.excluded_because IS NULL AND NOT scrape.is_misdated,
      scrape.game_date, NULL
    )) AS game_date,
    MAX(IF(
      scrape.game_date = unlisted.game_date AND scrape.excluded_because IN ('pre-season', 'all-star'),
      scrape.excluded_because, NULL
    )) AS exhibition,
    MAX(IF(scrape.game_date = unlisted.game_date, scrape.excluded_because, NULL)) AS excluded_because
  FROM unlisted_games AS unlisted
  INNER JOIN schedule_rows AS scrape
    ON scrape.nba_game_id = unlisted.nba_game_id
    OR (
      scrape.game_date = unlisted.game_date
      AND scrape.away_team_abbr = unlisted.away_team_abbr
      AND scrape.home_team_abbr = unlisted.home_team_abbr
    )
  GROUP BY unlisted.game_id
)
SELECT
  unlisted.game_date,
  unlisted.game_id,
  unlisted.nba_game_id,
  unlisted.season_year,
  unlisted.away_team_abbr,
  unlisted.home_team_abbr,
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
FROM unlisted_games AS unlisted
LEFT JOIN replacing_games AS instead ON instead.game_id = unlisted.game_id
LEFT JOIN other_listings AS elsewhere ON elsewhere.game_id = unlisted.game_id
