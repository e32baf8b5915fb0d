-- Team totals rebuilt from a game's official gamebook, the fallback where the team box score is missing or invalid.
-- Complete: at least five players who entered, every one of their figures readable, and the schedule's final score met.
WITH totals AS (
  SELECT
    game_date, game_id, team_abbr,
    COUNT(*) AS players,
    SUM(played_seconds) AS team_seconds,
    SUM(fg_makes) AS fg_makes,
    SUM(fg_attempts) AS fg_attempts,
    SUM(three_pt_makes) AS three_pt_makes,
    SUM(three_pt_attempts) AS three_pt_attempts,
    SUM(ft_makes) AS ft_makes,
    SUM(ft_attempts) AS ft_attempts,
    SUM(offensive_rebounds) AS offensive_rebounds,
    SUM(defensive_rebounds) AS defensive_rebounds,
    SUM(rebounds) AS rebounds,
    SUM(assists) AS assists,
    SUM(steals) AS steals,
    SUM(blocks) AS blocks,
    SUM(turnovers) AS turnovers,
    SUM(personal_fouls) AS personal_fouls,
    SUM(points) AS points,
    LOGICAL_AND(
      played_seconds IS NOT NULL AND NOT has_impossible_count AND points IS NOT NULL
      AND fg_attempts IS NOT NULL AND ft_attempts IS NOT NULL AND turnovers IS NOT NULL
    ) AS is_readable
  FROM game_players
  WHERE source = 'nbac_gamebook_player_stats' AND entered AND team_abbr IS NOT NULL
  GROUP BY 1, 2, 3
)
SELECT
  totals.*,
  COALESCE(
    totals.players >= 5 AND totals.is_readable AND totals.fg_attempts > 0 AND totals.points = game.final_score, FALSE
  ) AS is_complete
FROM totals
INNER JOIN team_games AS game
  ON game.game_date = totals.game_date AND game.team_abbr = totals.team_abbr
