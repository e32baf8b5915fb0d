-- The points that the shots made give: two for a field goal, three for one from beyond the arc, one for a free throw.
CREATE TEMP FUNCTION points_of_makes(fg_makes INT64, three_pt_makes INT64, ft_makes INT64) RETURNS INT64 AS (
  2 * (fg_makes - three_pt_makes) + 3 * three_pt_makes + ft_makes
);
