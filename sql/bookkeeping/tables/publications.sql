CREATE TABLE IF NOT EXISTS nba_phase3.publications (
  publication_id STRING NOT NULL OPTIONS(description="One publication of one table, of any number of games"),
  table_name STRING NOT NULL OPTIONS(description="The published table"),
  game_date DATE NOT NULL OPTIONS(description="The game's date"),
  game_id STRING NOT NULL OPTIONS(description="The game decided upon"),
  outcome STRING NOT NULL OPTIONS(description="published, unchanged, kept, quarantined, withdrawn, check_failed or rolled_back"),
  reason STRING OPTIONS(description="Why, where it is not plain: a sentence for people, by which nothing is decided"),
  blocked_by STRING OPTIONS(description="JSON object: each rule that keeps the newest rows from readers, and its worst finding; NULL where nothing does"),
  published_rows_failing STRING OPTIONS(description="JSON object: what is wrong with the rows that readers see, by check or drift; NULL where nothing is"),
  row_count INT64 NOT NULL OPTIONS(description="Rows of the game that readers see after this decision"),
  content_hash STRING OPTIONS(description="Hash of those rows; NULL where there are none"),
  quality_tier STRING OPTIONS(description="The tier of those rows"),
  visible_publication_id STRING OPTIONS(description="The publication that wrote those rows"),
  rows_staged INT64 OPTIONS(description="Rows computed and audited"),
  rows_added INT64 OPTIONS(description="Keys that were not there before"),
  rows_changed INT64 OPTIONS(description="Keys whose content changed"),
  rows_removed INT64 OPTIONS(description="Keys that vanished"),
  inputs_hash STRING OPTIONS(description="Hash of everything the rows were computed from"),
  inputs_version STRING OPTIONS(description="Hash of the SQL by which inputs_hash was made; hashes of other versions cannot be compared"),
  is_hindsight BOOL OPTIONS(description="Whether the rows of a pre-game table were made after tip-off; NULL for other tables"),
  findings STRING OPTIONS(description="JSON: what the audit found, with samples"),
  code_version STRING OPTIONS(description="Hash of the SQL that computed and audited the rows"),
  software_version STRING OPTIONS(description="The project's version and commit that wrote this row, e.g. 0.1.0+fb2cbd4a91c2; NULL in rows of before it was recorded"),
  run_id STRING OPTIONS(description="The run that decided"),
  started_at TIMESTAMP NOT NULL OPTIONS(description="When the publication began"),
  finished_at TIMESTAMP NOT NULL OPTIONS(description="When the decision was recorded"),
  PRIMARY KEY (table_name, game_id, publication_id) NOT ENFORCED
)
PARTITION BY game_date
CLUSTER BY table_name, game_id
OPTIONS(
  description="Every decision about a game of a table. The latest one per table and game says what readers see and why."
);
