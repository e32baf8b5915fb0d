-- By how much two counts differ, with the name of the figure, as one item of a list: ' points -3'. Empty where they do
-- not.
CREATE TEMP FUNCTION difference_text(figure STRING, value INT64, expected INT64) RETURNS STRING AS (
  IF(value <> expected, CONCAT(' ', figure, ' ', CAST(value - expected AS STRING)), '')
);
