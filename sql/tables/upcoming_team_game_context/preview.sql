-- A row per game of the date for a person to look at: the two teams side by side, away / home, in order of tip-off.
SELECT
  away.game_date,
  away.game_id,
  FORMAT_DATETIME('%H:%M', DATETIME(away.tip_off, 'America/New_York')) AS tip_off_eastern,
  CONCAT(away.team_abbr, ' @ ', home.team_abbr) AS teams,
  CONCAT(
    COALESCE(CAST(away.team_days_rest AS STRING), 'first game'), ' / ',
    COALESCE(CAST(home.team_days_rest AS STRING), 'first game')
  ) AS days_of_rest,
  CONCAT(
    COALESCE(CAST(away.travel_miles AS STRING), 'unknown'), ' / ',
    COALESCE(CAST(home.travel_miles AS STRING), 'unknown')
  ) AS miles,
  CONCAT(
    CAST(away.wins_entering AS STRING), '-', CAST(away.losses_entering AS STRING), ' / ',
    CAST(home.wins_entering AS STRING), '-', CAST(home.losses_entering AS STRING)
  ) AS won_lost,
  CONCAT(
    COALESCE(CAST(away.offensive_rating_last_10 AS STRING), ''), ' / ',
    COALESCE(CAST(home.offensive_rating_last_10 AS STRING), '')
  ) AS offensive_rating_last_10,
  home.game_spread AS home_spread,
  home.game_total AS total,
  CONCAT(
    COALESCE(CAST(away.players_out_count AS STRING), 'no report'), ' / ',
    COALESCE(CAST(home.players_out_count AS STRING), 'no report')
  ) AS players_out,
  CONCAT(away.quality_tier, ' / ', home.quality_tier) AS quality,
  ROW_NUMBER() OVER (PARTITION BY away.game_date ORDER BY away.tip_off, away.game_id) AS place
FROM nba_analytics.upcoming_team_game_context AS away
INNER JOIN nba_analytics.upcoming_team_game_context AS home
  ON home.game_id = away.game_id AND home.game_date = away.game_date AND home.team_abbr = away.opponent_team_abbr
WHERE away.game_date BETWEEN @start_date AND @end_date
  AND home.game_date BETWEEN @start_date AND @end_date
  AND home.home_game AND NOT away.home_game
