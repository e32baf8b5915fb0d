-- Every player row of both player sources on its game, cleaned alike: one row per source, game, player and listed team;
-- the latest wins. Two sources: the official gamebook and the same-evening box scores (final rows, all of them played).
-- listed_team_abbr is NULL where the source does not name one of the game's two teams. The names of a key, of one load, are
-- the first and the last by alphabet: where they are two players', nobody can tell whose the row is. Rows of one load that
-- contradict each other about a player are noted: which of them counts, nobody can tell either.
WITH both_sources AS (
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
cleaned AS (
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
    CASE
      WHEN is_impossible_count(points) THEN CONCAT('points ', CAST(points AS STRING))
      WHEN is_impossible_count(field_goals_made) THEN CONCAT('field_goals_made ', CAST(field_goals_made AS STRING))
      WHEN is_impossible_count(field_goals_attempted) THEN CONCAT('field_goals_attempted ', CAST(field_goals_attempted AS STRING))
      WHEN is_impossible_count(three_pointers_made) THEN CONCAT('three_pointers_made ', CAST(three_pointers_made AS STRING))
      WHEN is_impossible_count(three_pointers_attempted) THEN CONCAT('three_pointers_attempted ', CAST(three_pointers_attempted AS STRING))
      WHEN is_impossible_count(free_throws_made) THEN CONCAT('free_throws_made ', CAST(free_throws_made AS STRING))
      WHEN is_impossible_count(free_throws_attempted) THEN CONCAT('free_throws_attempted ', CAST(free_throws_attempted AS STRING))
      WHEN is_impossible_count(offensive_rebounds) THEN CONCAT('offensive_rebounds ', CAST(offensive_rebounds AS STRING))
      WHEN is_impossible_count(defensive_rebounds) THEN CONCAT('defensive_rebounds ', CAST(defensive_rebounds AS STRING))
      WHEN is_impossible_count(total_rebounds) THEN CONCAT('total_rebounds ', CAST(total_rebounds AS STRING))
      WHEN is_impossible_count(assists) THEN CONCAT('assists ', CAST(assists AS STRING))
      WHEN is_impossible_count(steals) THEN CONCAT('steals ', CAST(steals AS STRING))
      WHEN is_impossible_count(blocks) THEN CONCAT('blocks ', CAST(blocks AS STRING))
      WHEN is_impossible_count(turnovers) THEN CONCAT('turnovers ', CAST(turnovers AS STRING))
      WHEN is_impossible_count(personal_fouls) THEN CONCAT('personal_fouls ', CAST(personal_fouls AS STRING))
    END AS impossible_statistic,
    COALESCE(
      points > 0 OR field_goals_attempted > 0 OR free_throws_attempted > 0 OR total_rebounds > 0 OR assists > 0
        OR steals > 0 OR blocks > 0 OR turnovers > 0 OR personal_fouls > 0,
      FALSE
    ) AS has_figures,
    processed_at
  FROM both_sources
),
on_games AS (
  SELECT
    cleaned.source,
    game.game_date,
    game.game_id,
    game.season_year,
    game.team_abbr AS one_team_abbr,
    game.opponent_team_abbr AS other_team_abbr,
    cleaned.player_lookup,
    cleaned.player_full_name,
    CASE WHEN cleaned.team_abbr IN (game.team_abbr, game.opponent_team_abbr) THEN cleaned.team_abbr END AS listed_team_abbr,
    cleaned.player_status,
    cleaned.dnp_reason,
    cleaned.starter,
    -- In uniform but never entered: a gamebook row that is active with 00:00 or without minutes.
    cleaned.player_status = 'active' AND (
      cleaned.source = 'nbac_player_boxscores' OR COALESCE(cleaned.clock_seconds <> 0, cleaned.minutes IS NOT NULL)
    ) AS entered,
    cleaned.minutes,
    IF(cleaned.clock_seconds <= 4200, cleaned.clock_seconds, NULL) AS played_seconds,
    cleaned.points,
    cleaned.fg_makes,
    cleaned.fg_attempts,
    cleaned.three_pt_makes,
    cleaned.three_pt_attempts,
    cleaned.ft_makes,
    cleaned.ft_attempts,
    cleaned.offensive_rebounds,
    cleaned.defensive_rebounds,
    cleaned.rebounds,
    cleaned.assists,
    cleaned.steals,
    cleaned.blocks,
    cleaned.turnovers,
    cleaned.personal_fouls,
    cleaned.plus_minus,
    cleaned.impossible_statistic,
    cleaned.has_figures,
    COALESCE(
      cleaned.home_team_abbr <> IF(game.home_game, game.team_abbr, game.opponent_team_abbr), FALSE
    ) AS names_other_home,
    cleaned.team_abbr AS team_as_listed,
    cleaned.processed_at,
    COALESCE(cleaned.processed_at, TIMESTAMP '1970-01-01 00:00:00+00') AS loaded_at,
    MIN(cleaned.listed_name) OVER (
      PARTITION BY cleaned.source, game.game_id, cleaned.player_lookup, cleaned.processed_at
    ) AS first_name_of_key,
    MAX(cleaned.listed_name) OVER (
      PARTITION BY cleaned.source, game.game_id, cleaned.player_lookup, cleaned.processed_at
    ) AS last_name_of_key,
    COUNT(*) OVER (
      PARTITION BY cleaned.source, game.game_id, cleaned.player_lookup, cleaned.processed_at
    ) AS rows_of_key
  FROM cleaned
  INNER JOIN team_games AS game
    ON game.game_date = cleaned.game_date
    AND game.team_abbr = COALESCE(
      cleaned.home_team_abbr, cleaned.away_team_abbr, cleaned.team_abbr, cleaned.id_team_abbr
    )
  WHERE COALESCE(cleaned.away_team_abbr IN (game.team_abbr, game.opponent_team_abbr), TRUE)
),
-- Of the keys that one load has several rows of, those whose rows contradict each other: other figures of somebody who
-- played, or somebody who did and did not. Looked at apart, since hardly any key is one of them.
contradictory AS (
  SELECT DISTINCT source, game_id, COALESCE(player_lookup, '') AS player_lookup, loaded_at
  FROM (
    SELECT
      source, game_id, player_lookup, loaded_at,
      COALESCE(team_as_listed, '') AS team_as_listed,
      CONCAT(COALESCE(team_as_listed, ''), ' ', COALESCE(listed_team_abbr, ''), IF(entered, ' played', ' did not')) AS played,
      IF(entered, CONCAT(
        COALESCE(CAST(played_seconds AS STRING), minutes, ''), ' ', TO_JSON_STRING([
          points, fg_makes, fg_attempts, three_pt_makes, three_pt_attempts, ft_makes, ft_attempts, offensive_rebounds,
          defensive_rebounds, rebounds, assists, steals, blocks, turnovers, personal_fouls
        ])
      ), NULL) AS figures,
      IF(entered, plus_minus, NULL) AS plus_minus
    FROM on_games
    WHERE rows_of_key > 1
  ) AS claimed
  GROUP BY source, game_id, player_lookup, loaded_at
  HAVING COUNT(DISTINCT figures) > 1 OR COUNT(DISTINCT plus_minus) > 1
    OR COUNT(DISTINCT played) > COUNT(DISTINCT team_as_listed)
)
SELECT
  on_games.* EXCEPT (team_as_listed, processed_at, loaded_at, rows_of_key),
  contradictory.game_id IS NOT NULL AS has_contradictory_rows
FROM on_games
LEFT JOIN contradictory
  ON contradictory.source = on_games.source AND contradictory.game_id = on_games.game_id
  AND contradictory.player_lookup = COALESCE(on_games.player_lookup, '') AND contradictory.loaded_at = on_games.loaded_at
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY on_games.source, on_games.game_id, on_games.player_lookup, on_games.team_as_listed
  ORDER BY
    processed_at DESC, player_status, minutes DESC, points DESC, fg_attempts DESC, turnovers,
    -- Rows that tie so far are told apart by all that is read of them, never by the order they were loaded in. Each column
    -- by itself: the text of a whole row takes half as long again over a season.
    dnp_reason, player_full_name, starter, fg_makes, three_pt_makes, three_pt_attempts, ft_makes, ft_attempts,
    offensive_rebounds, defensive_rebounds, rebounds, assists, steals, blocks, personal_fouls, plus_minus,
    impossible_statistic
) = 1
