-- Team codes are the league's thirty.
SELECT
  game_date, game_id, 'ERROR' AS severity, defending_team_abbr AS subject,
  CONCAT('unknown team code ', defending_team_abbr) AS problem, CAST(NULL AS FLOAT64) AS value
FROM audited
WHERE defending_team_abbr NOT IN (
  'ATL', 'BKN', 'BOS', 'CHA', 'CHI', 'CLE', 'DAL', 'DEN', 'DET', 'GSW', 'HOU', 'IND', 'LAC', 'LAL', 'MEM',
  'MIA', 'MIL', 'MIN', 'NOP', 'NYK', 'OKC', 'ORL', 'PHI', 'PHX', 'POR', 'SAC', 'SAS', 'TOR', 'UTA', 'WAS'
)
