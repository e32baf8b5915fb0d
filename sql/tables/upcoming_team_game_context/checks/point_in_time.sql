-- Nothing a row is made of is later than it may be: games are of earlier dates, lines and injury reports from before
-- tip-off.
WITH problems AS (
  SELECT
    game_date, game_id, team_abbr,
    CASE
      WHEN latest_game_used >= game_date THEN CONCAT('is made of a game of ', CAST(latest_game_used AS STRING))
      WHEN COALESCE(betting_lines_updated_at >= betting_lines_known_until, betting_lines_updated_at IS NOT NULL)
        THEN 'is made of lines that are not from before tip-off'
      WHEN injury_report_updated_at > known_until(tip_off, game_date)
        THEN 'is made of an injury report from after tip-off'
    END AS problem
  FROM audited
)
SELECT
  game_date, game_id, 'ERROR' AS severity, team_abbr AS subject, problem, CAST(NULL AS FLOAT64) AS value
FROM problems
WHERE problem IS NOT NULL
