-- How a figure out of its range reads: 'true shooting 1.7 is out of range'.
CREATE TEMP FUNCTION out_of_range(figure STRING, value NUMERIC, verb STRING) RETURNS STRING AS (
  CONCAT(figure, ' ', number_text(value), ' ', verb, ' out of range')
);
