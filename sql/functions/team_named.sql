-- The team that a text names: by any spelling of its code, or by its full name. NULL where it names none of the thirty.
CREATE TEMP FUNCTION team_named(text STRING) RETURNS STRING AS (
  CASE
    WHEN is_team_code(team_code(text)) THEN team_code(text)
    ELSE CASE place_key(text)
      WHEN 'atlantahawks' THEN 'ATL'
      WHEN 'brooklynnets' THEN 'BKN'
      WHEN 'bostonceltics' THEN 'BOS'
      WHEN 'charlottehornets' THEN 'CHA'
      WHEN 'chicagobulls' THEN 'CHI'
      WHEN 'clevelandcavaliers' THEN 'CLE'
      WHEN 'dallasmavericks' THEN 'DAL'
      WHEN 'denvernuggets' THEN 'DEN'
      WHEN 'detroitpistons' THEN 'DET'
      WHEN 'goldenstatewarriors' THEN 'GSW'
      WHEN 'houstonrockets' THEN 'HOU'
      WHEN 'indianapacers' THEN 'IND'
      WHEN 'losangelesclippers' THEN 'LAC'
      WHEN 'laclippers' THEN 'LAC'
      WHEN 'losangeleslakers' THEN 'LAL'
      WHEN 'lalakers' THEN 'LAL'
      WHEN 'memphisgrizzlies' THEN 'MEM'
      WHEN 'miamiheat' THEN 'MIA'
      WHEN 'milwaukeebucks' THEN 'MIL'
      WHEN 'minnesotatimberwolves' THEN 'MIN'
      WHEN 'neworleanspelicans' THEN 'NOP'
      WHEN 'newyorkknicks' THEN 'NYK'
      WHEN 'oklahomacitythunder' THEN 'OKC'
      WHEN 'orlandomagic' THEN 'ORL'
      WHEN 'philadelphia76ers' THEN 'PHI'
      WHEN 'phoenixsuns' THEN 'PHX'
      WHEN 'portlandtrailblazers' THEN 'POR'
      WHEN 'sacramentokings' THEN 'SAC'
      WHEN 'sanantoniospurs' THEN 'SAS'
      WHEN 'torontoraptors' THEN 'TOR'
      WHEN 'utahjazz' THEN 'UTA'
      WHEN 'washingtonwizards' THEN 'WAS'
    END
  END
);
