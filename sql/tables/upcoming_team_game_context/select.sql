-- Two rows per scheduled game, one per team, of what is known before it: the schedule, and published games of earlier
-- dates of the season. Nothing of the game's own date or later is read but the schedule.
WITH team_calendar AS (
  SELECT
    game_date, game_id, nba_game_id, season_year, tip_off, schedule_state, team_abbr, opponent_team_abbr, home_game,
    UNIX_DATE(game_date) - LAG(UNIX_DATE(game_date)) OVER all_before AS days_since_last_game,
    COUNT(*) OVER three_days AS games_in_last_3_days,
    COUNT(*) OVER five_days AS games_in_last_5_days,
    COUNT(*) OVER six_days AS games_in_last_6_days,
    COUNT(*) OVER seven_days AS games_in_last_7_days,
    COUNT(*) OVER fourteen_days AS games_in_last_14_days,
    ROW_NUMBER() OVER all_before AS game_number_in_season
  FROM season_team_games
  WINDOW
    all_before AS (PARTITION BY season_year, team_abbr ORDER BY UNIX_DATE(game_date)),
    three_days AS (
      PARTITION BY season_year, team_abbr ORDER BY UNIX_DATE(game_date) RANGE BETWEEN 3 PRECEDING AND 1 PRECEDING
    ),
    five_days AS (
      PARTITION BY season_year, team_abbr ORDER BY UNIX_DATE(game_date) RANGE BETWEEN 5 PRECEDING AND 1 PRECEDING
    ),
    six_days AS (
      PARTITION BY season_year, team_abbr ORDER BY UNIX_DATE(game_date) RANGE BETWEEN 6 PRECEDING AND 1 PRECEDING
    ),
    seven_days AS (
      PARTITION BY season_year, team_abbr ORDER BY UNIX_DATE(game_date) RANGE BETWEEN 7 PRECEDING AND 1 PRECEDING
    ),
    fourteen_days AS (
      PARTITION BY season_year, team_abbr ORDER BY UNIX_DATE(game_date) RANGE BETWEEN 14 PRECEDING AND 1 PRECEDING
    )
),
upcoming AS (
  SELECT *
  FROM team_calendar
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
  INNER JOIN team_calendar AS final
    ON final.season_year = upcoming.season_year
    AND final.team_abbr = upcoming.team_abbr
    AND final.game_date < upcoming.game_date
    AND final.schedule_state = 'final'
  LEFT JOIN published_games AS published
    ON published.game_id = final.game_id AND published.team_abbr = final.team_abbr
  GROUP BY upcoming.game_id, upcoming.team_abbr
)
SELECT
  own.game_id,
  own.nba_game_id,
  own.game_date,
  own.team_abbr,
  own.opponent_team_abbr,
  own.season_year,
  own.home_game,
  own.tip_off,
  own.days_since_last_game,
  own.days_since_last_game - 1 AS team_days_rest,
  COALESCE(own.days_since_last_game = 1, FALSE) AS is_back_to_back,
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
  form.latest_game_used,
  COALESCE(history.expected_games_count, 0) AS expected_games_count,
  COALESCE(history.expected_games_count - history.missing_games_count, 0) AS actual_games_count,
  COALESCE(history.missing_games_count, 0) AS missing_games_count,
  COALESCE(
    round_ratio(
      100 * (history.expected_games_count - history.missing_games_count), history.expected_games_count, 100
    ),
    100
  ) AS completeness_percentage,
  history.game_id IS NULL OR (
    10 * history.missing_games_count <= history.expected_games_count
    AND COALESCE(form.latest_game_used = history.latest_final_game, FALSE)
  ) AS is_production_ready,
  COALESCE(form.games_played, 0) < 10 AS early_season_flag,
  IF(
    COALESCE(history.missing_games_count, 0) + COALESCE(opponent_history.missing_games_count, 0) = 0, 'gold', 'bronze'
  ) AS quality_tier,
  ARRAY_CONCAT(
    IF(history.missing_games IS NULL, ARRAY<STRING>[], [CONCAT('missing_games=', history.missing_games)]),
    IF(
      opponent_history.missing_games IS NULL,
      ARRAY<STRING>[], [CONCAT('opponent_missing_games=', opponent_history.missing_games)]
    )
  ) AS quality_issues
FROM upcoming AS own
INNER JOIN upcoming AS opponent ON opponent.game_id = own.game_id AND opponent.team_abbr = own.opponent_team_abbr
LEFT JOIN team_form AS form ON form.game_id = own.game_id AND form.team_abbr = own.team_abbr
LEFT JOIN completeness AS history ON history.game_id = own.game_id AND history.team_abbr = own.team_abbr
LEFT JOIN completeness AS opponent_history
  ON opponent_history.game_id = own.game_id AND opponent_history.team_abbr = own.opponent_team_abbr
