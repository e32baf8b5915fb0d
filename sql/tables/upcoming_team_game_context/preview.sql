-- A few rows per date for a person to look at: the teams in best form.
SELECT
  game_date, game_id, team_abbr, team_days_rest, travel_miles, wins_entering, losses_entering,
  offensive_rating_last_10, defensive_rating_last_10, game_spread, game_total, players_out_count,
  missing_games_count, is_hindsight,
  ROW_NUMBER() OVER (PARTITION BY game_date ORDER BY offensive_rating_last_10 DESC, team_abbr) AS place
FROM nba_analytics.upcoming_team_game_context
WHERE game_date BETWEEN @start_date AND @end_date
QUALIFY place <= 6
