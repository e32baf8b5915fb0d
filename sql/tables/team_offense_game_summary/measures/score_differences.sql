-- Each team's points beside the schedule's final score of the game, its own and its opponent's.
SELECT
  audited.game_date, audited.game_id, audited.team_abbr, audited.points_scored, game.final_score,
  game.opponent_final_score,
  ABS(audited.points_scored - game.final_score) AS difference
FROM audited
INNER JOIN team_games AS game
  ON game.game_date = audited.game_date AND game.team_abbr = audited.team_abbr
