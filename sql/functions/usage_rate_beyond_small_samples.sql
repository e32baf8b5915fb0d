-- The raw usage rate that is held against 100: NULL for a small sample, which is too brief to tell.
-- Published minutes are rounded to a tenth, so the sample may have been three seconds shorter than they say.
CREATE TEMP FUNCTION usage_rate_beyond_small_samples(usage_rate_raw NUMERIC, anomaly_reason STRING, minutes NUMERIC)
RETURNS NUMERIC AS (
  IF(anomaly_reason = 'small_sample' AND is_small_sample(60 * minutes - 3), NULL, usage_rate_raw)
);
