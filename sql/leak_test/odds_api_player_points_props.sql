-- The points lines that were known before the games of @start_date. Of that date, the snapshots before tip-off: by the
-- row's own count of minutes, else by its own time of the start, else by the schedule; of a game that begins after
-- @moment, those before that. Of later games, the snapshots made before the date began. With @is_absurd, the other rows
-- are there too, and their lines are 7 higher.
WITH judged_rows AS (
  SELECT
    raw.*,
    COALESCE(
      CASE
        WHEN raw.game_date < @start_date THEN TRUE
        WHEN raw.game_date > @start_date THEN raw.snapshot_timestamp < TIMESTAMP(@start_date, 'America/New_York')
        WHEN raw.snapshot_timestamp >= @moment AND known_until(game.tip_off, raw.game_date) > @moment THEN FALSE
        WHEN raw.minutes_before_tipoff IS NOT NULL THEN raw.minutes_before_tipoff > 0
        ELSE raw.snapshot_timestamp < COALESCE(raw.game_start_time, known_until(game.tip_off, raw.game_date))
      END,
      FALSE
    ) AS was_known
  FROM nba_raw.odds_api_player_points_props AS raw
  LEFT JOIN season_team_games AS game
    ON game.game_date = raw.game_date AND game.team_abbr = team_code(raw.home_team_abbr)
  WHERE raw.game_date BETWEEN @season_start_date AND @season_end_date
)
SELECT
  * EXCEPT (was_known) REPLACE (
    points_line + IF(was_known, 0, 7) AS points_line,
    IF(was_known, over_price_american, under_price_american) AS over_price_american,
    IF(was_known, under_price_american, over_price_american) AS under_price_american
  )
FROM judged_rows
WHERE was_known OR @is_absurd
