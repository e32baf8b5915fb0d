-- The schedule does not have the two teams' points the other way round, as it may of a game at a neutral site.
WITH compared AS (
  SELECT
    audited.game_date, audited.game_id, audited.team_abbr, audited.points_scored, game.final_score,
    COUNTIF(audited.points_scored = game.opponent_final_score AND audited.points_scored <> game.final_score)
      OVER (PARTITION BY audited.game_id) AS exchanged
  FROM audited
  INNER JOIN team_games AS game
    ON game.game_date = audited.game_date AND game.team_abbr = audited.team_abbr
)
SELECT
  game_date, game_id, 'ERROR' AS severity, team_abbr AS subject,
  CONCAT('points ', CAST(points_scored AS STRING), ', the schedule says ', CAST(final_score AS STRING),
    ', and the other way round of its opponent') AS problem,
  CAST(points_scored AS FLOAT64) AS value
FROM compared
WHERE exchanged = 2
