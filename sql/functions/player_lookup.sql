-- A player's key: the name without accents, in lower case, letters and digits only.
-- Letters that do not decompose into a base letter and an accent are transliterated. Most sources send the key itself,
-- which is recognised and returned as it is: that is cheaper.
CREATE TEMP FUNCTION player_lookup(name STRING) RETURNS STRING AS (
  CASE
    WHEN REGEXP_CONTAINS(name, r'^[a-z0-9]+$') THEN name
    ELSE NULLIF(REGEXP_REPLACE(
      REPLACE(REPLACE(REPLACE(REPLACE(
        TRANSLATE(NORMALIZE(LOWER(name), NFD), 'đðøłı', 'ddoli'),
        'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
      r'[^a-z0-9]', ''), '')
  END
);
