-- No figure counts a game that the player did not play: recomputed from published rows, no latest game, count or
-- average of a row is the one that rows without minutes give. (Once averages counted them, and nobody could say
-- where.)
WITH season_rows AS (
  SELECT
    player_lookup,
    season_year,
    game_date,
    LEAD(game_date, 1, DATE '9999-12-31') OVER in_order AS next_row_date,
    COALESCE(NOT is_dnp AND minutes_played IS NOT NULL, FALSE) AS has_played,
    IF(NOT is_dnp AND minutes_played IS NOT NULL, points, NULL) AS points,
    IF(NOT is_dnp AND minutes_played IS NOT NULL, CAST(10 * minutes_played AS INT64), NULL) AS minutes_x10,
    COUNTIF(NOT is_dnp AND minutes_played IS NOT NULL) OVER in_order AS games_played,
    COUNT(*) OVER in_order AS games_listed
  FROM nba_analytics.player_game_summary
  WHERE game_date BETWEEN @season_start_date AND @end_date
  WINDOW in_order AS (PARTITION BY player_lookup, season_year ORDER BY game_date)
),
-- Sums over the last ten games played and over the last ten rows. Rows without minutes share the number of the game
-- before them and add nothing to the former.
recomputed AS (
  SELECT
    *,
    SUM(points) OVER (
      PARTITION BY player_lookup, season_year ORDER BY games_played RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS points_of_season,
    SUM(points) OVER ten_games AS points_of_games,
    SUM(minutes_x10) OVER ten_games AS minutes_x10_of_games,
    SUM(points) OVER ten_rows AS points_of_rows,
    SUM(minutes_x10) OVER ten_rows AS minutes_x10_of_rows
  FROM season_rows
  WINDOW
    ten_games AS (
      PARTITION BY player_lookup, season_year ORDER BY games_played RANGE BETWEEN 9 PRECEDING AND CURRENT ROW
    ),
    ten_rows AS (
      PARTITION BY player_lookup, season_year ORDER BY UNIX_DATE(game_date) ROWS BETWEEN 9 PRECEDING AND CURRENT ROW
    )
),
compared AS (
  SELECT
    audited.*,
    games_played,
    games_listed,
    round_ratio(points_of_season, games_played, 10) AS right_season,
    round_ratio(points_of_season, games_listed, 10) AS polluted_season,
    round_ratio(points_of_games, LEAST(games_played, 10), 10) AS right_points,
    round_ratio(points_of_rows, LEAST(games_listed, 10), 10) AS polluted_points,
    round_ratio(minutes_x10_of_games, 10 * LEAST(games_played, 10), 10) AS right_minutes,
    round_ratio(minutes_x10_of_rows, 10 * LEAST(games_listed, 10), 10) AS polluted_minutes
  FROM audited
  INNER JOIN recomputed AS latest
    ON latest.player_lookup = audited.player_lookup
    AND latest.season_year = audited.season_year
    AND latest.game_date < audited.game_date
    AND latest.next_row_date >= audited.game_date
  WHERE latest.games_played < latest.games_listed
),
problems AS (
  SELECT
    compared.game_date, compared.game_id, compared.player_lookup,
    CASE
      WHEN not_played.game_date IS NOT NULL
        THEN CONCAT('is made of the game of ', CAST(compared.latest_game_used AS STRING),
          ', which the player did not play')
      WHEN compared.games_played_season > compared.games_played
        THEN CONCAT('counts ', CAST(compared.games_played_season AS STRING), ' games of ',
          CAST(compared.games_played AS STRING), ' that the player played')
      -- Made of fewer games, before others were published: chance would decide.
      WHEN compared.games_played_season < compared.games_played THEN NULL
      WHEN compared.points_avg_season = compared.polluted_season AND compared.points_avg_season <> compared.right_season
        THEN 'points_avg_season counts rows without minutes'
      WHEN compared.points_avg_last_10 = compared.polluted_points
        AND compared.points_avg_last_10 <> compared.right_points
        THEN 'points_avg_last_10 counts rows without minutes'
      WHEN compared.minutes_avg_last_10 = compared.polluted_minutes
        AND compared.minutes_avg_last_10 <> compared.right_minutes
        THEN 'minutes_avg_last_10 counts rows without minutes'
    END AS problem
  FROM compared
  LEFT JOIN season_rows AS not_played
    ON not_played.player_lookup = compared.player_lookup
    AND not_played.game_date = compared.latest_game_used
    AND NOT not_played.has_played
)
SELECT
  game_date, game_id, 'ERROR' AS severity, player_lookup AS subject, problem, CAST(NULL AS FLOAT64) AS value
FROM problems
WHERE problem IS NOT NULL
