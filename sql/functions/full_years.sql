-- Full years between two dates: somebody's age on a day.
CREATE TEMP FUNCTION full_years(birth_date DATE, day DATE) RETURNS INT64 AS (
  DIV(CAST(FORMAT_DATE('%Y%m%d', day) AS INT64) - CAST(FORMAT_DATE('%Y%m%d', birth_date) AS INT64), 10000)
);
