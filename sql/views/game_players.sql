-- Every listed player on a team, one row per source, game and player.
-- A row that names no team gets the one of the game's two teams that the player's other rows of the season name, if
-- they name exactly one of them. Otherwise team_abbr stays NULL, and the row is left out of every table and reported. A
-- team is never guessed.
WITH teamless_players AS (
  SELECT DISTINCT player_lookup, season_year, one_team_abbr, other_team_abbr
  FROM player_listings
  WHERE listed_team_abbr IS NULL
),
season_rows AS (
  SELECT
    season_year, player_lookup, COALESCE(NULLIF(TRIM(player_name), ''), player_name_original) AS player_full_name,
    team_abbr
  FROM nba_raw.nbac_gamebook_player_stats
  WHERE game_date BETWEEN @season_start_date AND @season_end_date AND EXISTS (SELECT 1 FROM teamless_players)
  UNION ALL
  SELECT season_year, player_lookup, player_full_name, team_abbr
  FROM nba_raw.nbac_player_boxscores
  WHERE game_date BETWEEN @season_start_date AND @season_end_date AND EXISTS (SELECT 1 FROM teamless_players)
),
season_teams AS (
  SELECT DISTINCT
    season_year,
    COALESCE(player_lookup(player_lookup), player_lookup(player_full_name)) AS player_lookup,
    team_code(team_abbr) AS team_abbr
  FROM season_rows
),
only_teams AS (
  SELECT
    teamless.player_lookup, teamless.season_year, teamless.one_team_abbr, teamless.other_team_abbr,
    MIN(season_teams.team_abbr) AS team_abbr
  FROM teamless_players AS teamless
  INNER JOIN season_teams
    ON season_teams.player_lookup = teamless.player_lookup
    AND season_teams.season_year = teamless.season_year
    AND season_teams.team_abbr IN (teamless.one_team_abbr, teamless.other_team_abbr)
  GROUP BY teamless.player_lookup, teamless.season_year, teamless.one_team_abbr, teamless.other_team_abbr
  HAVING COUNT(DISTINCT season_teams.team_abbr) = 1
),
-- Only players who are listed more than once on a date are ranked below: ranking takes time, and hardly anybody is.
listed_again AS (
  SELECT source, game_date, COALESCE(player_lookup, '') AS player_lookup
  FROM player_listings
  GROUP BY source, game_date, COALESCE(player_lookup, '')
  HAVING COUNT(*) > 1
),
listings AS (
  SELECT
    listing.* EXCEPT (listed_team_abbr),
    COALESCE(listing.listed_team_abbr, only_teams.team_abbr) AS team_abbr,
    listing.listed_team_abbr,
    listed_again.player_lookup IS NOT NULL AS is_listed_again
  FROM player_listings AS listing
  LEFT JOIN only_teams
    ON listing.listed_team_abbr IS NULL
    AND only_teams.player_lookup = listing.player_lookup
    AND only_teams.season_year = listing.season_year
    AND only_teams.one_team_abbr = listing.one_team_abbr
    AND only_teams.other_team_abbr = listing.other_team_abbr
  LEFT JOIN listed_again
    ON listed_again.source = listing.source AND listed_again.game_date = listing.game_date
    AND listed_again.player_lookup = COALESCE(listing.player_lookup, '')
),
rows_per_game AS (
  SELECT * EXCEPT (listed_team_abbr), listed_team_abbr IS NULL AS team_was_resolved
  FROM listings
  WHERE is_listed_again
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY source, game_id, player_lookup, team_abbr
    ORDER BY
      listed_team_abbr IS NULL, entered DESC, player_status,
      -- Two rows that name no team of the game may tie: their text decides, never the order in which they were loaded.
      IF(listed_team_abbr IS NULL, TO_JSON_STRING(listings), NULL)
  ) = 1
),
-- A player listed twice on one date (traded that day, or named with and without a team) keeps the row that entered a
-- game. Two rows that both entered claim the same key: both stay, and the duplicates audit holds their games back.
rows_per_date AS (
  SELECT *
  FROM rows_per_game
  QUALIFY (entered AND team_abbr IS NOT NULL) OR ROW_NUMBER() OVER (
    PARTITION BY source, game_date, player_lookup
    ORDER BY entered DESC, team_abbr IS NOT NULL DESC, team_was_resolved, player_status, game_id, team_abbr
  ) = 1
)
SELECT
  * EXCEPT (is_listed_again),
  COUNTIF(entered AND team_abbr IS NOT NULL) OVER (PARTITION BY source, game_id, player_lookup) > 1 AS is_on_both_sides
FROM rows_per_date
UNION ALL
SELECT * EXCEPT (listed_team_abbr, is_listed_again), listed_team_abbr IS NULL, FALSE
FROM listings
WHERE NOT is_listed_again
