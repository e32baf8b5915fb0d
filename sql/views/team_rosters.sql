-- One row per player and date of games: the team whose roster names him. Of each team the latest roster counts that is
-- at most seven days old; one of the date itself only if it was loaded before the team's tip-off. A player who is on
-- two of these is on the newer one.
WITH rosters AS (
  SELECT
    roster_date,
    team_code(team_abbr) AS team_abbr,
    COALESCE(player_lookup(player_lookup), player_lookup(player_full_name)) AS player_lookup,
    NULLIF(TRIM(player_full_name), '') AS player_full_name,
    birth_date,
    processed_at
  FROM nba_raw.espn_team_rosters
  WHERE roster_date BETWEEN DATE_SUB(@start_date, INTERVAL 7 DAY) AND @end_date
),
known_rosters AS (
  SELECT day.game_date, rosters.*
  FROM (SELECT DISTINCT game_date FROM team_games) AS day
  INNER JOIN rosters
    ON rosters.roster_date BETWEEN DATE_SUB(day.game_date, INTERVAL 7 DAY) AND day.game_date
    AND is_team_code(rosters.team_abbr)
    AND rosters.player_lookup IS NOT NULL
  LEFT JOIN team_games AS game ON game.game_date = day.game_date AND game.team_abbr = rosters.team_abbr
  WHERE rosters.roster_date < day.game_date
    OR COALESCE(rosters.processed_at < known_until(game.tip_off, game.game_date), FALSE)
),
latest_rosters AS (
  SELECT *
  FROM known_rosters
  QUALIFY roster_date = MAX(roster_date) OVER (PARTITION BY game_date, team_abbr)
)
SELECT game_date, player_lookup, player_full_name, team_abbr, birth_date, roster_date
FROM latest_rosters
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY game_date, player_lookup
  ORDER BY roster_date DESC, processed_at DESC, team_abbr, player_full_name, birth_date
) = 1
