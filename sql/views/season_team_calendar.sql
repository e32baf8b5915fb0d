-- season_team_games with what the schedule alone says of each: rest, density, venue, travel and runs of games at home
-- and away. The windows are calendar days before the game; games count whether they are final or not.
WITH placed_games AS (
  SELECT
    game.*,
    UNIX_DATE(game.game_date) AS day,
    game.home_game AND NOT venue.is_neutral AS at_home,
    venue.venue_name,
    venue.altitude_feet AS venue_altitude_feet,
    venue.latitude,
    venue.longitude,
    venue.time_zone,
    home.latitude AS home_latitude,
    home.longitude AS home_longitude,
    home.time_zone AS home_time_zone
  FROM season_team_games AS game
  INNER JOIN season_venues AS venue ON venue.game_id = game.game_id
  LEFT JOIN venues AS home ON home.team_abbr = game.team_abbr AND home.is_present
),
windows AS (
  SELECT
    *,
    day - LAG(day) OVER games_before AS days_since_last_game,
    ROW_NUMBER() OVER games_before AS game_number_in_season,
    COUNT(*) OVER three_days AS games_in_last_3_days,
    COUNT(*) OVER five_days AS games_in_last_5_days,
    COUNT(*) OVER six_days AS games_in_last_6_days,
    COUNT(*) OVER seven_days AS games_in_last_7_days,
    COUNT(*) OVER fourteen_days AS games_in_last_14_days,
    IF(ROW_NUMBER() OVER games_before = 1, home_latitude, LAG(latitude) OVER games_before) AS latitude_before,
    IF(ROW_NUMBER() OVER games_before = 1, home_longitude, LAG(longitude) OVER games_before) AS longitude_before,
    IF(ROW_NUMBER() OVER games_before = 1, home_time_zone, LAG(time_zone) OVER games_before) AS time_zone_before
  FROM placed_games
  WINDOW
    games_before AS (PARTITION BY season_year, team_abbr ORDER BY day),
    three_days AS (PARTITION BY season_year, team_abbr ORDER BY day RANGE BETWEEN 3 PRECEDING AND 1 PRECEDING),
    five_days AS (PARTITION BY season_year, team_abbr ORDER BY day RANGE BETWEEN 5 PRECEDING AND 1 PRECEDING),
    six_days AS (PARTITION BY season_year, team_abbr ORDER BY day RANGE BETWEEN 6 PRECEDING AND 1 PRECEDING),
    seven_days AS (PARTITION BY season_year, team_abbr ORDER BY day RANGE BETWEEN 7 PRECEDING AND 1 PRECEDING),
    fourteen_days AS (PARTITION BY season_year, team_abbr ORDER BY day RANGE BETWEEN 14 PRECEDING AND 1 PRECEDING)
),
journeys AS (
  SELECT
    *,
    great_circle_miles(latitude_before, longitude_before, latitude, longitude) AS travel_miles,
    DATETIME_DIFF(
      DATETIME(known_until(tip_off, game_date), time_zone), DATETIME(known_until(tip_off, game_date), time_zone_before),
      HOUR
    ) AS time_zone_shift,
    MAX(IF(at_home, game_number_in_season, 0)) OVER games_so_far AS latest_home_game,
    MAX(IF(at_home, 0, game_number_in_season)) OVER games_so_far AS latest_road_game
  FROM windows
  WINDOW games_so_far AS (
    PARTITION BY season_year, team_abbr ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
  )
)
SELECT
  game_date,
  game_id,
  nba_game_id,
  season_year,
  season_phase,
  tip_off,
  schedule_state,
  team_abbr,
  opponent_team_abbr,
  home_game,
  days_since_last_game,
  games_in_last_3_days,
  games_in_last_5_days,
  games_in_last_6_days,
  games_in_last_7_days,
  games_in_last_14_days,
  game_number_in_season,
  venue_name,
  venue_altitude_feet,
  travel_miles,
  -- NULL where one of the journeys is.
  IF(
    COUNT(travel_miles) OVER two_weeks = COUNT(*) OVER two_weeks, SUM(travel_miles) OVER two_weeks, NULL
  ) AS miles_traveled_last_14_days,
  time_zone_shift,
  game_number_in_season - latest_home_game AS consecutive_road_games,
  game_number_in_season - latest_road_game AS consecutive_home_games
FROM journeys
WINDOW two_weeks AS (
  PARTITION BY season_year, team_abbr ORDER BY day RANGE BETWEEN 13 PRECEDING AND CURRENT ROW
)
