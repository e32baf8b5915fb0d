-- No player's figures stand under the name of another who is listed in the same game, and no key is two players'.
WITH named AS (
  SELECT
    game_date, game_id, player_lookup, player_full_name,
    -- Most names are their key but for blanks and capitals: that is seen at a fraction of the time.
    IF(LOWER(REPLACE(player_full_name, ' ', '')) = player_lookup, player_lookup, player_lookup(player_full_name)) AS own_lookup
  FROM audited
)
SELECT
  named.game_date, named.game_id, 'ERROR' AS severity, named.player_lookup AS subject,
  CONCAT('is the key of a row of ', named.player_full_name, ', but the name of another') AS problem,
  CAST(NULL AS FLOAT64) AS value
FROM named
INNER JOIN named AS other
  ON other.game_date = named.game_date AND other.game_id = named.game_id
  AND other.own_lookup = named.player_lookup AND other.player_lookup <> named.player_lookup
WHERE named.own_lookup <> named.player_lookup
UNION ALL
SELECT
  game_date, game_id, 'ERROR' AS severity, player_lookup AS subject,
  CONCAT('is the key of two listed players: ', SUBSTR(issue, LENGTH('key_of_two=') + 1)) AS problem,
  CAST(NULL AS FLOAT64) AS value
FROM issues
WHERE STARTS_WITH(issue, 'key_of_two=')
