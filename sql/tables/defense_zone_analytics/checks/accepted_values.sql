-- Team codes are the league's thirty. A strongest and a weakest zone are paint, mid_range or three_pt.
SELECT
  game_date, game_id, 'ERROR' AS severity, team_abbr AS subject,
  CONCAT('unknown team code ', code) AS problem, CAST(NULL AS FLOAT64) AS value
FROM audited
CROSS JOIN UNNEST([team_abbr, opponent_team_abbr]) AS code
WHERE NOT is_team_code(code)
UNION ALL
SELECT
  game_date, game_id, 'ERROR', team_abbr, CONCAT('unknown zone ', zone), CAST(NULL AS FLOAT64)
FROM audited
CROSS JOIN UNNEST([COALESCE(strongest_zone, 'paint'), COALESCE(weakest_zone, 'paint')]) AS zone
WHERE zone NOT IN ('paint', 'mid_range', 'three_pt')
