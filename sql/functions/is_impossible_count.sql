-- Whether a counting statistic is there and cannot be one (negative, or beyond any game).
CREATE TEMP FUNCTION is_impossible_count(value INT64) RETURNS BOOL AS (
  COALESCE(value NOT BETWEEN 0 AND 999, FALSE)
);
