-- The injury reports that were known before the games of @start_date. About that date's games, a report counts if its
-- hour is over by tip-off, and by @moment; where it names no team, the first team of its matchup says whose tip-off. A
-- report without an hour, and one about other games, counts if its date is an earlier one. With @is_absurd, the other
-- rows are there too: whoever is out is available, and everybody else is out.
WITH judged_rows AS (
  SELECT
    raw.*,
    raw.report_date < @start_date OR COALESCE(
      raw.game_date = @start_date AND TIMESTAMP(
        DATETIME_ADD(DATETIME(raw.report_date), INTERVAL raw.report_hour + 1 HOUR), 'America/New_York'
      ) <= LEAST(known_until(game.tip_off, raw.game_date), @moment),
      FALSE
    ) AS was_known
  FROM nba_raw.nbac_injury_report AS raw
  LEFT JOIN season_team_games AS game
    ON game.game_date = raw.game_date
    AND game.team_abbr = COALESCE(
      team_named(raw.team), team_code(REGEXP_EXTRACT(raw.matchup, r'^\s*([A-Za-z]+)'))
    )
  WHERE raw.report_date BETWEEN @season_start_date AND @season_end_date
)
SELECT
  * EXCEPT (was_known) REPLACE (
    CASE
      WHEN was_known THEN injury_status
      WHEN LOWER(TRIM(injury_status)) = 'out' THEN 'available'
      ELSE 'out'
    END AS injury_status
  )
FROM judged_rows
WHERE was_known OR @is_absurd
