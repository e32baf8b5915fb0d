-- A counting statistic from 0 to 999. NULL for any other figure: no basketball game can have produced it.
CREATE TEMP FUNCTION box_score_count(value INT64) RETURNS INT64 AS (
  IF(value BETWEEN 0 AND 999, value, NULL)
);
