-- The raw usage rate that is held against 100: of a sample too small to tell (three minutes at most) there is none.
CREATE TEMP FUNCTION usage_rate_beyond_small_samples(usage_rate_raw NUMERIC, anomaly_reason STRING, minutes NUMERIC) RETURNS NUMERIC AS (
  IF(COALESCE(anomaly_reason <> 'small_sample' OR minutes > 3, TRUE), usage_rate_raw, NULL)
);
