-- Play-by-play, v2. The date and the two teams come from the teams' logs of the same games. What happened is a number;
-- the kind of a shot and its distance stand only in the sentence that describes it, and some shots have no known
-- distance. The second player of a made shot assisted, the third of a missed one blocked it, the second of a turnover
-- stole the ball, the second of a substitution came in.
-- A look at the replay (18) is no event of the game: the player it names is somebody else, whose number an official
-- has.
WITH plays AS (
  SELECT
    *,
    IF(
      STARTS_WITH(VISITORDESCRIPTION, 'MISS') OR HOMEDESCRIPTION IS NULL, VISITORDESCRIPTION, HOMEDESCRIPTION
    ) AS sentence,
    -- An event that was entered late has a high number, so the clock orders the events, and the number those of one
    -- second.
    ROW_NUMBER() OVER (
      PARTITION BY GAME_ID ORDER BY PERIOD, clock_seconds(PCTIMESTRING) DESC, EVENTNUM
    ) AS sequence
  FROM play_by_play_v2
)
SELECT
  home.GAME_DATE AS game_date,
  FORMAT_DATE('%Y%m%d', home.GAME_DATE) || '_' || away.TEAM_ABBREVIATION || '_' || home.TEAM_ABBREVIATION AS game_id,
  CAST(SUBSTR(home.SEASON_ID, -4) AS INT64) AS season_year,
  home.TEAM_ABBREVIATION AS home_team_abbr,
  away.TEAM_ABBREVIATION AS away_team_abbr,
  LPAD(play.GAME_ID, 10, '0') || '_' || CAST(play.sequence AS STRING) AS event_id,
  play.sequence AS event_sequence,
  play.PERIOD AS period,
  play.PCTIMESTRING AS game_clock,
  clock_seconds(play.PCTIMESTRING) AS game_clock_seconds,
  CASE play.EVENTMSGTYPE
    WHEN 1 THEN 'shot'
    WHEN 2 THEN 'shot'
    WHEN 3 THEN 'free throw'
    WHEN 4 THEN 'rebound'
    WHEN 5 THEN 'turnover'
    WHEN 6 THEN 'foul'
    WHEN 7 THEN 'violation'
    WHEN 8 THEN 'substitution'
    WHEN 9 THEN 'timeout'
    WHEN 10 THEN 'jump ball'
    WHEN 11 THEN 'ejection'
    WHEN 12 THEN 'start of period'
    WHEN 13 THEN 'end of period'
  END AS event_type,
  CASE
    WHEN play.EVENTMSGTYPE <= 2 THEN LOWER(TRIM(REGEXP_EXTRACT(play.sentence, r"(?:[0-9]+'|  )\s*([^(]+)")))
    WHEN play.EVENTMSGTYPE = 3
      THEN LOWER(REPLACE(TRIM(REGEXP_EXTRACT(play.sentence, r'(Free Throw [^(]+)')), ' of ', '/'))
    WHEN play.EVENTMSGTYPE = 4 THEN IF(play.PLAYER1_NAME IS NULL, 'team rebound', 'rebound')
  END AS event_subtype,
  IF(play.EVENTMSGTYPE <= 2, CAST(REGEXP_EXTRACT(play.sentence, r" ([0-9]+)' ") AS FLOAT64), NULL) AS shot_distance,
  IF(play.EVENTMSGTYPE <= 2, play.EVENTMSGTYPE = 1, NULL) AS shot_made,
  IF(
    play.EVENTMSGTYPE <= 2, IF(REGEXP_CONTAINS(play.sentence, r'\b3PT\b'), '3PT', '2PT'), NULL
  ) AS shot_type,
  CASE
    WHEN play.EVENTMSGTYPE = 1 THEN IF(REGEXP_CONTAINS(play.sentence, r'\b3PT\b'), 3, 2)
    WHEN play.EVENTMSGTYPE = 2 THEN 0
    WHEN play.EVENTMSGTYPE = 3 THEN IF(STARTS_WITH(play.sentence, 'MISS'), 0, 1)
  END AS points_scored,
  play.PLAYER1_NAME AS player_1_name,
  player_lookup(play.PLAYER1_NAME) AS player_1_lookup,
  COALESCE(
    play.PLAYER1_TEAM_ABBREVIATION,
    IF(play.HOMEDESCRIPTION IS NOT NULL, home.TEAM_ABBREVIATION, NULL),
    IF(play.VISITORDESCRIPTION IS NOT NULL, away.TEAM_ABBREVIATION, NULL)
  ) AS player_1_team_abbr,
  CASE
    WHEN play.EVENTMSGTYPE = 2 THEN player_lookup(play.PLAYER3_NAME)
    WHEN play.EVENTMSGTYPE IN (1, 5, 8) THEN player_lookup(play.PLAYER2_NAME)
  END AS player_2_lookup,
  CASE
    WHEN play.EVENTMSGTYPE = 1 AND play.PLAYER2_NAME IS NOT NULL THEN 'assist'
    WHEN play.EVENTMSGTYPE = 2 AND play.PLAYER3_NAME IS NOT NULL THEN 'block'
    WHEN play.EVENTMSGTYPE = 5 AND play.PLAYER2_NAME IS NOT NULL THEN 'steal'
    WHEN play.EVENTMSGTYPE = 8 AND play.PLAYER2_NAME IS NOT NULL THEN 'substitution_in'
  END AS player_2_role,
  'nba_api' AS data_source,
  CURRENT_TIMESTAMP() AS processed_at
FROM plays AS play
JOIN team_game_logs AS home ON home.GAME_ID = play.GAME_ID AND REGEXP_CONTAINS(home.MATCHUP, r' vs\. ')
JOIN team_game_logs AS away ON away.GAME_ID = play.GAME_ID AND REGEXP_CONTAINS(away.MATCHUP, r' @ ')
WHERE play.EVENTMSGTYPE <> 18;
