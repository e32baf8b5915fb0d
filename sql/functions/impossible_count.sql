-- A counting statistic that cannot be one, with its name: 'points -7'. NULL for any other.
CREATE TEMP FUNCTION impossible_count(figure STRING, value INT64) RETURNS STRING AS (
  IF(is_impossible_count(value), CONCAT(figure, ' ', CAST(value AS STRING)), NULL)
);
