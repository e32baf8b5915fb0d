-- By how many minutes a team's players differ from its game; both rows as in contradiction().
CREATE TEMP FUNCTION minutes_difference(players ANY TYPE, team ANY TYPE) RETURNS FLOAT64 AS (
  ABS(players.seconds - team.regulation_seconds) / 60
);
