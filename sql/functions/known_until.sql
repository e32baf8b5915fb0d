-- The last moment that counts as before a game: tip-off. Where nobody says when that is, midnight Eastern at the
-- beginning of its date.
CREATE TEMP FUNCTION known_until(tip_off TIMESTAMP, game_date DATE) RETURNS TIMESTAMP AS (
  COALESCE(tip_off, TIMESTAMP(game_date, 'America/New_York'))
);
