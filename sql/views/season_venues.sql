-- Where each game of the season is played: the schedule's arena, by its name or else by its city. Where the schedule
-- names none, it is the home team's present one; with the neutral-site flag it is unknown, as is an arena that our
-- reference (venues) does not have. An unknown venue has NULLs.
-- is_neutral: it is not an arena of the home team. In production the schedule's own flag is never set.
WITH named AS (
  SELECT
    game_date, game_id, home_team_abbr, is_flagged_neutral,
    arena_name IS NULL AND arena_city IS NULL AS is_unnamed,
    place_key(arena_name) AS name_key,
    place_key(arena_city) AS city_key
  FROM season_games
),
venue_names AS (
  SELECT venue_name, team_abbr, place_key(name) AS name_key
  FROM venues
  CROSS JOIN UNNEST(names) AS name
),
candidates AS (
  SELECT named.game_id, venue_names.venue_name, venue_names.team_abbr, 1 AS preference
  FROM named
  INNER JOIN venue_names ON venue_names.name_key = named.name_key
  UNION ALL
  SELECT named.game_id, venues.venue_name, venues.team_abbr, 2
  FROM named
  INNER JOIN venues ON place_key(venues.city) = named.city_key
  UNION ALL
  SELECT named.game_id, venues.venue_name, venues.team_abbr, 3
  FROM named
  INNER JOIN venues ON venues.team_abbr = named.home_team_abbr
  WHERE named.is_unnamed AND NOT named.is_flagged_neutral AND venues.is_present
),
chosen AS (
  SELECT
    named.game_date,
    named.game_id,
    named.home_team_abbr,
    named.is_flagged_neutral,
    venues.venue_name,
    venues.team_abbr,
    venues.time_zone,
    venues.latitude,
    venues.longitude,
    venues.altitude_feet
  FROM named
  LEFT JOIN candidates ON candidates.game_id = named.game_id
  LEFT JOIN venues
    ON venues.venue_name = candidates.venue_name
    AND COALESCE(venues.team_abbr, '') = COALESCE(candidates.team_abbr, '')
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY named.game_id
    ORDER BY
      candidates.preference, COALESCE(venues.team_abbr = named.home_team_abbr, FALSE) DESC, venues.is_present DESC,
      venues.venue_name, venues.team_abbr
  ) = 1
)
SELECT
  game_date,
  game_id,
  venue_name,
  is_flagged_neutral OR COALESCE(team_abbr <> home_team_abbr, TRUE) AS is_neutral,
  time_zone,
  latitude,
  longitude,
  altitude_feet
FROM chosen
