-- The gamebook rows that were known before the games of @start_date: those of earlier dates. With @is_absurd, the
-- others are there too: everybody has 50 points more and other counts up, is on the other team, and who played did not.
WITH judged_rows AS (
  SELECT *, game_date < @start_date AS was_known
  FROM nba_raw.nbac_gamebook_player_stats
  WHERE game_date BETWEEN @season_start_date AND @season_end_date
)
SELECT
  * EXCEPT (was_known) REPLACE (
    IF(was_known, team_abbr, IF(team_abbr = home_team_abbr, away_team_abbr, home_team_abbr)) AS team_abbr,
    IF(was_known, player_status, IF(LOWER(TRIM(player_status)) = 'active', 'inactive', 'active')) AS player_status,
    IF(was_known, minutes, '41:00') AS minutes,
    IF(was_known, points, COALESCE(points, 0) + 50) AS points,
    IF(was_known, field_goals_made, COALESCE(field_goals_made, 0) + 25) AS field_goals_made,
    IF(was_known, field_goals_attempted, COALESCE(field_goals_attempted, 0) + 50) AS field_goals_attempted,
    IF(was_known, free_throws_attempted, COALESCE(free_throws_attempted, 0) + 9) AS free_throws_attempted,
    IF(was_known, total_rebounds, COALESCE(total_rebounds, 0) + 9) AS total_rebounds,
    IF(was_known, assists, COALESCE(assists, 0) + 9) AS assists,
    IF(was_known, turnovers, COALESCE(turnovers, 0) + 9) AS turnovers,
    plus_minus + IF(was_known, 0, 50) AS plus_minus
  )
FROM judged_rows
WHERE was_known OR @is_absurd
