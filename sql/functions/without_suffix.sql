-- A player's key without jr, sr, ii, iii or iv at its end: sources of play-by-play drop them from names.
CREATE TEMP FUNCTION without_suffix(lookup STRING) RETURNS STRING AS (
  REGEXP_REPLACE(lookup, r'(jr|sr|ii|iii|iv)$', '')
);
