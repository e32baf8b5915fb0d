-- A player with minutes has points, attempts and turnovers. A player whose minutes_played is NULL has every statistic
-- NULL.
SELECT
  game_date, game_id, 'ERROR' AS severity, player_lookup AS subject,
  IF(minutes_played IS NULL, 'statistics without minutes', CONCAT(
    'minutes without', IF(points IS NULL, ' points', ''), IF(fg_attempts IS NULL, ' fg_attempts', ''),
    IF(three_pt_attempts IS NULL, ' three_pt_attempts', ''), IF(ft_attempts IS NULL, ' ft_attempts', ''),
    IF(turnovers IS NULL, ' turnovers', '')
  )) AS problem,
  CAST(minutes_played AS FLOAT64) AS value
FROM audited
WHERE (
    minutes_played IS NOT NULL AND (
      points IS NULL OR fg_attempts IS NULL OR three_pt_attempts IS NULL OR ft_attempts IS NULL OR turnovers IS NULL
    )
  )
  OR (
    minutes_played IS NULL AND COALESCE(
      points, assists, offensive_rebounds, defensive_rebounds, steals, blocks, turnovers, fg_attempts,
      fg_makes, three_pt_attempts, three_pt_makes, ft_attempts, ft_makes, plus_minus, personal_fouls
    ) IS NOT NULL
  )
