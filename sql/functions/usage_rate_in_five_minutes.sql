-- The usage rate that is worth a look where it is high: NULL for a player of under five minutes.
CREATE TEMP FUNCTION usage_rate_in_five_minutes(usage_rate NUMERIC, minutes NUMERIC) RETURNS NUMERIC AS (
  IF(minutes >= 5, usage_rate, NULL)
);
