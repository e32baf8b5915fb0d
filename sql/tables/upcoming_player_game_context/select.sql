-- One row per scheduled game and player who is expected in uniform, of what is known before it: his published games of
-- earlier dates, his team's row of the same game, lines and injury reports up to tip-off.
-- Only games that he played count in a figure. His latest row of two seasons, played or not, says who he plays for.
-- Who plays for whom. A published row is a player's latest one on every date until his next one.
WITH latest_rows AS (
  SELECT
    player_lookup, universal_player_id, player_full_name, team_abbr, season_year, game_date AS row_date,
    LEAD(game_date, 1, DATE '9999-12-31') OVER (PARTITION BY player_lookup ORDER BY game_date) AS next_row_date
  FROM earlier.player_game_summary
),
season_starts AS (
  SELECT season_year, MIN(game_date) AS season_start
  FROM season_team_games
  GROUP BY season_year
),
teams_by_latest_row AS (
  SELECT game.game_date, game.game_id, latest.player_lookup, latest.team_abbr
  FROM team_games AS game
  INNER JOIN season_starts ON season_starts.season_year = game.season_year
  INNER JOIN latest_rows AS latest
    ON latest.team_abbr = game.team_abbr
    AND latest.row_date < game.game_date
    AND latest.next_row_date >= game.game_date
    AND latest.season_year >= game.season_year - 1
  LEFT JOIN closing_lines AS line ON line.game_id = game.game_id AND line.player_lookup = latest.player_lookup
  LEFT JOIN injury_reports AS report
    ON report.game_id = game.game_id AND report.player_lookup = latest.player_lookup AND report.team_abbr IS NULL
  WHERE line.game_id IS NOT NULL
    OR report.game_id IS NOT NULL
    OR (latest.season_year = game.season_year AND latest.row_date >= DATE_SUB(game.game_date, INTERVAL 30 DAY))
    OR (
      latest.season_year < game.season_year
      AND game.game_date < DATE_ADD(season_starts.season_start, INTERVAL 14 DAY)
    )
),
-- Who may be listed: whom a report, a roster or his latest row puts on one of the game's two teams.
candidates AS (
  SELECT game.game_date, game.game_id, known_until(game.tip_off, game.game_date) AS known_until, named.player_lookup
  FROM (
    SELECT game_date, player_lookup, team_abbr FROM injury_reports WHERE team_abbr IS NOT NULL
    UNION DISTINCT
    SELECT game_date, player_lookup, team_abbr FROM team_rosters
    UNION DISTINCT
    SELECT game_date, player_lookup, team_abbr FROM teams_by_latest_row
  ) AS named
  INNER JOIN team_games AS game ON game.game_date = named.game_date AND game.team_abbr = named.team_abbr
),
rosters AS (
  SELECT player.game_id, roster.*
  FROM candidates AS player
  INNER JOIN team_rosters AS roster
    ON roster.game_date = player.game_date AND roster.player_lookup = player.player_lookup
  WHERE COALESCE(roster.known_from < player.known_until, TRUE)
    AND COALESCE(roster.replaced_from >= player.known_until, TRUE)
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY player.game_id, roster.player_lookup
    ORDER BY
      roster.roster_date DESC, roster.processed_at DESC, roster.team_abbr, roster.player_full_name, roster.birth_date
  ) = 1
),
-- Each game by itself: what is known by its tip-off says whose he is, whatever is said before a later game of the date.
teams_of_players AS (
  SELECT game_id, player_lookup, team_abbr
  FROM (
    SELECT
      player.game_id, report.player_lookup, report.team_abbr, 1 AS precedence,
      report.report_date, report.report_hour, report.processed_at
    FROM candidates AS player
    INNER JOIN injury_report_rows AS report
      ON report.game_date = player.game_date
      AND report.player_lookup = player.player_lookup
      AND report.known_from <= player.known_until
    WHERE report.left_out_because IS NULL AND report.is_in_time AND report.team_abbr IS NOT NULL
    UNION ALL
    SELECT game_id, player_lookup, team_abbr, 2, NULL, NULL, NULL
    FROM rosters
    UNION ALL
    SELECT game_id, player_lookup, team_abbr, 3, NULL, NULL, NULL
    FROM teams_by_latest_row
  ) AS teams_named
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY game_id, player_lookup
    ORDER BY precedence, report_date DESC, report_hour DESC, processed_at DESC, team_abbr
  ) = 1
),
-- Who is listed for a game stays there: a later game of the date does not list him again.
listed_players AS (
  SELECT
    game.game_date, game.game_id, game.season_year, game.team_abbr, player.player_lookup,
    latest.universal_player_id,
    COALESCE(latest.player_full_name, roster.player_full_name, report.player_full_name) AS player_full_name,
    roster.birth_date,
    report.injury_status,
    report.reason,
    report.known_from
  FROM teams_of_players AS player
  INNER JOIN team_games AS game ON game.game_id = player.game_id AND game.team_abbr = player.team_abbr
  LEFT JOIN latest_rows AS latest
    ON latest.player_lookup = player.player_lookup
    AND latest.row_date < game.game_date
    AND latest.next_row_date >= game.game_date
  LEFT JOIN rosters AS roster ON roster.game_id = player.game_id AND roster.player_lookup = player.player_lookup
  LEFT JOIN injury_reports AS report
    ON report.game_id = player.game_id AND report.player_lookup = player.player_lookup
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY game.game_date, player.player_lookup ORDER BY known_until(game.tip_off, game.game_date), game.game_id
  ) = 1
),
-- The games that the listed players played.
played_games AS (
  SELECT
    player_lookup, season_year, game_date, points, fg_makes, fg_attempts, three_pt_makes, ft_attempts,
    CAST(10 * minutes_played AS INT64) AS minutes_x10,
    CAST(100 * usage_rate AS INT64) AS usage_rate_x100,
    UNIX_DATE(game_date) - LAG(UNIX_DATE(game_date)) OVER earlier_games AS days_since_previous,
    ROW_NUMBER() OVER earlier_games AS game_number
  FROM earlier.player_game_summary
  WHERE game_date >= @season_start_date
    AND NOT is_dnp
    AND minutes_played IS NOT NULL
    AND player_lookup IN (SELECT player_lookup FROM listed_players)
  WINDOW earlier_games AS (PARTITION BY player_lookup, season_year ORDER BY UNIX_DATE(game_date))
),
-- Form after each game, that game included.
player_form AS (
  SELECT
    player_lookup,
    season_year,
    game_number,
    game_date AS latest_game_used,
    days_since_previous,
    MAX(IF(days_since_previous >= 3, game_date, NULL)) OVER season AS latest_rested_game,
    LEAST(game_number, 5) AS l5_games_used,
    LEAST(game_number, 10) AS l10_games_used,
    SUM(points) OVER last_5 AS points_last_5,
    SUM(points) OVER last_10 AS points_last_10,
    SUM(points * points) OVER last_10 AS points_squared_last_10,
    SUM(points) OVER season AS points_of_season,
    SUM(minutes_x10) OVER last_10 AS minutes_x10_last_10,
    SUM(usage_rate_x100) OVER last_7 AS usage_rate_x100_last_7,
    COUNT(usage_rate_x100) OVER last_7 AS usage_rates_last_7,
    SUM(usage_rate_x100) OVER last_10 AS usage_rate_x100_last_10,
    COUNT(usage_rate_x100) OVER last_10 AS usage_rates_last_10,
    SUM(usage_rate_x100) OVER season AS usage_rate_x100_of_season,
    COUNT(usage_rate_x100) OVER season AS usage_rates_of_season,
    SUM(fg_makes) OVER last_10 AS fg_makes_last_10,
    SUM(fg_attempts) OVER last_10 AS fg_attempts_last_10,
    SUM(three_pt_makes) OVER last_10 AS three_pt_makes_last_10,
    SUM(ft_attempts) OVER last_10 AS ft_attempts_last_10
  FROM played_games
  WINDOW
    season AS (
      PARTITION BY player_lookup, season_year ORDER BY UNIX_DATE(game_date)
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ),
    last_5 AS (
      PARTITION BY player_lookup, season_year ORDER BY UNIX_DATE(game_date) ROWS BETWEEN 4 PRECEDING AND CURRENT ROW
    ),
    last_7 AS (
      PARTITION BY player_lookup, season_year ORDER BY UNIX_DATE(game_date) ROWS BETWEEN 6 PRECEDING AND CURRENT ROW
    ),
    last_10 AS (
      PARTITION BY player_lookup, season_year ORDER BY UNIX_DATE(game_date) ROWS BETWEEN 9 PRECEDING AND CURRENT ROW
    )
),
-- The games of the days before each listed game: both in one sequence, so that a window of days finds them.
player_days AS (
  SELECT
    game_id,
    player_lookup,
    COALESCE(SUM(games) OVER season, 0) AS games_played_season,
    COALESCE(SUM(games) OVER seven_days, 0) AS games_in_last_7_days,
    COALESCE(SUM(games) OVER fourteen_days, 0) AS games_in_last_14_days,
    COALESCE(SUM(minutes_x10) OVER seven_days, 0) AS minutes_x10_in_last_7_days,
    COALESCE(SUM(minutes_x10) OVER fourteen_days, 0) AS minutes_x10_in_last_14_days,
    COALESCE(SUM(back_to_backs) OVER thirteen_days, 0) AS back_to_backs_last_14_days
  FROM (
    SELECT
      player_lookup, season_year, game_date, CAST(NULL AS STRING) AS game_id, 1 AS games, minutes_x10,
      IF(days_since_previous = 1, 1, 0) AS back_to_backs
    FROM played_games
    UNION ALL
    SELECT player_lookup, season_year, game_date, game_id, 0, 0, 0
    FROM listed_players
  ) AS days
  QUALIFY game_id IS NOT NULL
  WINDOW
    -- Rows, a listed game before one that was played on its date: an engine has been seen to miscount a range of days
    -- that begins with the season.
    season AS (
      PARTITION BY player_lookup, season_year ORDER BY UNIX_DATE(game_date), games
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ),
    seven_days AS (
      PARTITION BY player_lookup, season_year ORDER BY UNIX_DATE(game_date) RANGE BETWEEN 7 PRECEDING AND 1 PRECEDING
    ),
    thirteen_days AS (
      PARTITION BY player_lookup, season_year ORDER BY UNIX_DATE(game_date) RANGE BETWEEN 13 PRECEDING AND 1 PRECEDING
    ),
    fourteen_days AS (
      PARTITION BY player_lookup, season_year ORDER BY UNIX_DATE(game_date) RANGE BETWEEN 14 PRECEDING AND 1 PRECEDING
    )
),
-- The rows' figures so far.
players AS (
  SELECT
    listed.*,
    days.* EXCEPT (game_id, player_lookup),
    form.* EXCEPT (player_lookup, season_year, game_number),
    UNIX_DATE(listed.game_date) - UNIX_DATE(form.latest_game_used) AS days_rest,
    COALESCE(
      listed.injury_status IN ('out', 'doubtful')
        AND is_star(form.game_number, form.points_last_10, form.minutes_x10_last_10),
      FALSE
    ) AS is_star_out
  FROM listed_players AS listed
  INNER JOIN player_days AS days ON days.game_id = listed.game_id AND days.player_lookup = listed.player_lookup
  LEFT JOIN player_form AS form
    ON form.player_lookup = listed.player_lookup
    AND form.season_year = listed.season_year
    AND form.game_number = days.games_played_season
),
-- Of each team that has somebody on the injury report, how many are in doubt or missed.
reported_sides AS (
  SELECT
    game_id,
    team_abbr,
    COUNTIF(injury_status IN ('questionable', 'doubtful')) AS questionable,
    COUNTIF(injury_status = 'probable') AS probable,
    COUNTIF(is_star_out) AS stars_out
  FROM players
  WHERE injury_status IS NOT NULL
  GROUP BY game_id, team_abbr
),
-- A player's games of the season beside the line of this one; a game on the line is left out.
games_off_line AS (
  SELECT
    line.game_id,
    line.player_lookup,
    played.game_number,
    100 * played.points > line.points_line_x100 AS is_over,
    MAX(IF(100 * played.points > line.points_line_x100, played.game_number, 0)) OVER listed AS latest_over,
    MAX(IF(100 * played.points < line.points_line_x100, played.game_number, 0)) OVER listed AS latest_under
  FROM closing_lines AS line
  INNER JOIN listed_players AS listed ON listed.game_id = line.game_id AND listed.player_lookup = line.player_lookup
  INNER JOIN played_games AS played
    ON played.player_lookup = line.player_lookup
    AND played.season_year = listed.season_year
    AND played.game_date < line.game_date
  WHERE 100 * played.points <> line.points_line_x100
  WINDOW listed AS (PARTITION BY line.game_id, line.player_lookup)
),
streaks AS (
  SELECT
    game_id,
    player_lookup,
    COUNTIF(is_over AND game_number > latest_under) AS prop_over_streak,
    COUNTIF(NOT is_over AND game_number > latest_over) AS prop_under_streak
  FROM games_off_line
  GROUP BY game_id, player_lookup
),
-- When each game begins by the clocks at its venue. Computed once per team, because to convert a time zone for every
-- player takes a measurable part of this query's time.
local_starts AS (
  SELECT
    team.game_id,
    team.team_abbr,
    REGEXP_REPLACE(
      FORMAT_DATETIME('%I:%M %p', DATETIME(team.tip_off, venue.time_zone)), r'^0', ''
    ) AS game_start_time_local
  FROM nba_analytics.upcoming_team_game_context AS team
  INNER JOIN season_venues AS venue ON venue.game_id = team.game_id
  WHERE team.game_date BETWEEN @start_date AND @end_date
),
published_games AS (
  SELECT game_id, team_abbr
  FROM earlier.player_game_summary
  WHERE game_date >= @season_start_date
  GROUP BY game_id, team_abbr
  HAVING is_whole_side(COUNTIF(NOT is_dnp))
),
completeness AS (
  SELECT
    game.game_id,
    game.team_abbr,
    COUNT(*) AS expected_games_count,
    COUNTIF(published.game_id IS NULL) AS missing_games_count,
    STRING_AGG(IF(published.game_id IS NULL, final.game_id, NULL), ', ' ORDER BY final.game_id) AS missing_games,
    MAX(IF(published.game_id IS NULL, final.game_date, NULL)) = MAX(final.game_date) AS is_latest_missing
  FROM team_games AS game
  INNER JOIN season_team_games AS final
    ON final.season_year = game.season_year
    AND final.team_abbr = game.team_abbr
    AND final.game_date < game.game_date
    AND final.schedule_state = 'final'
  LEFT JOIN published_games AS published
    ON published.game_id = final.game_id AND published.team_abbr = final.team_abbr
  GROUP BY game.game_id, game.team_abbr
)
SELECT
  player.player_lookup,
  player.universal_player_id,
  player.player_full_name,
  player.game_id,
  team.nba_game_id,
  player.game_date,
  player.season_year,
  player.team_abbr,
  team.opponent_team_abbr,
  team.home_game,
  team.season_phase,
  team.tip_off,
  start.game_start_time_local,
  line.game_id IS NOT NULL AS has_prop_line,
  line.points_line_x100 / 100 AS current_points_line,
  line.bookmaker AS current_points_line_source,
  line.opening_line_x100 / 100 AS opening_points_line,
  line.bookmaker AS opening_points_line_source,
  (line.points_line_x100 - line.opening_line_x100) / 100 AS line_movement,
  moment_of(line.updated_at_micros) AS points_line_updated_at,
  moment_of(line.known_until_micros) AS points_line_known_until,
  IF(team.home_game, team.game_spread, opponent.game_spread) AS game_spread,
  IF(team.home_game, team.opening_spread, opponent.opening_spread) AS opening_spread,
  IF(team.home_game, team.spread_movement, opponent.spread_movement) AS spread_movement,
  team.game_spread AS team_spread,
  team.implied_team_total,
  team.game_total,
  team.opening_total,
  team.total_movement,
  team.game_spread_source,
  team.game_total_source,
  team.betting_lines_updated_at,
  team.betting_lines_known_until,
  player.days_rest,
  player.days_rest AS days_since_last_game,
  player.days_rest - 1 AS full_rest_days,
  COALESCE(player.days_rest = 1, FALSE) AS back_to_back,
  team.team_back_to_back,
  player.days_since_previous AS days_rest_before_last_game,
  UNIX_DATE(player.game_date) - UNIX_DATE(player.latest_rested_game) AS days_since_2_plus_days_rest,
  player.games_in_last_7_days,
  player.games_in_last_14_days,
  player.minutes_x10_in_last_7_days / 10 AS minutes_in_last_7_days,
  player.minutes_x10_in_last_14_days / 10 AS minutes_in_last_14_days,
  round_ratio(player.minutes_x10_in_last_7_days, 10 * player.games_in_last_7_days, 10) AS avg_minutes_per_game_last_7,
  player.back_to_backs_last_14_days,
  round_ratio(player.points_last_5, player.l5_games_used, 10) AS points_avg_last_5,
  round_ratio(player.points_last_10, player.l10_games_used, 10) AS points_avg_last_10,
  round_ratio(player.points_of_season, player.games_played_season, 10) AS points_avg_season,
  sample_deviation(player.l10_games_used, player.points_last_10, player.points_squared_last_10) AS points_std_last_10,
  round_ratio(player.minutes_x10_last_10, 10 * player.l10_games_used, 10) AS minutes_avg_last_10,
  round_ratio(player.usage_rate_x100_last_10, 100 * player.usage_rates_last_10, 100) AS usage_rate_last_10,
  round_ratio(player.usage_rate_x100_last_7, 100 * player.usage_rates_last_7, 100) AS avg_usage_rate_last_7_games,
  round_ratio(player.usage_rate_x100_of_season, 100 * player.usage_rates_of_season, 100) AS player_usage_rate_season,
  ts_pct(player.points_last_10, player.fg_attempts_last_10, player.ft_attempts_last_10) AS ts_pct_last_10,
  efg_pct(player.fg_makes_last_10, player.three_pt_makes_last_10, player.fg_attempts_last_10) AS efg_pct_last_10,
  player.games_played_season,
  COALESCE(player.l5_games_used, 0) AS l5_games_used,
  COALESCE(player.l10_games_used, 0) AS l10_games_used,
  IF(line.game_id IS NULL, NULL, COALESCE(streaks.prop_over_streak, 0)) AS prop_over_streak,
  IF(line.game_id IS NULL, NULL, COALESCE(streaks.prop_under_streak, 0)) AS prop_under_streak,
  opponent.defensive_rating_last_10 AS opponent_def_rating_last_10,
  opponent.defensive_rating_last_15 AS opponent_def_rating_last_15,
  opponent.pace_last_10 AS opponent_pace_last_10,
  opponent.pace_last_15 AS opponent_pace_last_15,
  team.pace_last_10 - opponent.pace_last_10 AS pace_differential,
  opponent.days_since_last_game AS opponent_days_rest,
  team.travel_miles,
  team.miles_traveled_last_14_days,
  team.time_zone_shift,
  team.consecutive_road_games,
  team.venue_altitude_feet,
  player.injury_status AS player_status,
  player.reason AS injury_report,
  player.known_from AS injury_report_updated_at,
  IF(
    team.players_out_count IS NULL, NULL,
    COALESCE(own_side.questionable, 0) - IF(COALESCE(player.injury_status IN ('questionable', 'doubtful'), FALSE), 1, 0)
  ) AS questionable_teammates,
  IF(
    team.players_out_count IS NULL, NULL,
    COALESCE(own_side.probable, 0) - IF(COALESCE(player.injury_status = 'probable', FALSE), 1, 0)
  ) AS probable_teammates,
  IF(
    team.players_out_count IS NULL, NULL, COALESCE(own_side.stars_out, 0) - IF(player.is_star_out, 1, 0)
  ) AS star_teammates_out,
  IF(
    opponent.players_out_count IS NULL, NULL, COALESCE(other_side.stars_out, 0)
  ) AS opponent_star_players_out,
  CAST(NULL AS NUMERIC) AS projected_usage_rate,
  full_years(player.birth_date, player.game_date) AS player_age,
  CAST(NULL AS INT64) AS fourth_quarter_minutes_last_7,
  player.latest_game_used,
  COALESCE(history.expected_games_count, 0) AS expected_games_count,
  COALESCE(history.expected_games_count - history.missing_games_count, 0) AS actual_games_count,
  COALESCE(history.missing_games_count, 0) AS missing_games_count,
  COALESCE(
    100 * (history.expected_games_count - history.missing_games_count) / history.expected_games_count, 100
  ) AS completeness_percentage,
  history.game_id IS NULL OR (
    10 * history.missing_games_count <= history.expected_games_count AND NOT COALESCE(history.is_latest_missing, FALSE)
  ) AS is_production_ready,
  IF(history.missing_games_count > 0, 'bronze', team.quality_tier) AS quality_tier,
  ARRAY_CONCAT(
    IF(
      history.missing_games IS NULL
        OR CONCAT('missing_games=', history.missing_games) IN UNNEST(team.quality_issues),
      ARRAY<STRING>[], [CONCAT('missing_games=', history.missing_games)]
    ),
    team.quality_issues
  ) AS quality_issues
