-- A player's key: the name without accents, in lower case, letters and digits only.
-- Letters that do not decompose into a base letter and an accent are transliterated first.
CREATE TEMP FUNCTION player_lookup(name STRING) RETURNS STRING AS (
  NULLIF(REGEXP_REPLACE(NORMALIZE(
    REPLACE(REPLACE(REPLACE(REPLACE(
      TRANSLATE(LOWER(name), 'đðøłı', 'ddoli'),
      'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
    NFD), r'[^a-z0-9]', ''), '')
);
