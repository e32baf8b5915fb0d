-- True shooting: PTS / (2 * (FGA + 0.44 * FTA)), three decimals. NULL only when nothing was attempted.
CREATE TEMP FUNCTION ts_pct(points INT64, fg_attempts INT64, ft_attempts INT64) RETURNS FLOAT64 AS (
  round_ratio(100 * points, 2 * scoring_attempts_x100(fg_attempts, ft_attempts), 1000)
);
