-- The first figure, in order of weight, in which the sums of a team's players (`players`) and what another source says
-- of the team (`team`) differ by more than real games ever do. NULL where they agree. A figure that one of them lacks
-- is not compared. `players` has seconds; `team` has the regulation_seconds() of its game; both have the counts. A team
-- has turnovers of its own besides its players'. The tolerances are those of the data contract.
CREATE TEMP FUNCTION contradiction(players ANY TYPE, team ANY TYPE) RETURNS STRING AS (
  CASE
    WHEN minutes_difference(players.seconds, team.regulation_seconds) > @minutes_tolerance
      THEN CONCAT(CAST(DIV(players.seconds + 30, 60) AS STRING), ' of ',
        CAST(DIV(team.regulation_seconds, 60) AS STRING), ' minutes')
    WHEN ABS(players.points - team.points) > @points_tolerance
      THEN against('points', players.points, team.points)
    WHEN ABS(players.fg_attempts - team.fg_attempts) > @count_tolerance
      THEN against('fg_attempts', players.fg_attempts, team.fg_attempts)
    WHEN ABS(players.fg_makes - team.fg_makes) > @count_tolerance
      THEN against('fg_makes', players.fg_makes, team.fg_makes)
    WHEN ABS(players.three_pt_attempts - team.three_pt_attempts) > @count_tolerance
      THEN against('three_pt_attempts', players.three_pt_attempts, team.three_pt_attempts)
    WHEN ABS(players.three_pt_makes - team.three_pt_makes) > @count_tolerance
      THEN against('three_pt_makes', players.three_pt_makes, team.three_pt_makes)
    WHEN ABS(players.ft_attempts - team.ft_attempts) > @count_tolerance
      THEN against('ft_attempts', players.ft_attempts, team.ft_attempts)
    WHEN ABS(players.ft_makes - team.ft_makes) > @count_tolerance
      THEN against('ft_makes', players.ft_makes, team.ft_makes)
    WHEN players.turnovers - team.turnovers > @count_tolerance
      OR team.turnovers - players.turnovers > @team_turnovers_tolerance
      THEN against('turnovers', players.turnovers, team.turnovers)
    WHEN ABS(players.assists - team.assists) > @count_tolerance
      THEN against('assists', players.assists, team.assists)
    WHEN ABS(players.offensive_rebounds - team.offensive_rebounds) > @count_tolerance
      THEN against('offensive_rebounds', players.offensive_rebounds, team.offensive_rebounds)
    WHEN ABS(players.defensive_rebounds - team.defensive_rebounds) > @count_tolerance
      THEN against('defensive_rebounds', players.defensive_rebounds, team.defensive_rebounds)
    WHEN ABS(players.steals - team.steals) > @count_tolerance
      THEN against('steals', players.steals, team.steals)
    WHEN ABS(players.blocks - team.blocks) > @count_tolerance
      THEN against('blocks', players.blocks, team.blocks)
    WHEN ABS(players.personal_fouls - team.personal_fouls) > @count_tolerance
      THEN against('personal_fouls', players.personal_fouls, team.personal_fouls)
  END
);
