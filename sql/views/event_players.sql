-- Who each name of a game's play-by-play is: one row per game, team and name that fits exactly one of the team's
-- players in the box score. A name carries the league's id in front or not. The id decides first, by the same-evening
-- rows of that game; then the name; then the name without its suffix; then the name without letters that have accents,
-- which one source deletes. Where two players fit, or none, the name has no row: a player is never guessed.
WITH lineups AS (
  SELECT DISTINCT game_id, team_abbr, own_lineup AS lineup FROM game_events WHERE own_lineup IS NOT NULL
  UNION DISTINCT
  SELECT DISTINCT game_id, opponent_team_abbr, other_lineup FROM game_events WHERE other_lineup IS NOT NULL
),
named AS (
  SELECT DISTINCT game_id, team_abbr, named_player FROM game_events WHERE named_player IS NOT NULL
  UNION DISTINCT
  SELECT DISTINCT game_id, IF(second_role = 'block', opponent_team_abbr, team_abbr), second_player
  FROM game_events
  WHERE event_type = 'shot' AND second_role IN ('assist', 'block') AND second_player IS NOT NULL
  UNION DISTINCT
  SELECT lineups.game_id, lineups.team_abbr, on_court
  FROM lineups
  CROSS JOIN UNNEST(SPLIT(lineups.lineup, ',')) AS on_court
),
spelt_names AS (
  SELECT
    game_id, team_abbr, named_player,
    SAFE_CAST(REGEXP_EXTRACT(named_player, r'^([0-9]+)[^0-9]') AS INT64) AS nba_player_id,
    player_lookup(REGEXP_REPLACE(named_player, r'^[0-9]+', '')) AS lookup
  FROM named
  WHERE team_abbr IS NOT NULL
),
-- The five on court are named without an id. Where the same name has one elsewhere in the game, it is theirs too.
spelt AS (
  SELECT
    game_id, team_abbr, named_player, lookup,
    IF(
      MIN(nba_player_id) OVER same_name = MAX(nba_player_id) OVER same_name,
      MIN(nba_player_id) OVER same_name, nba_player_id
    ) AS nba_player_id
  FROM spelt_names
  WINDOW same_name AS (PARTITION BY game_id, team_abbr, lookup)
),
ids AS (
  SELECT
    game.game_id, game.team_abbr, raw.nba_player_id,
    COALESCE(player_lookup(raw.player_lookup), player_lookup(raw.player_full_name)) AS lookup
  FROM nba_raw.nbac_player_boxscores AS raw
  INNER JOIN team_games AS game ON game.game_date = raw.game_date AND game.team_abbr = team_code(raw.team_abbr)
  WHERE raw.game_date BETWEEN @start_date AND @end_date
    AND raw.nba_player_id IS NOT NULL
    AND LOWER(TRIM(raw.game_status)) = 'final'
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY game.game_id, game.team_abbr, raw.nba_player_id ORDER BY raw.processed_at DESC, raw.player_lookup
  ) = 1
),
players AS (
  -- Everybody listed: who was on court for a moment may have no minutes in the box score.
  SELECT game_date, game_id, team_abbr, player_lookup, player_full_name FROM player_rows
),
-- What a player can be known by, the surest first.
known_by AS (
  SELECT players.game_date, players.game_id, players.team_abbr, players.player_lookup, known.place, known.key
  FROM players
  LEFT JOIN ids
    ON ids.game_id = players.game_id AND ids.team_abbr = players.team_abbr
    AND without_suffix(ids.lookup) = without_suffix(players.player_lookup)
  CROSS JOIN UNNEST([
    STRUCT(IF(ids.lookup = players.player_lookup, 1, 2) AS place, CAST(ids.nba_player_id AS STRING) AS key),
    STRUCT(3 AS place, players.player_lookup AS key),
    STRUCT(4 AS place, without_suffix(players.player_lookup) AS key),
    STRUCT(5 AS place, without_suffix(REGEXP_REPLACE(LOWER(players.player_full_name), r'[^a-z0-9]', '')) AS key)
  ]) AS known
  WHERE known.key IS NOT NULL
),
spelt_as AS (
  SELECT spelt.game_id, spelt.team_abbr, spelt.named_player, said.place, said.key
  FROM spelt
  CROSS JOIN UNNEST([
    STRUCT(1 AS place, CAST(spelt.nba_player_id AS STRING) AS key),
    STRUCT(2 AS place, CAST(spelt.nba_player_id AS STRING) AS key),
    STRUCT(3 AS place, spelt.lookup AS key),
    STRUCT(4 AS place, without_suffix(spelt.lookup) AS key),
    STRUCT(5 AS place, without_suffix(spelt.lookup) AS key)
  ]) AS said
  WHERE said.key IS NOT NULL
),
fits AS (
  SELECT
    known_by.game_date, spelt_as.game_id, spelt_as.team_abbr, spelt_as.named_player, spelt_as.place,
    MIN(known_by.player_lookup) AS player_lookup
  FROM spelt_as
  INNER JOIN known_by
    ON known_by.game_id = spelt_as.game_id
    AND known_by.team_abbr = spelt_as.team_abbr
    AND known_by.place = spelt_as.place
    AND known_by.key = spelt_as.key
  GROUP BY known_by.game_date, spelt_as.game_id, spelt_as.team_abbr, spelt_as.named_player, spelt_as.place
  HAVING COUNT(DISTINCT known_by.player_lookup) = 1
)
SELECT game_date, game_id, team_abbr, named_player, player_lookup
FROM fits
QUALIFY ROW_NUMBER() OVER (PARTITION BY game_id, team_abbr, named_player ORDER BY place) = 1
