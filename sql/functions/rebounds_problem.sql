-- Rebounds that are not the offensive and the defensive ones together, with the figures; NULL where they are.
CREATE TEMP FUNCTION rebounds_problem(rebounds INT64, offensive_rebounds INT64, defensive_rebounds INT64)
RETURNS STRING AS (
  IF(
    rebounds <> offensive_rebounds + defensive_rebounds,
    CONCAT(CAST(rebounds AS STRING), ' rebounds, but ', CAST(offensive_rebounds AS STRING), ' offensive and ',
      CAST(defensive_rebounds AS STRING), ' defensive'),
    NULL
  )
);
