-- Every listed player on a team, one row per source, game and player.
-- A row without a team takes the one of the game's two teams that the player's other rows of that season name, where
-- exactly one is; otherwise team_abbr stays NULL, the row is left out of every table and reported. It is never guessed.
WITH teamless AS (
  SELECT DISTINCT player_lookup, season_year, one_team_abbr, other_team_abbr
  FROM player_listings
  WHERE listed_team_abbr IS NULL
),
season_rows AS (
  SELECT
    season_year, player_lookup, COALESCE(NULLIF(TRIM(player_name), ''), player_name_original) AS player_full_name,
    team_abbr
  FROM nba_raw.nbac_gamebook_player_stats
  WHERE game_date BETWEEN @season_start_date AND @season_end_date AND EXISTS (SELECT 1 FROM teamless)
  UNION ALL
  SELECT season_year, player_lookup, player_full_name, team_abbr
  FROM nba_raw.nbac_player_boxscores
  WHERE game_date BETWEEN @season_start_date AND @season_end_date AND EXISTS (SELECT 1 FROM teamless)
),
season_teams AS (
  SELECT DISTINCT
    season_year,
    COALESCE(player_lookup(player_lookup), player_lookup(player_full_name)) AS player_lookup,
    team_code(team_abbr) AS team_abbr
  FROM season_rows
),
told AS (
  SELECT
    teamless.player_lookup, teamless.season_year, teamless.one_team_abbr, teamless.other_team_abbr,
    MIN(season_teams.team_abbr) AS team_abbr
  FROM teamless
  INNER JOIN season_teams
    ON season_teams.player_lookup = teamless.player_lookup
    AND season_teams.season_year = teamless.season_year
    AND season_teams.team_abbr IN (teamless.one_team_abbr, teamless.other_team_abbr)
  GROUP BY 1, 2, 3, 4
  HAVING COUNT(DISTINCT season_teams.team_abbr) = 1
),
-- Ranking takes time, and hardly any player is listed twice on a date.
listed_again AS (
  SELECT source, game_date, COALESCE(player_lookup, '') AS player_lookup
  FROM player_listings
  GROUP BY source, game_date, COALESCE(player_lookup, '')
  HAVING COUNT(*) > 1
),
resolved AS (
  SELECT
    listing.* EXCEPT (listed_team_abbr),
    COALESCE(listing.listed_team_abbr, told.team_abbr) AS team_abbr,
    listing.listed_team_abbr,
    listed_again.player_lookup IS NOT NULL AS is_listed_again
  FROM player_listings AS listing
  LEFT JOIN told
    ON listing.listed_team_abbr IS NULL
    AND told.player_lookup = listing.player_lookup
    AND told.season_year = listing.season_year
    AND told.one_team_abbr = listing.one_team_abbr
    AND told.other_team_abbr = listing.other_team_abbr
  LEFT JOIN listed_again
    ON listed_again.source = listing.source AND listed_again.game_date = listing.game_date
    AND listed_again.player_lookup = COALESCE(listing.player_lookup, '')
),
of_games AS (
  SELECT * EXCEPT (listed_team_abbr), listed_team_abbr IS NULL AS team_was_resolved
  FROM resolved
  WHERE is_listed_again
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY source, game_id, player_lookup, team_abbr
    ORDER BY
      listed_team_abbr IS NULL, entered DESC, player_status,
      -- Two rows that name no team of the game may tie: by their text, never by the order they were loaded in.
      IF(listed_team_abbr IS NULL, TO_JSON_STRING(resolved), NULL)
  ) = 1
),
-- A player listed twice on one date (traded that day, or named with and without a team) keeps the row that entered a
-- game. Two rows that both entered are two claims on one key: both stay, and the duplicates audit holds their games.
of_dates AS (
  SELECT *
  FROM of_games
  QUALIFY entered AND team_abbr IS NOT NULL OR ROW_NUMBER() OVER (
    PARTITION BY source, game_date, player_lookup
    ORDER BY entered DESC, team_abbr IS NOT NULL DESC, team_was_resolved, player_status, game_id, team_abbr
  ) = 1
)
SELECT
  * EXCEPT (is_listed_again),
  COUNTIF(entered AND team_abbr IS NOT NULL) OVER (PARTITION BY source, game_id, player_lookup) > 1 AS is_on_both_sides
FROM of_dates
UNION ALL
SELECT * EXCEPT (listed_team_abbr, is_listed_again), listed_team_abbr IS NULL, FALSE
FROM resolved
WHERE NOT is_listed_again
