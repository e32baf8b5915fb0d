-- No figure counts a game that the player did not play. Every figure is recomputed from published rows in three ways:
-- as it should be; with rows without minutes counted as games of nothing; with them among the last five or ten. A row
-- whose figure is one of the latter two, and not the first, is polluted. So is one whose latest game he did not play.
-- A row made of fewer games, before others were published, is not judged by its figures: chance would decide.
-- (Once averages counted them, and nobody could say where.)
WITH season_rows AS (
  SELECT
    player_lookup,
    season_year,
    game_date,
    has_played,
    IF(has_played, points, NULL) AS points,
    IF(has_played, CAST(10 * minutes_played AS INT64), NULL) AS minutes_x10,
    IF(has_played, CAST(100 * usage_rate AS INT64), NULL) AS usage_x100,
    IF(has_played, fg_attempts, NULL) AS fg_attempts,
    IF(has_played, ft_attempts, NULL) AS ft_attempts,
    COALESCE(has_complete_shot_zones, FALSE) AS has_zones,
    IF(has_complete_shot_zones, paint_attempts, NULL) AS paint,
    IF(has_complete_shot_zones, three_attempts_pbp, NULL) AS three,
    IF(has_complete_shot_zones, mid_range_attempts, NULL) AS mid_range,
    IF(has_complete_shot_zones, paint_attempts + three_attempts_pbp + mid_range_attempts, NULL) AS attempts,
    IF(has_complete_shot_zones, assisted_fg_makes, NULL) AS assisted,
    IF(has_complete_shot_zones, assisted_fg_makes + unassisted_fg_makes, NULL) AS makes,
    UNIX_DATE(game_date) - LAG(UNIX_DATE(game_date)) OVER so_far AS days_since_row,
    UNIX_DATE(game_date) - LAG(UNIX_DATE(game_date)) OVER (
      PARTITION BY player_lookup, season_year, has_played ORDER BY game_date
    ) AS days_since_game,
    LEAD(game_date, 1, DATE '9999-12-31') OVER so_far AS next_row_date,
    ROW_NUMBER() OVER so_far AS rows_so_far,
    COUNTIF(has_played) OVER so_far AS games_so_far,
    COUNTIF(has_complete_shot_zones) OVER so_far AS zone_rows_so_far,
    COUNTIF(has_played AND has_complete_shot_zones) OVER so_far AS zone_games_so_far,
    SUM(IF(has_played, points, NULL)) OVER so_far AS points_so_far,
    SUM(IF(has_played, CAST(100 * usage_rate AS INT64), NULL)) OVER so_far AS usage_x100_so_far,
    COUNTIF(has_played AND usage_rate IS NOT NULL) OVER so_far AS usages_so_far
  FROM (
    SELECT *, COALESCE(NOT is_dnp AND minutes_played IS NOT NULL, FALSE) AS has_played
    FROM nba_analytics.player_game_summary
    WHERE game_date BETWEEN @season_start_date AND @end_date
  ) AS summary
  WINDOW so_far AS (PARTITION BY player_lookup, season_year ORDER BY UNIX_DATE(game_date))
),
-- The audited rows of players who have missed a game of the season, with what came before: only these can be polluted.
after_absence AS (
  SELECT
    audited.game_id,
    audited.player_lookup,
    audited.season_year,
    audited.game_date,
    latest.rows_so_far AS rows_season,
    latest.games_so_far AS games_season,
    latest.zone_rows_so_far AS zone_rows_season,
    latest.zone_games_so_far AS zone_games_season,
    latest.points_so_far AS points_season,
    latest.usage_x100_so_far AS usage_x100_season,
    latest.usages_so_far AS usages_season
  FROM audited
  INNER JOIN season_rows AS latest
    ON latest.player_lookup = audited.player_lookup
    AND latest.season_year = audited.season_year
    AND latest.game_date < audited.game_date
    AND latest.next_row_date >= audited.game_date
  WHERE latest.games_so_far < latest.rows_so_far
),
-- The rows before each of them that a figure may count, the latest first: which of all, of the games played, and of
-- those with zones.
before AS (
  SELECT *
  FROM (
    SELECT
      audited.game_id AS game_before,
      audited.player_lookup AS player_before,
      season_rows.* EXCEPT (player_lookup, season_year),
      UNIX_DATE(audited.game_date) - UNIX_DATE(season_rows.game_date) AS days_before,
      audited.rows_season - season_rows.rows_so_far + 1 AS row_rank,
      IF(season_rows.has_played, audited.games_season - season_rows.games_so_far + 1, NULL) AS game_rank,
      IF(season_rows.has_zones, audited.zone_rows_season - season_rows.zone_rows_so_far + 1, NULL) AS zone_row_rank,
      IF(
        season_rows.has_zones AND season_rows.has_played,
        audited.zone_games_season - season_rows.zone_games_so_far + 1, NULL
      ) AS zone_rank
    FROM after_absence AS audited
    INNER JOIN season_rows
      ON season_rows.player_lookup = audited.player_lookup
      AND season_rows.season_year = audited.season_year
      AND season_rows.game_date < audited.game_date
  ) AS ranked
  WHERE row_rank <= 10 OR game_rank <= 10 OR zone_row_rank <= 10 OR zone_rank <= 10 OR days_before <= 14
),
sums AS (
  SELECT
    game_before,
    player_before,
    COUNTIF(has_played AND game_rank <= 5) AS games_5,
    COUNTIF(row_rank <= 5) AS rows_5,
    COUNTIF(has_played AND row_rank <= 5) AS games_in_5_rows,
    SUM(IF(game_rank <= 5, points, NULL)) AS points_5_games,
    SUM(IF(row_rank <= 5, points, NULL)) AS points_5_rows,
    COUNTIF(has_played AND game_rank <= 10) AS games_10,
    COUNTIF(row_rank <= 10) AS rows_10,
    COUNTIF(has_played AND row_rank <= 10) AS games_in_10_rows,
    SUM(IF(game_rank <= 10, points, NULL)) AS points_10_games,
    SUM(IF(row_rank <= 10, points, NULL)) AS points_10_rows,
    SUM(IF(game_rank <= 10, points * points, NULL)) AS squares_10_games,
    SUM(IF(row_rank <= 10, points * points, NULL)) AS squares_10_rows,
    SUM(IF(game_rank <= 10, minutes_x10, NULL)) AS minutes_x10_10_games,
    SUM(IF(row_rank <= 10, minutes_x10, NULL)) AS minutes_x10_10_rows,
    SUM(IF(game_rank <= 10, usage_x100, NULL)) AS usage_x100_10_games,
    SUM(IF(row_rank <= 10, usage_x100, NULL)) AS usage_x100_10_rows,
    SUM(IF(game_rank <= 10, fg_attempts, NULL)) AS fg_attempts_10_games,
    SUM(IF(row_rank <= 10, fg_attempts, NULL)) AS fg_attempts_10_rows,
    SUM(IF(game_rank <= 10, ft_attempts, NULL)) AS ft_attempts_10_games,
    SUM(IF(row_rank <= 10, ft_attempts, NULL)) AS ft_attempts_10_rows,
    COUNTIF(game_rank <= 10 AND usage_x100 IS NOT NULL) AS usages_10_games,
    COUNTIF(row_rank <= 10 AND usage_x100 IS NOT NULL) AS usages_10_rows,
    COUNTIF(has_played AND days_before <= 7) AS games_7_days,
    COUNTIF(days_before <= 7) AS rows_7_days,
    COUNTIF(has_played AND days_before <= 14) AS games_14_days,
    COUNTIF(days_before <= 14) AS rows_14_days,
    SUM(IF(days_before <= 7, minutes_x10, NULL)) AS minutes_x10_7_days,
    COUNTIF(has_played AND days_since_game = 1 AND days_before <= 13) AS back_to_backs_games,
    COUNTIF(days_since_row = 1 AND days_before <= 13) AS back_to_backs_rows,
    SUM(IF(has_played AND zone_rank <= 10, paint, NULL)) AS paint_10_zones,
    SUM(IF(zone_row_rank <= 10, paint, NULL)) AS paint_10_all,
    SUM(IF(row_rank <= 10, paint, NULL)) AS paint_10_rows,
    SUM(IF(has_played AND zone_rank <= 10, three, NULL)) AS three_10_zones,
    SUM(IF(zone_row_rank <= 10, three, NULL)) AS three_10_all,
    SUM(IF(row_rank <= 10, three, NULL)) AS three_10_rows,
    SUM(IF(has_played AND zone_rank <= 10, mid_range, NULL)) AS mid_range_10_zones,
    SUM(IF(zone_row_rank <= 10, mid_range, NULL)) AS mid_range_10_all,
    SUM(IF(row_rank <= 10, mid_range, NULL)) AS mid_range_10_rows,
    SUM(IF(has_played AND zone_rank <= 10, attempts, NULL)) AS attempts_10_zones,
    SUM(IF(zone_row_rank <= 10, attempts, NULL)) AS attempts_10_all,
    SUM(IF(row_rank <= 10, attempts, NULL)) AS attempts_10_rows,
    SUM(IF(has_played AND zone_rank <= 10, assisted, NULL)) AS assisted_10_zones,
    SUM(IF(zone_row_rank <= 10, assisted, NULL)) AS assisted_10_all,
    SUM(IF(row_rank <= 10, assisted, NULL)) AS assisted_10_rows,
    SUM(IF(has_played AND zone_rank <= 10, makes, NULL)) AS makes_10_zones,
    SUM(IF(zone_row_rank <= 10, makes, NULL)) AS makes_10_all,
    SUM(IF(row_rank <= 10, makes, NULL)) AS makes_10_rows
  FROM before
  GROUP BY game_before, player_before
),
figures AS (
  SELECT audited.game_date, audited.game_id, audited.player_lookup, figure.*
  FROM audited
  INNER JOIN after_absence
    ON after_absence.game_id = audited.game_id AND after_absence.player_lookup = audited.player_lookup
  INNER JOIN sums ON sums.game_before = audited.game_id AND sums.player_before = audited.player_lookup
  CROSS JOIN UNNEST([
    STRUCT(
      'points_avg_last_5' AS name,
      CAST(points_avg_last_5 AS FLOAT64) AS value,
      CAST(round_ratio(points_5_games, games_5, 10) AS FLOAT64) AS without_them,
      CAST(round_ratio(points_5_rows, rows_5, 10) AS FLOAT64) AS with_them,
      CAST(round_ratio(points_5_rows, games_in_5_rows, 10) AS FLOAT64) AS among_them
    ),
    STRUCT(
      'points_avg_last_10',
      CAST(points_avg_last_10 AS FLOAT64),
      CAST(round_ratio(points_10_games, games_10, 10) AS FLOAT64),
      CAST(round_ratio(points_10_rows, rows_10, 10) AS FLOAT64),
      CAST(round_ratio(points_10_rows, games_in_10_rows, 10) AS FLOAT64)
    ),
    STRUCT(
      'points_avg_season',
      CAST(points_avg_season AS FLOAT64),
      CAST(round_ratio(points_season, games_season, 10) AS FLOAT64),
      CAST(round_ratio(points_season, rows_season, 10) AS FLOAT64),
      CAST(NULL AS FLOAT64)
    ),
    STRUCT(
      'points_std_last_10',
      CAST(points_std_last_10 AS FLOAT64),
      CAST(sample_deviation(games_10, points_10_games, squares_10_games) AS FLOAT64),
      CAST(sample_deviation(rows_10, points_10_rows, squares_10_rows) AS FLOAT64),
      CAST(sample_deviation(games_in_10_rows, points_10_rows, squares_10_rows) AS FLOAT64)
    ),
    STRUCT(
      'minutes_avg_last_10',
      CAST(minutes_avg_last_10 AS FLOAT64),
      CAST(round_ratio(minutes_x10_10_games, 10 * games_10, 10) AS FLOAT64),
      CAST(round_ratio(minutes_x10_10_rows, 10 * rows_10, 10) AS FLOAT64),
      CAST(round_ratio(minutes_x10_10_rows, 10 * games_in_10_rows, 10) AS FLOAT64)
    ),
    STRUCT(
      'usage_rate_last_10',
      CAST(usage_rate_last_10 AS FLOAT64),
      CAST(round_ratio(usage_x100_10_games, 100 * usages_10_games, 100) AS FLOAT64),
      CAST(round_ratio(usage_x100_10_rows, 100 * rows_10, 100) AS FLOAT64),
      CAST(round_ratio(usage_x100_10_rows, 100 * usages_10_rows, 100) AS FLOAT64)
    ),
    STRUCT(
      'player_usage_rate_season',
      CAST(player_usage_rate_season AS FLOAT64),
      CAST(round_ratio(usage_x100_season, 100 * usages_season, 100) AS FLOAT64),
      CAST(round_ratio(usage_x100_season, 100 * rows_season, 100) AS FLOAT64),
      CAST(NULL AS FLOAT64)
    ),
    STRUCT(
      'ts_pct_last_10',
      CAST(ts_pct_last_10 AS FLOAT64),
      CAST(ts_pct(points_10_games, fg_attempts_10_games, ft_attempts_10_games) AS FLOAT64),
      CAST(NULL AS FLOAT64),
      CAST(ts_pct(points_10_rows, fg_attempts_10_rows, ft_attempts_10_rows) AS FLOAT64)
    ),
    STRUCT(
      'games_played_season',
      CAST(games_played_season AS FLOAT64),
      CAST(games_season AS FLOAT64),
      CAST(rows_season AS FLOAT64),
      CAST(NULL AS FLOAT64)
    ),
    STRUCT(
      'games_in_last_7_days',
      CAST(games_in_last_7_days AS FLOAT64),
      CAST(games_7_days AS FLOAT64),
      CAST(rows_7_days AS FLOAT64),
      CAST(NULL AS FLOAT64)
    ),
    STRUCT(
      'games_in_last_14_days',
      CAST(games_in_last_14_days AS FLOAT64),
      CAST(games_14_days AS FLOAT64),
      CAST(rows_14_days AS FLOAT64),
      CAST(NULL AS FLOAT64)
    ),
    STRUCT(
      'back_to_backs_last_14_days',
      CAST(back_to_backs_last_14_days AS FLOAT64),
      CAST(back_to_backs_games AS FLOAT64),
      CAST(back_to_backs_rows AS FLOAT64),
      CAST(NULL AS FLOAT64)
    ),
    STRUCT(
      'avg_minutes_per_game_last_7',
      CAST(avg_minutes_per_game_last_7 AS FLOAT64),
      CAST(round_ratio(minutes_x10_7_days, 10 * games_7_days, 10) AS FLOAT64),
      CAST(round_ratio(minutes_x10_7_days, 10 * rows_7_days, 10) AS FLOAT64),
      CAST(NULL AS FLOAT64)
    ),
    STRUCT(
      'paint_rate_last_10',
      CAST(paint_rate_last_10 AS FLOAT64),
      CAST(round_ratio(100 * paint_10_zones, attempts_10_zones, 100) AS FLOAT64),
      CAST(round_ratio(100 * paint_10_all, attempts_10_all, 100) AS FLOAT64),
      CAST(round_ratio(100 * paint_10_rows, attempts_10_rows, 100) AS FLOAT64)
    ),
    STRUCT(
      'three_pt_rate_last_10',
      CAST(three_pt_rate_last_10 AS FLOAT64),
      CAST(round_ratio(100 * three_10_zones, attempts_10_zones, 100) AS FLOAT64),
      CAST(round_ratio(100 * three_10_all, attempts_10_all, 100) AS FLOAT64),
      CAST(round_ratio(100 * three_10_rows, attempts_10_rows, 100) AS FLOAT64)
    ),
    STRUCT(
      'mid_range_rate_last_10',
      CAST(mid_range_rate_last_10 AS FLOAT64),
      CAST(round_ratio(100 * mid_range_10_zones, attempts_10_zones, 100) AS FLOAT64),
      CAST(round_ratio(100 * mid_range_10_all, attempts_10_all, 100) AS FLOAT64),
      CAST(round_ratio(100 * mid_range_10_rows, attempts_10_rows, 100) AS FLOAT64)
    ),
    STRUCT(
      'assisted_rate_last_10',
      CAST(assisted_rate_last_10 AS FLOAT64),
      CAST(round_ratio(100 * assisted_10_zones, makes_10_zones, 100) AS FLOAT64),
      CAST(round_ratio(100 * assisted_10_all, makes_10_all, 100) AS FLOAT64),
      CAST(round_ratio(100 * assisted_10_rows, makes_10_rows, 100) AS FLOAT64)
    )
  ]) AS figure
  WHERE audited.games_played_season IN (after_absence.games_season, after_absence.rows_season)
)
SELECT
  game_date, game_id, 'ERROR' AS severity, player_lookup AS subject,
  CONCAT(name, ' counts rows without minutes') AS problem, value
FROM figures
WHERE value IS DISTINCT FROM without_them AND (value = with_them OR value = among_them)
UNION ALL
SELECT
  audited.game_date, audited.game_id, 'ERROR' AS severity, audited.player_lookup AS subject,
  CONCAT('is made of the game of ', CAST(audited.latest_game_used AS STRING), ', which the player did not play')
    AS problem,
  CAST(NULL AS FLOAT64) AS value
FROM audited
INNER JOIN season_rows AS latest
  ON latest.player_lookup = audited.player_lookup
  AND latest.season_year = audited.season_year
  AND latest.game_date = audited.latest_game_used
  AND latest.game_date < audited.game_date
WHERE NOT latest.has_played
