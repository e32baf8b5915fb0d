CREATE TABLE IF NOT EXISTS nba_raw.odds_api_game_lines (
  snapshot_timestamp TIMESTAMP NOT NULL,
  game_id STRING NOT NULL OPTIONS(description="the odds provider's event id"),
  commence_time TIMESTAMP NOT NULL,
  game_date DATE NOT NULL,
  home_team STRING NOT NULL,
  away_team STRING NOT NULL,
  home_team_abbr STRING,
  away_team_abbr STRING,
  bookmaker_key STRING NOT NULL,
  bookmaker_last_update TIMESTAMP,
  market_key STRING NOT NULL OPTIONS(description="spreads or totals"),
  outcome_name STRING NOT NULL OPTIONS(description="a team's name, Over or Under"),
  outcome_price FLOAT64,
  outcome_point FLOAT64,
  processed_at TIMESTAMP
)
PARTITION BY game_date
OPTIONS(description="Spreads and totals: a spread has two rows per book.", require_partition_filter=TRUE);
