-- Every player row of both player sources on its game, cleaned in the same way: one row per source, game, player and
-- listed team, the latest. Two sources: the official gamebook, and the same-evening box scores (final rows; everybody
-- in them played). listed_team_abbr is NULL where the source does not name one of the game's two teams.
-- A key may be two players' in one load: first_name_of_key and last_name_of_key are the first and the last of its names
-- by alphabet, and where they are two players' nobody can tell whose the row is. Rows of one load that contradict each
-- other about a player are noted, since nobody can tell either which of them counts.
WITH source_rows AS (
  SELECT
    'nbac_gamebook_player_stats' AS source,
    game_date, game_id, home_team_abbr, away_team_abbr, team_abbr,
    player_lookup, COALESCE(NULLIF(TRIM(player_name), ''), player_name_original) AS player_full_name,
    player_name_original AS listed_name,
    LOWER(TRIM(player_status)) AS player_status, dnp_reason, CAST(NULL AS BOOL) AS starter, minutes,
    points, field_goals_made, field_goals_attempted, three_pointers_made, three_pointers_attempted,
    free_throws_made, free_throws_attempted, offensive_rebounds, defensive_rebounds, total_rebounds, assists,
    steals, blocks, turnovers, personal_fouls,
    plus_minus, processed_at
  FROM nba_raw.nbac_gamebook_player_stats
  WHERE game_date BETWEEN @start_date AND @end_date
  UNION ALL
  SELECT
    'nbac_player_boxscores',
    game_date, game_id, home_team_abbr, away_team_abbr, team_abbr,
    player_lookup, player_full_name, player_full_name,
    'active', CAST(NULL AS STRING), starter, minutes,
    points, field_goals_made, field_goals_attempted, three_pointers_made, three_pointers_attempted,
    free_throws_made, free_throws_attempted, offensive_rebounds, defensive_rebounds, total_rebounds, assists,
    steals, blocks, turnovers, personal_fouls,
    plus_minus, processed_at
  FROM nba_raw.nbac_player_boxscores
  WHERE game_date BETWEEN @start_date AND @end_date AND LOWER(TRIM(game_status)) = 'final'
),
cleaned_rows AS (
  SELECT
    source,
    game_date,
    team_code(home_team_abbr) AS home_team_abbr,
    team_code(away_team_abbr) AS away_team_abbr,
    team_code(team_abbr) AS team_abbr,
    team_code(SPLIT(game_id, '_')[SAFE_OFFSET(1)]) AS id_team_abbr,
    COALESCE(player_lookup(player_lookup), player_lookup(player_full_name)) AS player_lookup,
    NULLIF(TRIM(player_full_name), '') AS player_full_name,
    TRIM(listed_name) AS listed_name,
    player_status,
    NULLIF(TRIM(dnp_reason), '') AS dnp_reason,
    starter,
    NULLIF(TRIM(minutes), '') AS minutes,
    clock_seconds(minutes) AS clock_seconds,
    box_score_count(points) AS points,
    box_score_count(field_goals_made) AS fg_makes,
    box_score_count(field_goals_attempted) AS fg_attempts,
    box_score_count(three_pointers_made) AS three_pt_makes,
    box_score_count(three_pointers_attempted) AS three_pt_attempts,
    box_score_count(free_throws_made) AS ft_makes,
    box_score_count(free_throws_attempted) AS ft_attempts,
    box_score_count(offensive_rebounds) AS offensive_rebounds,
    box_score_count(defensive_rebounds) AS defensive_rebounds,
    box_score_count(total_rebounds) AS rebounds,
    box_score_count(assists) AS assists,
    box_score_count(steals) AS steals,
    box_score_count(blocks) AS blocks,
    box_score_count(turnovers) AS turnovers,
    box_score_count(personal_fouls) AS personal_fouls,
    IF(plus_minus BETWEEN -999 AND 999, plus_minus, NULL) AS plus_minus,
    COALESCE(
      impossible_count('points', points),
      impossible_count('field_goals_made', field_goals_made),
      impossible_count('field_goals_attempted', field_goals_attempted),
      impossible_count('three_pointers_made', three_pointers_made),
      impossible_count('three_pointers_attempted', three_pointers_attempted),
      impossible_count('free_throws_made', free_throws_made),
      impossible_count('free_throws_attempted', free_throws_attempted),
      impossible_count('offensive_rebounds', offensive_rebounds),
      impossible_count('defensive_rebounds', defensive_rebounds),
      impossible_count('total_rebounds', total_rebounds),
      impossible_count('assists', assists),
      impossible_count('steals', steals),
      impossible_count('blocks', blocks),
      impossible_count('turnovers', turnovers),
      impossible_count('personal_fouls', personal_fouls)
    ) AS impossible_statistic,
    COALESCE(
      points > 0 OR field_goals_attempted > 0 OR free_throws_attempted > 0 OR total_rebounds > 0 OR assists > 0
        OR steals > 0 OR blocks > 0 OR turnovers > 0 OR personal_fouls > 0,
      FALSE
    ) AS has_figures,
    processed_at
  FROM source_rows
),
rows_of_games AS (
  SELECT
    cleaned_rows.source,
    game.game_date,
    game.game_id,
    game.season_year,
    game.team_abbr AS one_team_abbr,
    game.opponent_team_abbr AS other_team_abbr,
    cleaned_rows.player_lookup,
    cleaned_rows.player_full_name,
    IF(
      cleaned_rows.team_abbr IN (game.team_abbr, game.opponent_team_abbr), cleaned_rows.team_abbr, NULL
    ) AS listed_team_abbr,
    cleaned_rows.player_status,
    cleaned_rows.dnp_reason,
    cleaned_rows.starter,
    -- A gamebook row that is active with 00:00 or without minutes was in uniform and never entered.
    cleaned_rows.player_status = 'active' AND (
      cleaned_rows.source = 'nbac_player_boxscores'
        OR COALESCE(cleaned_rows.clock_seconds <> 0, cleaned_rows.minutes IS NOT NULL)
    ) AS entered,
    cleaned_rows.minutes,
    IF(cleaned_rows.clock_seconds <= 4200, cleaned_rows.clock_seconds, NULL) AS played_seconds,
    cleaned_rows.points,
    cleaned_rows.fg_makes,
    cleaned_rows.fg_attempts,
    cleaned_rows.three_pt_makes,
    cleaned_rows.three_pt_attempts,
    cleaned_rows.ft_makes,
    cleaned_rows.ft_attempts,
    cleaned_rows.offensive_rebounds,
    cleaned_rows.defensive_rebounds,
    cleaned_rows.rebounds,
    cleaned_rows.assists,
    cleaned_rows.steals,
    cleaned_rows.blocks,
    cleaned_rows.turnovers,
    cleaned_rows.personal_fouls,
    cleaned_rows.plus_minus,
    cleaned_rows.impossible_statistic,
    cleaned_rows.has_figures,
    COALESCE(
      cleaned_rows.home_team_abbr <> IF(game.home_game, game.team_abbr, game.opponent_team_abbr), FALSE
    ) AS names_other_home,
    cleaned_rows.team_abbr AS team_as_listed,
    cleaned_rows.processed_at,
    COALESCE(cleaned_rows.processed_at, TIMESTAMP '1970-01-01 00:00:00+00') AS loaded_at,
    MIN(cleaned_rows.listed_name) OVER (
      PARTITION BY cleaned_rows.source, game.game_id, cleaned_rows.player_lookup, cleaned_rows.processed_at
    ) AS first_name_of_key,
    MAX(cleaned_rows.listed_name) OVER (
      PARTITION BY cleaned_rows.source, game.game_id, cleaned_rows.player_lookup, cleaned_rows.processed_at
    ) AS last_name_of_key,
    COUNT(*) OVER (
      PARTITION BY cleaned_rows.source, game.game_id, cleaned_rows.player_lookup, cleaned_rows.processed_at
    ) AS rows_of_key
  FROM cleaned_rows
  INNER JOIN team_games AS game
    ON game.game_date = cleaned_rows.game_date
    AND game.team_abbr = COALESCE(
      cleaned_rows.home_team_abbr, cleaned_rows.away_team_abbr, cleaned_rows.team_abbr, cleaned_rows.id_team_abbr
    )
  WHERE COALESCE(cleaned_rows.away_team_abbr IN (game.team_abbr, game.opponent_team_abbr), TRUE)
),
-- The keys with several rows of one load that contradict each other: other figures of somebody who played, or somebody
-- who did and did not play. Looked at apart, since hardly any key is one of them.
contradictory_keys AS (
  SELECT DISTINCT source, game_id, COALESCE(player_lookup, '') AS player_lookup, loaded_at
  FROM (
    SELECT
      source, game_id, player_lookup, loaded_at,
      COALESCE(team_as_listed, '') AS team_as_listed,
      CONCAT(
        COALESCE(team_as_listed, ''), ' ', COALESCE(listed_team_abbr, ''), IF(entered, ' played', ' did not')
      ) AS played,
      IF(entered, CONCAT(
        COALESCE(CAST(played_seconds AS STRING), minutes, ''), ' ', TO_JSON_STRING([
          points, fg_makes, fg_attempts, three_pt_makes, three_pt_attempts, ft_makes, ft_attempts, offensive_rebounds,
          defensive_rebounds, rebounds, assists, steals, blocks, turnovers, personal_fouls
        ])
      ), NULL) AS figures,
      IF(entered, plus_minus, NULL) AS plus_minus
    FROM rows_of_games
    WHERE rows_of_key > 1
  ) AS rows_of_keys
  GROUP BY source, game_id, player_lookup, loaded_at
  HAVING COUNT(DISTINCT figures) > 1 OR COUNT(DISTINCT plus_minus) > 1
    OR COUNT(DISTINCT played) > COUNT(DISTINCT team_as_listed)
)
SELECT
  rows_of_games.* EXCEPT (team_as_listed, processed_at, loaded_at, rows_of_key),
  contradictory_keys.game_id IS NOT NULL AS has_contradictory_rows
FROM rows_of_games
LEFT JOIN contradictory_keys
  ON contradictory_keys.source = rows_of_games.source AND contradictory_keys.game_id = rows_of_games.game_id
  AND contradictory_keys.player_lookup = COALESCE(rows_of_games.player_lookup, '')
  AND contradictory_keys.loaded_at = rows_of_games.loaded_at
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY
    rows_of_games.source, rows_of_games.game_id, rows_of_games.player_lookup, rows_of_games.team_as_listed
  ORDER BY
    processed_at DESC, player_status, minutes DESC, points DESC, fg_attempts DESC, turnovers,
    -- Rows that tie so far are ordered by everything that is read of them, never by the order in which they were
    -- loaded. Each column by itself: the text of a whole row takes half as long again over a season.
    dnp_reason, player_full_name, starter, fg_makes, three_pt_makes, three_pt_attempts, ft_makes, ft_attempts,
    offensive_rebounds, defensive_rebounds, rebounds, assists, steals, blocks, personal_fouls, plus_minus,
    impossible_statistic
) = 1
