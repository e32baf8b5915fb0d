-- The player of @day with the highest usage rate in five minutes or more; of equals the first by key.
SELECT player_full_name, player_lookup, team_abbr, usage_rate, minutes_played
FROM nba_analytics.player_game_summary
WHERE game_date = @day AND usage_rate_in_five_minutes(usage_rate, minutes_played) IS NOT NULL
QUALIFY ROW_NUMBER() OVER (
  ORDER BY usage_rate_in_five_minutes(usage_rate, minutes_played) DESC, player_lookup
) = 1
