-- One row per player and date of games for each roster that may say his team before one of them: of each team the
-- latest of the seven days before the date, and that of the date itself.
-- A roster of the date itself counts for a game that begins after it was loaded (known_from), if the team has not begun
-- to play by then either. From then on (replaced_from) the team's roster before counts no more. Both are NULL where
-- nothing of the kind is there.
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
  SELECT
    day.game_date,
    rosters.*,
    IF(rosters.roster_date = day.game_date, rosters.processed_at, NULL) AS known_from
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
  SELECT *, MIN(known_from) OVER (PARTITION BY game_date, team_abbr) AS team_known_from
  FROM known_rosters
  QUALIFY known_from IS NOT NULL
    OR roster_date = MAX(IF(known_from IS NULL, roster_date, NULL)) OVER (PARTITION BY game_date, team_abbr)
)
SELECT
  game_date,
  player_lookup,
  player_full_name,
  team_abbr,
  birth_date,
  roster_date,
  processed_at,
  known_from,
  IF(known_from IS NULL, team_known_from, NULL) AS replaced_from
FROM latest_rosters
