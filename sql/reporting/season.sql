-- The dates of the season that have games by the schedule, and how many; pre-season and called-off games left out.
SELECT game_date, COUNTIF(schedule_state <> 'void') AS games
FROM season_games
GROUP BY game_date
HAVING COUNTIF(schedule_state <> 'void') > 0
