-- The zone of a field-goal attempt: three, rim, paint, mid_range or unknown, by the first rule that fits. A three is
-- what the source calls one, whatever its distance. The paint is eight feet from the basket; its nearest four are the
-- rim, which is a part of it. A two without a distance is unknown.
CREATE TEMP FUNCTION shot_zone(shot_type STRING, subtype STRING, distance FLOAT64) RETURNS STRING AS (
  CASE
    WHEN UPPER(shot_type) = '3PT' OR STARTS_WITH(LOWER(subtype), '3pt') THEN 'three'
    WHEN distance BETWEEN 0 AND 4 THEN 'rim'
    WHEN distance BETWEEN 0 AND 8 THEN 'paint'
    WHEN distance BETWEEN 8 AND 999 THEN 'mid_range'
    ELSE 'unknown'
  END
);
