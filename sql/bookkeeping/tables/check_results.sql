CREATE TABLE IF NOT EXISTS nba_phase3.check_results (
  table_name STRING NOT NULL OPTIONS(description="The published table"),
  check_name STRING NOT NULL OPTIONS(description="The check"),
  game_date DATE NOT NULL OPTIONS(description="The date that was looked at"),
  metric STRING NOT NULL OPTIONS(description="What was measured, e.g. max_usage_rate"),
  value FLOAT64 OPTIONS(description="The figure; NULL where there is none, as of a date whose rows are gone"),
  threshold FLOAT64 OPTIONS(description="What the check holds it against; NULL where nothing is"),
  passed BOOL NOT NULL OPTIONS(description="Whether the check passed"),
  severity STRING NOT NULL OPTIONS(description="ERROR or WARN: of the worst finding, or what a failure would be"),
  run_id STRING OPTIONS(description="The run that measured"),
  recorded_at TIMESTAMP NOT NULL OPTIONS(description="When it was first measured so"),
  PRIMARY KEY (table_name, check_name, game_date, metric, recorded_at) NOT ENFORCED
)
PARTITION BY game_date
CLUSTER BY table_name, check_name, metric
OPTIONS(
  description="What every check measured, passed or failed: a row per metric of a date, and another when it changes. Append-only; the latest row holds."
);
