-- Whether a counting statistic is there and cannot be one: box_score_count() does not let it through.
CREATE TEMP FUNCTION is_impossible_count(value INT64) RETURNS BOOL AS (
  value IS NOT NULL AND box_score_count(value) IS NULL
);
