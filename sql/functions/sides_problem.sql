-- The first thing that cannot be true of a team's row beside the other row of its game, with the figures. NULL where
-- everything agrees: the margins sum to 0 and are the difference in points, one team wins, the one that is ahead, and
-- both play the same overtimes. The last four arguments are of the whole game: the sum of its margins, how many rows
-- claim the win, the most overtimes of any row, and the margin that the points of its two rows give (NULL without two
-- rows).
CREATE TEMP FUNCTION sides_problem(
  margin INT64, win_flag BOOL, overtime_periods INT64, margin_sum INT64, winners INT64, game_overtimes INT64,
  point_difference INT64
) RETURNS STRING AS (
  CASE
    WHEN margin_sum <> 0 THEN CONCAT('the two margins sum to ', CAST(margin_sum AS STRING))
    WHEN winners <> 1 THEN CONCAT(CAST(winners AS STRING), ' winners')
    WHEN margin <> point_difference
      THEN CONCAT('margin ', CAST(margin AS STRING), ', but the points give ', CAST(point_difference AS STRING))
    WHEN overtime_periods <> game_overtimes
      THEN CONCAT(CAST(overtime_periods AS STRING), ' overtimes, but the other team played ',
        CAST(game_overtimes AS STRING))
    WHEN win_flag <> (margin > 0) THEN 'the win flag contradicts the margin'
  END
);
