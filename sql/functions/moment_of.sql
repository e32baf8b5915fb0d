-- The moment that is so many microseconds after the beginning of 1970, UTC: what UNIX_MICROS() counts.
CREATE TEMP FUNCTION moment_of(micros INT64) RETURNS TIMESTAMP AS (
  TIMESTAMP_ADD(TIMESTAMP '1970-01-01 00:00:00+00', INTERVAL micros MICROSECOND)
);
