-- A team's points are the schedule's final score, and no player source that adds up contradicts its figures, unless
-- another one bears them out. A player source without the final score contradicts nobody by itself; two of them that
-- have the same other score are two witnesses against two.
WITH team_figures AS (
  SELECT
    game_date, game_id, team_abbr, primary_source_used,
    regulation_seconds(LEAST(overtime_periods, 99)) AS regulation_seconds,
    points_scored AS points, fg_attempts, fg_makes, three_pt_attempts, three_pt_makes, ft_attempts, ft_makes, turnovers,
    assists, offensive_rebounds, defensive_rebounds, steals, blocks, personal_fouls
  FROM audited
),
witness_rows AS (
  SELECT
    team.game_date, team.game_id, team.team_abbr, witness.source,
    witness.points, witness.is_witness, contradiction(witness, team) AS contradicted
  FROM team_figures AS team
  INNER JOIN source_totals AS witness
    ON witness.game_id = team.game_id AND witness.team_abbr = team.team_abbr
    AND witness.source <> team.primary_source_used AND witness.source <> 'nbac_team_boxscore' AND witness.is_sound
),
witnesses AS (
  SELECT *, COUNTIF(contradicted IS NOT NULL) OVER (PARTITION BY game_id, source) = 0 AS bears_out
  FROM witness_rows
),
judged_witnesses AS (
  SELECT
    *,
    COUNTIF(bears_out) OVER (PARTITION BY game_id) AS borne_out,
    COUNT(*) OVER (PARTITION BY game_id, team_abbr) = 2
      AND MAX(points) OVER (PARTITION BY game_id, team_abbr) - MIN(points) OVER (PARTITION BY game_id, team_abbr)
      <= @points_tolerance AS are_two_of_one_score
  FROM witnesses
)
SELECT
  game_date, game_id, 'ERROR' AS severity, team_abbr AS subject,
  MIN(CONCAT(contradicted, ' (', source, ' against team row)')) AS problem, CAST(NULL AS FLOAT64) AS value
FROM judged_witnesses
WHERE contradicted IS NOT NULL AND borne_out = 0 AND (is_witness OR are_two_of_one_score)
GROUP BY game_date, game_id, team_abbr
UNION ALL
SELECT
  game_date, game_id, 'ERROR', team_abbr,
  CONCAT('points ', CAST(points_scored AS STRING), ', the schedule says ', CAST(final_score AS STRING)),
  CAST(points_scored AS FLOAT64)
FROM score_differences
WHERE difference > 0
