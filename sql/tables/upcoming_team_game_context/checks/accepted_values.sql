-- Team codes are the league's thirty; phases, results and tiers have their few words.
SELECT
  game_date, game_id, 'ERROR' AS severity, team_abbr AS subject,
  CONCAT('unknown team code ', code) AS problem, CAST(NULL AS FLOAT64) AS value
FROM audited
CROSS JOIN UNNEST([team_abbr, opponent_team_abbr]) AS code
WHERE NOT is_team_code(code)
UNION ALL
SELECT
  game_date, game_id, 'ERROR' AS severity, team_abbr AS subject,
  CASE
    WHEN season_phase NOT IN ('regular', 'cup_final', 'play_in', 'playoffs')
      THEN CONCAT('unknown season_phase ', season_phase)
    WHEN last_game_result NOT IN ('W', 'L') THEN CONCAT('unknown last_game_result ', last_game_result)
    ELSE CONCAT('unknown quality_tier ', quality_tier)
  END AS problem,
  CAST(NULL AS FLOAT64) AS value
FROM audited
WHERE season_phase NOT IN ('regular', 'cup_final', 'play_in', 'playoffs')
  OR last_game_result NOT IN ('W', 'L')
  OR quality_tier NOT IN ('gold', 'silver', 'bronze')