FROM players AS player
INNER JOIN nba_analytics.upcoming_team_game_context AS team
  ON team.game_date = player.game_date AND team.game_id = player.game_id AND team.team_abbr = player.team_abbr
INNER JOIN nba_analytics.upcoming_team_game_context AS opponent
  ON opponent.game_date = player.game_date
  AND opponent.game_id = player.game_id
  AND opponent.team_abbr = team.opponent_team_abbr
LEFT JOIN local_starts AS start ON start.game_id = player.game_id AND start.team_abbr = player.team_abbr
LEFT JOIN reported_sides AS own_side ON own_side.game_id = player.game_id AND own_side.team_abbr = player.team_abbr
LEFT JOIN reported_sides AS other_side
  ON other_side.game_id = player.game_id AND other_side.team_abbr = team.opponent_team_abbr
LEFT JOIN closing_lines AS line ON line.game_id = player.game_id AND line.player_lookup = player.player_lookup
LEFT JOIN streaks ON streaks.game_id = player.game_id AND streaks.player_lookup = player.player_lookup
LEFT JOIN completeness AS history
  ON history.game_id = player.game_id AND history.team_abbr = player.team_abbr
WHERE team.game_date BETWEEN @start_date AND @end_date
  AND opponent.game_date BETWEEN @start_date AND @end_date
