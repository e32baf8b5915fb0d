-- FGA + 0.44 * FTA + TO - OREB in hundredths: exact possessions, for offensive_rating() and pace().
CREATE TEMP FUNCTION possessions_x100(fg_attempts INT64, ft_attempts INT64, turnovers INT64, offensive_rebounds INT64)
RETURNS INT64 AS (
  plays_x100(fg_attempts, ft_attempts, turnovers) - 100 * offensive_rebounds
);
