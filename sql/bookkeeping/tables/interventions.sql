CREATE TABLE IF NOT EXISTS nba_phase3.interventions (
  intervention_id STRING NOT NULL OPTIONS(description="Unique id"),
  kind STRING NOT NULL OPTIONS(
    description="waiver: the game will never come; hold: the table keeps the rows it was rolled back to"
  ),
  table_name STRING NOT NULL OPTIONS(description="The table held; * for a waiver"),
  game_date DATE NOT NULL OPTIONS(description="The game's date"),
  game_id STRING NOT NULL OPTIONS(description="The game"),
  is_active BOOL NOT NULL OPTIONS(description="False where this row takes an earlier one back"),
  reason STRING NOT NULL OPTIONS(description="Why, in a person's words"),
  run_id STRING OPTIONS(description="The run or command that wrote it"),
  made_at TIMESTAMP NOT NULL OPTIONS(description="When"),
  PRIMARY KEY (intervention_id) NOT ENFORCED
)
PARTITION BY game_date
CLUSTER BY game_id
OPTIONS(
  description="What people, or the age limit, have decided about games. Append-only; the latest row per kind, table and game holds."
);
