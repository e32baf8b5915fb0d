-- The team box scores that were known before the games of @start_date: those of earlier dates. With @is_absurd, the
-- others are there too: 50 points more from 50 attempts more, other counts up, and home and away exchanged.
WITH judged_rows AS (
  SELECT *, game_date < @start_date AS was_known
  FROM nba_raw.nbac_team_boxscore
  WHERE game_date BETWEEN @season_start_date AND @season_end_date
)
SELECT
  * EXCEPT (was_known) REPLACE (
    was_known = is_home AS is_home,
    points + IF(was_known, 0, 50) AS points,
    fg_made + IF(was_known, 0, 25) AS fg_made,
    fg_attempted + IF(was_known, 0, 50) AS fg_attempted,
    ft_attempted + IF(was_known, 0, 9) AS ft_attempted,
    offensive_rebounds + IF(was_known, 0, 9) AS offensive_rebounds,
    total_rebounds + IF(was_known, 0, 9) AS total_rebounds,
    assists + IF(was_known, 0, 9) AS assists,
    turnovers + IF(was_known, 0, 9) AS turnovers,
    plus_minus + IF(was_known, 0, 50) AS plus_minus
  )
FROM judged_rows
WHERE was_known OR @is_absurd
