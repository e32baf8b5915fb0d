-- No player's figures stand under the name of another who is listed in the same game, and no key belongs to two
-- players.
WITH named_rows AS (
  SELECT
    game_date, game_id, player_lookup, player_full_name,
    -- Most names are their key but for blanks and capitals, and seeing that takes a fraction of the time.
    IF(
      LOWER(REPLACE(player_full_name, ' ', '')) = player_lookup, player_lookup, player_lookup(player_full_name)
    ) AS own_lookup
  FROM audited
)
SELECT
  named_rows.game_date, named_rows.game_id, 'ERROR' AS severity, named_rows.player_lookup AS subject,
  CONCAT('is the key of a row of ', named_rows.player_full_name, ', but the name of another') AS problem,
  CAST(NULL AS FLOAT64) AS value
FROM named_rows
INNER JOIN named_rows AS other
  ON other.game_date = named_rows.game_date AND other.game_id = named_rows.game_id
  AND other.own_lookup = named_rows.player_lookup AND other.player_lookup <> named_rows.player_lookup
WHERE named_rows.own_lookup <> named_rows.player_lookup
UNION ALL
SELECT
  game_date, game_id, 'ERROR' AS severity, player_lookup AS subject,
  CONCAT('is the key of two listed players: ', SUBSTR(issue, LENGTH('key_of_two=') + 1)) AS problem,
  CAST(NULL AS FLOAT64) AS value
FROM issues
WHERE STARTS_WITH(issue, 'key_of_two=')
