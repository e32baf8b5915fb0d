-- How a contradiction reads: the figure, what one source says and what the other does.
CREATE TEMP FUNCTION against(figure STRING, said INT64, other INT64) RETURNS STRING AS (
  CONCAT(figure, ' ', CAST(said AS STRING), ' against ', CAST(other AS STRING))
);
