-- The league's ten digits of a game. A loader that takes them for a number loses the two zeros they begin with.
CREATE TEMP FUNCTION nba_game_id(game_id STRING) RETURNS STRING AS (
  REGEXP_REPLACE(TRIM(game_id), r'^([0-9]{8})$', r'00\1')
);
