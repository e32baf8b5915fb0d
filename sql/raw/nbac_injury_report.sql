CREATE TABLE IF NOT EXISTS nba_raw.nbac_injury_report (
  report_date DATE NOT NULL,
  report_hour INT64 OPTIONS(description="Eastern; a report of 19:45 has 19"),
  game_date DATE,
  team STRING OPTIONS(description="UNKNOWN where the report's text does not say"),
  player_lookup STRING OPTIONS(description="damaged: letters are cut out of some names, accents are left in others"),
  injury_status STRING OPTIONS(description="out, doubtful, questionable, probable, available"),
  reason STRING,
  reason_category STRING,
  confidence_score FLOAT64,
  player_name_original STRING OPTIONS(description="Last, First"),
  player_full_name STRING,
  game_id STRING,
  matchup STRING OPTIONS(description="the two codes, away first"),
  processed_at TIMESTAMP
)
PARTITION BY report_date
OPTIONS(description="Injury reports: several a day, a row per player and game in each.", require_partition_filter=TRUE);
