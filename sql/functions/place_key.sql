-- The name of an arena or a city as it is compared: without accents, in lower case, letters and digits only.
CREATE TEMP FUNCTION place_key(name STRING) RETURNS STRING AS (
  player_lookup(name)
);
