-- The part of a season that a game belongs to, from the league's id; NULL where the id is of no such game.
CREATE TEMP FUNCTION season_phase(nba_game_id STRING) RETURNS STRING AS (
  CASE SUBSTR(nba_game_id, 1, 3)
    WHEN '002' THEN 'regular'
    WHEN '004' THEN 'playoffs'
    WHEN '005' THEN 'play_in'
    WHEN '006' THEN 'cup_final'
  END
);
