-- The rosters that were known before the games of @start_date: those of earlier dates, and of that date's own those
-- that were loaded before the tip-off of the team, and before @moment. With @is_absurd, the others are there too: the
-- players of the two teams of a game are exchanged, and everybody was born in 1960.
WITH judged_rows AS (
  SELECT
    raw.*,
    game.opponent_team_abbr,
    raw.roster_date < @start_date OR COALESCE(
      raw.roster_date = @start_date AND raw.processed_at < LEAST(known_until(game.tip_off, raw.roster_date), @moment),
      FALSE
    ) AS was_known
  FROM nba_raw.espn_team_rosters AS raw
  LEFT JOIN season_team_games AS game
    ON game.game_date = raw.roster_date AND game.team_abbr = team_code(raw.team_abbr)
  WHERE raw.roster_date BETWEEN @season_start_date AND @season_end_date
)
SELECT
  * EXCEPT (was_known, opponent_team_abbr) REPLACE (
    IF(was_known, team_abbr, COALESCE(opponent_team_abbr, team_abbr)) AS team_abbr,
    IF(was_known, birth_date, DATE '1960-01-01') AS birth_date
  )
FROM judged_rows
WHERE was_known OR @is_absurd
