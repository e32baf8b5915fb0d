-- Two rows per scheduled game, one per team, of what is known before it: the schedule, lines and injury reports from
-- before tip-off, and published games of earlier dates of the season. Nothing else of the game's own date is read.
WITH upcoming AS (
  SELECT *
  FROM season_team_calendar
  WHERE game_date BETWEEN @start_date AND @end_date
),
published_games AS (
  SELECT
    own.game_date,
    own.game_id,
    own.season_year,
    own.team_abbr,
    own.win_flag,
    own.margin_of_victory,
    own.points_scored,
    opponent.points_scored AS points_allowed,
    possessions_x100(own.fg_attempts, own.ft_attempts, own.turnovers, own.offensive_rebounds) AS possessions_x100,
    possessions_x100(
      opponent.fg_attempts, opponent.ft_attempts, opponent.turnovers, opponent.offensive_rebounds
    ) AS opponent_possessions_x100,
    game_minutes(own.overtime_periods) AS game_minutes
  FROM earlier.team_offense_game_summary AS own
  INNER JOIN earlier.team_offense_game_summary AS opponent
    ON opponent.game_date = own.game_date
    AND opponent.game_id = own.game_id
    AND opponent.team_abbr = own.opponent_team_abbr
),
earlier_games AS (
  SELECT
    upcoming.game_id,
    upcoming.team_abbr,
    published.game_date AS played_on,
    published.* EXCEPT (game_date, game_id, season_year, team_abbr),
    ROW_NUMBER() OVER (
      PARTITION BY upcoming.game_id, upcoming.team_abbr ORDER BY published.game_date DESC, published.game_id
    ) AS recency
  FROM upcoming
  INNER JOIN published_games AS published
    ON published.season_year = upcoming.season_year
    AND published.team_abbr = upcoming.team_abbr
    AND published.game_date < upcoming.game_date
),
team_form AS (
  SELECT
    game_id,
    team_abbr,
    COUNT(*) AS games_played,
    COUNTIF(win_flag) AS wins_entering,
    COUNTIF(NOT win_flag) AS losses_entering,
    COUNTIF(win_flag AND recency <= 10) AS wins_last_10,
    COALESCE(MIN(IF(win_flag, NULL, recency)) - 1, COUNT(*)) AS team_win_streak_entering,
    COALESCE(MIN(IF(win_flag, recency, NULL)) - 1, COUNT(*)) AS team_loss_streak_entering,
    MAX(IF(recency = 1, margin_of_victory, NULL)) AS last_game_margin,
    MAX(IF(recency = 1, IF(win_flag, 'W', 'L'), NULL)) AS last_game_result,
    SUM(IF(recency <= 10, points_scored, NULL)) AS points_last_10,
    SUM(IF(recency <= 10, points_allowed, NULL)) AS points_allowed_last_10,
    SUM(IF(recency <= 10, possessions_x100, NULL)) AS possessions_x100_last_10,
    SUM(IF(recency <= 10, opponent_possessions_x100, NULL)) AS opponent_possessions_x100_last_10,
    SUM(IF(recency <= 10, game_minutes, NULL)) AS minutes_last_10,
    COUNTIF(recency <= 15) AS games_last_15,
    SUM(IF(recency <= 15, points_allowed, NULL)) AS points_allowed_last_15,
    SUM(IF(recency <= 15, possessions_x100, NULL)) AS possessions_x100_last_15,
    SUM(IF(recency <= 15, opponent_possessions_x100, NULL)) AS opponent_possessions_x100_last_15,
    SUM(IF(recency <= 15, game_minutes, NULL)) AS minutes_last_15,
    MAX(played_on) AS latest_game_used
  FROM earlier_games
  GROUP BY game_id, team_abbr
),
completeness AS (
  SELECT
    upcoming.game_id,
    upcoming.team_abbr,
    COUNT(*) AS expected_games_count,
    COUNTIF(published.game_id IS NULL) AS missing_games_count,
    STRING_AGG(IF(published.game_id IS NULL, final.game_id, NULL), ', ' ORDER BY final.game_id) AS missing_games,
    MAX(final.game_date) AS latest_final_game
  FROM upcoming
  INNER JOIN season_team_calendar AS final
    ON final.season_year = upcoming.season_year
    AND final.team_abbr = upcoming.team_abbr
    AND final.game_date < upcoming.game_date
    AND final.schedule_state = 'final'
  LEFT JOIN published_games AS published
    ON published.game_id = final.game_id AND published.team_abbr = final.team_abbr
  GROUP BY upcoming.game_id, upcoming.team_abbr
),
-- Reports of the game with the team that they are about: where they name none, the one of the player's latest row.
reports AS (
  SELECT
    report.game_id,
    report.player_lookup,
    report.injury_status,
    report.known_from,
    COALESCE(report.team_abbr, player.team_abbr) AS team_abbr
  FROM injury_reports AS report
  LEFT JOIN earlier.player_game_summary AS player
    ON report.team_abbr IS NULL
    AND player.player_lookup = report.player_lookup
    AND player.game_date < report.game_date
    AND player.season_year = report.season_year
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY report.game_id, report.player_lookup ORDER BY player.game_date DESC
  ) = 1
),
reported_teams AS (
  SELECT upcoming.game_date, upcoming.game_id, upcoming.season_year, upcoming.team_abbr
  FROM upcoming
  INNER JOIN reports ON reports.game_id = upcoming.game_id AND reports.team_abbr = upcoming.team_abbr
  GROUP BY upcoming.game_date, upcoming.game_id, upcoming.season_year, upcoming.team_abbr
),
players_last_10 AS (
  SELECT
    team.game_id,
    team.team_abbr,
    player.player_lookup,
    player.game_date AS played_on,
    player.starter_flag,
    CAST(10 * player.minutes_played AS INT64) AS minutes_x10
  FROM reported_teams AS team
  INNER JOIN earlier.player_game_summary AS player
    ON player.season_year = team.season_year
    AND player.team_abbr = team.team_abbr
    AND player.game_date < team.game_date
  QUALIFY DENSE_RANK() OVER (PARTITION BY team.game_id, team.team_abbr ORDER BY player.game_date DESC) <= 10
),
-- Five per team by starts, then minutes: where no start is known, the starts are 0 and minutes decide.
starters AS (
  SELECT game_id, team_abbr, player_lookup
  FROM (
    SELECT
      game_id, team_abbr, player_lookup, COUNTIF(starter_flag) AS starts, COALESCE(SUM(minutes_x10), 0) AS minutes_x10
    FROM players_last_10
    GROUP BY game_id, team_abbr, player_lookup
  ) AS players
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY game_id, team_abbr ORDER BY starts DESC, minutes_x10 DESC, player_lookup
  ) <= 5
),
injuries AS (
  SELECT
    reports.game_id,
    reports.team_abbr,
    COUNTIF(reports.injury_status = 'out') AS players_out_count,
    COUNTIF(reports.injury_status = 'out' AND starters.player_lookup IS NOT NULL) AS starters_out_count,
    COUNTIF(reports.injury_status IN ('questionable', 'doubtful')) AS questionable_players_count,
    MAX(reports.known_from) AS injury_report_updated_at
  FROM reports
  LEFT JOIN starters
    ON starters.game_id = reports.game_id
    AND starters.team_abbr = reports.team_abbr
    AND starters.player_lookup = reports.player_lookup
  GROUP BY reports.game_id, reports.team_abbr
),
latest_player_games AS (
  SELECT game_id, team_abbr, MAX(played_on) AS played_on
  FROM players_last_10
  GROUP BY game_id, team_abbr
)
SELECT
  own.game_id,
  own.nba_game_id,
  own.game_date,
  own.team_abbr,
  own.opponent_team_abbr,
  own.season_year,
  own.season_phase,
  own.home_game,
  own.tip_off,
  own.days_since_last_game,
  own.days_since_last_game - 1 AS team_days_rest,
  COALESCE(own.days_since_last_game = 1, FALSE) AS is_back_to_back,
  COALESCE(own.days_since_last_game = 1, FALSE) AS team_back_to_back,
  own.games_in_last_7_days,
  own.games_in_last_14_days,
  own.games_in_last_3_days >= 2 AS is_third_in_four_nights,
  own.games_in_last_5_days >= 3 AS is_fourth_in_six_nights,
  own.games_in_last_6_days >= 4 AS is_fifth_in_seven_nights,
  own.game_number_in_season,
  opponent.days_since_last_game - 1 AS opponent_days_rest,
  own.days_since_last_game - opponent.days_since_last_game AS rest_advantage,
  COALESCE(form.wins_entering, 0) AS wins_entering,
  COALESCE(form.losses_entering, 0) AS losses_entering,
  COALESCE(form.wins_last_10, 0) AS wins_last_10,
  COALESCE(form.team_win_streak_entering, 0) AS team_win_streak_entering,
  COALESCE(form.team_loss_streak_entering, 0) AS team_loss_streak_entering,
  form.last_game_margin,
  form.last_game_result,
  offensive_rating(form.points_last_10, form.possessions_x100_last_10) AS offensive_rating_last_10,
  offensive_rating(form.points_allowed_last_10, form.opponent_possessions_x100_last_10) AS defensive_rating_last_10,
  pace(form.possessions_x100_last_10, form.minutes_last_10) AS pace_last_10,
  offensive_rating(form.points_allowed_last_15, form.opponent_possessions_x100_last_15) AS defensive_rating_last_15,
  pace(form.possessions_x100_last_15, form.minutes_last_15) AS pace_last_15,
  round_ratio(form.points_allowed_last_15, form.games_last_15, 10) AS points_allowed_avg_last_15,
  round_ratio(lines.spread_x100, 100, 100) AS game_spread,
  round_ratio(lines.opening_spread_x100, 100, 100) AS opening_spread,
  round_ratio(lines.spread_x100 - lines.opening_spread_x100, 100, 100) AS spread_movement,
  round_ratio(lines.total_x100, 100, 10) AS game_total,
  round_ratio(lines.opening_total_x100, 100, 10) AS opening_total,
  round_ratio(lines.total_x100 - lines.opening_total_x100, 100, 10) AS total_movement,
  round_ratio(lines.total_x100 - lines.spread_x100, 200, 10) AS implied_team_total,
  lines.spread_source AS game_spread_source,
  lines.total_source AS game_total_source,
  lines.updated_at AS betting_lines_updated_at,
  lines.known_until AS betting_lines_known_until,
  injuries.players_out_count,
  IF(latest_players.game_id IS NULL, NULL, injuries.starters_out_count) AS starters_out_count,
  injuries.questionable_players_count,
  injuries.injury_report_updated_at,
  own.venue_altitude_feet,
  own.travel_miles,
  own.miles_traveled_last_14_days,
  own.time_zone_shift,
  own.consecutive_road_games,
  own.consecutive_home_games,
  GREATEST(
    COALESCE(form.latest_game_used, latest_players.played_on), COALESCE(latest_players.played_on, form.latest_game_used)
  ) AS latest_game_used,
  COALESCE(history.expected_games_count, 0) AS expected_games_count,
  COALESCE(history.expected_games_count - history.missing_games_count, 0) AS actual_games_count,
  COALESCE(history.missing_games_count, 0) AS missing_games_count,
  COALESCE(
    100 * (history.expected_games_count - history.missing_games_count) / history.expected_games_count, 100
  ) AS completeness_percentage,
  history.game_id IS NULL OR (
    10 * history.missing_games_count <= history.expected_games_count
    AND COALESCE(form.latest_game_used = history.latest_final_game, FALSE)
  ) AS is_production_ready,
  COALESCE(form.games_played, 0) < 10 AS early_season_flag,
  CASE
    WHEN history.missing_games IS NOT NULL OR opponent_history.missing_games IS NOT NULL THEN 'bronze'
    WHEN lines.spread_x100 IS NULL OR lines.total_x100 IS NULL OR injuries.game_id IS NULL OR own.travel_miles IS NULL
      THEN 'silver'
    ELSE 'gold'
  END AS quality_tier,
  ARRAY(
    SELECT issue
    FROM UNNEST([
      -- issue missing_games: Earlier final games of the team's season are not published, or their players are not, and
      -- no figure counts them. Named are the games. The row is made again when they are published.
      CONCAT('missing_games=', history.missing_games),
      -- issue opponent_missing_games: Earlier final games of the opponent's season are not published, and no figure of
      -- the opponent counts them. Named are the games.
      CONCAT('opponent_missing_games=', opponent_history.missing_games),
      -- issue no_spread: No bookmaker's spread from before tip-off is loaded.
      IF(lines.spread_x100 IS NULL, 'no_spread', NULL),
      -- issue no_total: No bookmaker's total from before tip-off is loaded.
      IF(lines.total_x100 IS NULL, 'no_total', NULL),
      -- issue spread_sides_differ: The bookmaker's spreads of the two teams do not cancel each other. The newer counts.
      IF(lines.spread_sides_differ, 'spread_sides_differ', NULL),
      -- issue no_injury_report: No injury report from before tip-off names the team. Who is out or questionable is not
      -- known, so these counts are NULL and not 0.
      IF(injuries.game_id IS NULL, 'no_injury_report', NULL),
      -- issue unknown_venue: The place of this game, or of the team's game before it, is not known. There is no figure
      -- about travel.
      IF(own.travel_miles IS NULL, 'unknown_venue', NULL)
    ]) AS issue
    WHERE issue IS NOT NULL
  ) AS quality_issues
FROM upcoming AS own
INNER JOIN upcoming AS opponent ON opponent.game_id = own.game_id AND opponent.team_abbr = own.opponent_team_abbr
LEFT JOIN team_form AS form ON form.game_id = own.game_id AND form.team_abbr = own.team_abbr
LEFT JOIN game_lines AS lines ON lines.game_id = own.game_id AND lines.team_abbr = own.team_abbr
LEFT JOIN injuries ON injuries.game_id = own.game_id AND injuries.team_abbr = own.team_abbr
LEFT JOIN latest_player_games AS latest_players
  ON latest_players.game_id = own.game_id AND latest_players.team_abbr = own.team_abbr
LEFT JOIN completeness AS history ON history.game_id = own.game_id AND history.team_abbr = own.team_abbr
LEFT JOIN completeness AS opponent_history
  ON opponent_history.game_id = own.game_id AND opponent_history.team_abbr = own.opponent_team_abbr
