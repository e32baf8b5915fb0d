CREATE TABLE IF NOT EXISTS nba_raw.bigdataball_play_by_play (
  game_date DATE NOT NULL,
  game_id STRING,
  event_type STRING OPTIONS(description="shot, free throw"),
  event_subtype STRING,
  shot_distance FLOAT64,
  shot_made BOOL,
  player_1_lookup STRING OPTIONS(description="may carry a leading numeric id"),
  player_2_lookup STRING,
  player_2_role STRING OPTIONS(description="assist, block")
)
PARTITION BY game_date
OPTIONS(
  description="Play-by-play: optional, next morning, missing for weeks at a time.",
  require_partition_filter=TRUE
);
