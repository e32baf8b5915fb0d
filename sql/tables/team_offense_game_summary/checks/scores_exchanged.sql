-- The schedule does not have the two teams' points the other way round, as it may for a game at a neutral site.
WITH game_scores AS (
  SELECT
    *,
    COUNTIF(points_scored = opponent_final_score AND difference > 0) OVER (PARTITION BY game_id) AS exchanged
  FROM score_differences
)
SELECT
  game_date, game_id, 'ERROR' AS severity, team_abbr AS subject,
  CONCAT('points ', CAST(points_scored AS STRING), ', the schedule says ', CAST(final_score AS STRING),
    ', and the other way round of its opponent') AS problem,
  CAST(points_scored AS FLOAT64) AS value
FROM game_scores
WHERE exchanged = 2
