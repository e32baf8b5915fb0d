-- The sample standard deviation of whole numbers, two decimals, from how many they are, their sum and the sum of their
-- squares. NULL below two. It is never halfway between two hundredths for up to 63 numbers, so rounding is unambiguous.
CREATE TEMP FUNCTION sample_deviation(number INT64, total INT64, squares INT64) RETURNS FLOAT64 AS (
  IF(
    number > 1,
    ROUND(100 * SQRT(GREATEST(number * squares - total * total, 0) / (number * (number - 1)))) / 100,
    NULL
  )
);
