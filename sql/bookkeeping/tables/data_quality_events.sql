CREATE TABLE IF NOT EXISTS nba_phase3.data_quality_events (
  event_id STRING NOT NULL OPTIONS(description="Unique id"),
  event_timestamp TIMESTAMP NOT NULL OPTIONS(description="When it was noticed"),
  event_type STRING NOT NULL OPTIONS(description="What happened, e.g. game_quarantined"),
  table_name STRING OPTIONS(description="The table concerned"),
  game_date DATE OPTIONS(description="The game's date"),
  game_id STRING OPTIONS(description="The game concerned"),
  metric_name STRING OPTIONS(description="The check whose figure this is"),
  metric_value FLOAT64 OPTIONS(description="Its value"),
  threshold FLOAT64 OPTIONS(description="The threshold that the check shows beside its figures, e.g. games_complete_hours; NULL where it shows none"),
  severity STRING NOT NULL OPTIONS(description="INFO, WARNING or CRITICAL"),
  description STRING NOT NULL OPTIONS(description="One sentence for a person"),
  details STRING OPTIONS(description="JSON: sample rows and figures"),
  run_id STRING OPTIONS(description="The run that noticed"),
  PRIMARY KEY (event_id) NOT ENFORCED
)
PARTITION BY game_date
CLUSTER BY event_type, game_id
OPTIONS(description="One row per change of state worth knowing. Append-only.");
