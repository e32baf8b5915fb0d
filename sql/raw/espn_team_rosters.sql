CREATE TABLE IF NOT EXISTS nba_raw.espn_team_rosters (
  roster_date DATE NOT NULL,
  team_abbr STRING,
  player_lookup STRING,
  player_full_name STRING,
  birth_date DATE,
  processed_at TIMESTAMP
)
PARTITION BY roster_date
OPTIONS(description="Team rosters, one per team and date; often without any rows.", require_partition_filter=TRUE);
