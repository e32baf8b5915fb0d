CREATE TABLE IF NOT EXISTS nba_phase3.game_readiness (
  game_date DATE NOT NULL OPTIONS(description="Eastern calendar date"),
  game_id STRING NOT NULL OPTIONS(description="YYYYMMDD_AWAY_HOME, from the schedule"),
  nba_game_id STRING OPTIONS(description="The league's ten digits; unique only with its date"),
  season_year INT64 OPTIONS(description="Starting year of the season"),
  away_team_abbr STRING NOT NULL OPTIONS(description="The visiting team"),
  home_team_abbr STRING NOT NULL OPTIONS(description="The home team"),
  state STRING NOT NULL OPTIONS(description="scheduled, live, waiting, ready, quarantined, published, waived or void"),
  reason STRING OPTIONS(description="Why the game is in this state, where that is not plain"),
  source_state STRING NOT NULL OPTIONS(
    description="What the raw rows alone say: scheduled, live, waiting, ready or void"
  ),
  team_source STRING OPTIONS(description="The raw table that serves the team rows"),
  player_source STRING OPTIONS(description="The raw table that serves the player rows"),
  left_out STRING OPTIONS(description="Players left out because their team cannot be told"),
  row_count INT64 OPTIONS(description="Rows of the game that readers see, all tables together"),
  publication_id STRING OPTIONS(description="The latest publication whose rows readers see"),
  run_id STRING OPTIONS(description="The run that last changed this row"),
  updated_at TIMESTAMP OPTIONS(description="When this row last changed"),
  PRIMARY KEY (game_date, game_id) NOT ENFORCED
)
PARTITION BY game_date
CLUSTER BY game_id
OPTIONS(description="Every scheduled game of a date: its state and the reason.");
