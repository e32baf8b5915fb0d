-- Minutes a game lasted: 48, and five more for every overtime.
CREATE TEMP FUNCTION game_minutes(overtime_periods INT64) RETURNS INT64 AS (48 + 5 * overtime_periods);
