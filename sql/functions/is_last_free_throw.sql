-- Whether a free throw can end a possession: the last one of a foul (free throw 2/2). After technical and flagrant
-- fouls and clear-path fouls the team that shot keeps the ball.
CREATE TEMP FUNCTION is_last_free_throw(subtype STRING) RETURNS BOOL AS (
  COALESCE(subtype IN ('free throw 1/1', 'free throw 2/2', 'free throw 3/3'), FALSE)
);
