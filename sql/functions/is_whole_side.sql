-- Whether so many players can be all that a team had in a game: no team plays with fewer than five.
CREATE TEMP FUNCTION is_whole_side(players INT64) RETURNS BOOL AS (players >= 5);
