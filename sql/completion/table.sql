CREATE TABLE IF NOT EXISTS nba_phase3.phase3_completion (
  game_date DATE NOT NULL OPTIONS(description="Eastern calendar date"),
  games_scheduled INT64 NOT NULL OPTIONS(description="Games that the schedule lists on the date, or whose rows readers see"),
  games_final INT64 NOT NULL OPTIONS(description="Of these, the games that are over; waived ones count, void ones do not"),
  games_void INT64 NOT NULL OPTIONS(description="Of these, the games that are not played on the date"),
  games_waived INT64 NOT NULL OPTIONS(description="Of these, the games that were given up, and are not void"),
  tables_expected INT64 NOT NULL OPTIONS(description="The published tables, pre-game tables included"),
  tables_complete INT64 NOT NULL OPTIONS(
    description="Of these, the tables in which every final game that is not waived is visible with no check failed; 0 while games are expected and none is final"
  ),
  games_complete INT64 NOT NULL OPTIONS(description="Final games, not waived, that are complete in every table"),
  coverage_percentage FLOAT64 NOT NULL OPTIONS(
    description="100 x games_complete / games that are final and not waived; 100 where no game is expected, 0 while games are expected and none is final"
  ),
  usage_coverage_percentage FLOAT64 OPTIONS(
    description="Of the players with minutes in player_game_summary, those who have a usage rate; NULL where nobody has minutes"
  ),
  rows_by_table STRING NOT NULL OPTIONS(description="JSON object: each published table and how many rows of the date readers see in it"),
  missing ARRAY<STRING> OPTIONS(
    description="What stands between the date and its completion: game_id, table and reason, with a blank between them, for each table that lacks a game which is neither void nor waived"
  ),
  is_complete BOOL NOT NULL OPTIONS(description="Whether every game of the date that is neither void nor waived is complete"),
  first_complete_at TIMESTAMP OPTIONS(description="When the date was first complete; stays when it no longer is"),
  updated_at TIMESTAMP NOT NULL OPTIONS(description="When this row last changed"),
  PRIMARY KEY (game_date) NOT ENFORCED
)
PARTITION BY game_date
OPTIONS(
  description="How far each date is: a row per date, for whoever starts work on published rows. Derived from the records; nothing is decided by it."
);
