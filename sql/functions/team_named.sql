-- The team that a text names: by any spelling of its code, or by its full name. NULL where it names none of the thirty.
-- Each name is written as place_key() writes it, with the code that it stands for.
CREATE TEMP FUNCTION team_named(text STRING) RETURNS STRING AS (
  SPLIT(REGEXP_EXTRACT(
    CONCAT(
      '|atl=ATL|bkn=BKN|brk=BKN|bos=BOS|cha=CHA|cho=CHA|chi=CHI|cle=CLE|dal=DAL|den=DEN|det=DET|gs=GSW|gsw=GSW|hou=HOU',
      '|ind=IND|lac=LAC|lal=LAL|mem=MEM|mia=MIA|mil=MIL|min=MIN|no=NOP|nop=NOP|ny=NYK|nyk=NYK|okc=OKC|orl=ORL|phi=PHI',
      '|pho=PHX|phx=PHX|por=POR|sac=SAC|sa=SAS|sas=SAS|tor=TOR|uta=UTA|utah=UTA|was=WAS',
      '|atlantahawks=ATL|brooklynnets=BKN|bostonceltics=BOS|charlottehornets=CHA|chicagobulls=CHI',
      '|clevelandcavaliers=CLE|dallasmavericks=DAL|denvernuggets=DEN|detroitpistons=DET|goldenstatewarriors=GSW',
      '|houstonrockets=HOU|indianapacers=IND|losangelesclippers=LAC|laclippers=LAC|losangeleslakers=LAL|lalakers=LAL',
      '|memphisgrizzlies=MEM|miamiheat=MIA|milwaukeebucks=MIL|minnesotatimberwolves=MIN|neworleanspelicans=NOP',
      '|newyorkknicks=NYK|oklahomacitythunder=OKC|orlandomagic=ORL|philadelphia76ers=PHI|phoenixsuns=PHX',
      '|portlandtrailblazers=POR|sacramentokings=SAC|sanantoniospurs=SAS|torontoraptors=TOR|utahjazz=UTA',
      '|washingtonwizards=WAS|'
    ),
    CONCAT(r'\|', place_key(text), '=[A-Z]+')
  ), '=')[SAFE_OFFSET(1)]
);
