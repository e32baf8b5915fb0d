-- The games of the range that are not called off or moved, a row each.
SELECT game_date, game_id
FROM scheduled_games
WHERE schedule_state <> 'void';
