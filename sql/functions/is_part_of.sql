-- Whether missing players alone can explain how the sums of a team's players differ from the team. Minutes are missing,
-- but at least @partial_minutes_minimum of them are there. No count is above the team's, and something counted is
-- missing. No more points are missing than players can have scored in the missing minutes (three a minute). Both rows
-- are as contradiction() takes them.
CREATE TEMP FUNCTION is_part_of(players ANY TYPE, team ANY TYPE) RETURNS BOOL AS (
  players.seconds <= team.regulation_seconds + 60 * @minutes_tolerance
  AND players.seconds >= @partial_minutes_minimum * team.regulation_seconds
  AND players.points <= team.points + @points_tolerance
  AND players.fg_attempts <= team.fg_attempts + @count_tolerance
  AND players.fg_makes <= team.fg_makes + @count_tolerance
  AND players.three_pt_attempts <= team.three_pt_attempts + @count_tolerance
  AND players.three_pt_makes <= team.three_pt_makes + @count_tolerance
  AND players.ft_attempts <= team.ft_attempts + @count_tolerance
  AND players.ft_makes <= team.ft_makes + @count_tolerance
  AND players.turnovers <= team.turnovers + @count_tolerance
  AND COALESCE(players.assists <= team.assists + @count_tolerance, TRUE)
  AND COALESCE(players.offensive_rebounds <= team.offensive_rebounds + @count_tolerance, TRUE)
  AND COALESCE(players.defensive_rebounds <= team.defensive_rebounds + @count_tolerance, TRUE)
  AND COALESCE(players.steals <= team.steals + @count_tolerance, TRUE)
  AND COALESCE(players.blocks <= team.blocks + @count_tolerance, TRUE)
  AND COALESCE(players.personal_fouls <= team.personal_fouls + @count_tolerance, TRUE)
  AND team.regulation_seconds > players.seconds
  AND 20 * (team.points - players.points - @points_tolerance) <= team.regulation_seconds - players.seconds
  AND team.points + team.fg_attempts + team.turnovers
      + COALESCE(team.defensive_rebounds, 0) + COALESCE(team.personal_fouls, 0)
    > players.points + players.fg_attempts + players.turnovers
      + COALESCE(players.defensive_rebounds, 0) + COALESCE(players.personal_fouls, 0)
);
