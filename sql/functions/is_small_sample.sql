-- Whether a player was on the floor too briefly for a usage rate to mean anything: under three minutes.
CREATE TEMP FUNCTION is_small_sample(seconds NUMERIC) RETURNS BOOL AS (seconds < 180);
