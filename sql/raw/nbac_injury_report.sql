CREATE TABLE IF NOT EXISTS nba_raw.nbac_injury_report (
  report_date DATE NOT NULL,
  report_hour INT64,
  game_date DATE,
  team STRING,
  player_lookup STRING,
  injury_status STRING OPTIONS(description="out, doubtful, questionable, probable, available"),
  reason STRING,
  reason_category STRING,
  confidence_score FLOAT64
)
PARTITION BY report_date
OPTIONS(description="Injury reports.", require_partition_filter=TRUE);
