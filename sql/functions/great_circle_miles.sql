-- Miles between two places along the earth's surface, in whole miles: the haversine formula, with the earth's mean
-- radius. ACOS(-1) is pi. NULL where a coordinate is.
CREATE TEMP FUNCTION great_circle_miles(
  latitude FLOAT64, longitude FLOAT64, other_latitude FLOAT64, other_longitude FLOAT64
) RETURNS INT64 AS (
  CAST(ROUND(
    2 * 3958.8 * ASIN(LEAST(1.0, SQRT(
      POW(SIN((other_latitude - latitude) * ACOS(-1) / 360), 2)
      + COS(latitude * ACOS(-1) / 180) * COS(other_latitude * ACOS(-1) / 180)
        * POW(SIN((other_longitude - longitude) * ACOS(-1) / 360), 2)
    )))
  ) AS INT64)
);
