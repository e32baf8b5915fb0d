-- Effective field-goal percentage: (FGM + 0.5 * 3PM) / FGA, three decimals. NULL only when FGA = 0.
CREATE TEMP FUNCTION efg_pct(fg_makes INT64, three_pt_makes INT64, fg_attempts INT64) RETURNS FLOAT64 AS (
  round_ratio(2 * fg_makes + three_pt_makes, 2 * fg_attempts, 1000)
);
