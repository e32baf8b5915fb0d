-- The spreads and totals that were known before the games of @start_date. Of that date, the snapshots before tip-off:
-- by the row's own time of the start, else by the schedule; of a game that begins after @moment, those before that. Of
-- later games, the snapshots made before the date began. With @is_absurd, the other rows are there too, and their lines
-- are 7 further from zero.
WITH dated_rows AS (
  SELECT raw.*, COALESCE(DATE(raw.commence_time, 'America/New_York'), raw.game_date) AS played_on
  FROM nba_raw.odds_api_game_lines AS raw
  WHERE raw.game_date BETWEEN @season_start_date AND @season_end_date
),
judged_rows AS (
  SELECT
    dated_rows.* EXCEPT (played_on),
    CASE
      WHEN dated_rows.played_on < @start_date THEN TRUE
      WHEN dated_rows.played_on > @start_date
        THEN dated_rows.snapshot_timestamp < TIMESTAMP(@start_date, 'America/New_York')
      ELSE dated_rows.snapshot_timestamp < LEAST(
        COALESCE(dated_rows.commence_time, known_until(game.tip_off, dated_rows.played_on)),
        IF(known_until(game.tip_off, dated_rows.played_on) <= @moment, TIMESTAMP '9999-12-31', @moment)
      )
    END AS was_known
  FROM dated_rows
  LEFT JOIN season_team_games AS game
    ON game.game_date = dated_rows.played_on
    AND game.team_abbr = line_team(dated_rows.home_team_abbr, dated_rows.home_team)
)
SELECT
  * EXCEPT (was_known) REPLACE (
    outcome_point + CASE WHEN was_known THEN 0 WHEN outcome_point < 0 THEN -7 ELSE 7 END AS outcome_point,
    outcome_price + IF(was_known, 0, 7) AS outcome_price
  )
FROM judged_rows
WHERE was_known OR @is_absurd
