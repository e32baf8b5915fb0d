-- Rest, density, form, runs, injuries and completeness say one thing: no rest below none, a back-to-back exactly a day
-- after, no more games in a week than in two, one streak and one run at most, every game that is used won or lost, no
-- more starters out than players.
WITH problems AS (
  SELECT
    game_date, game_id, team_abbr,
    CASE
      WHEN days_since_last_game < 1 OR team_days_rest <> days_since_last_game - 1
        THEN CONCAT(CAST(team_days_rest AS STRING), ' days of rest')
      WHEN is_back_to_back <> COALESCE(days_since_last_game = 1, FALSE) THEN 'back-to-back against its days of rest'
      WHEN team_back_to_back <> is_back_to_back THEN 'team_back_to_back is not is_back_to_back'
      WHEN games_in_last_7_days > games_in_last_14_days THEN 'more games in 7 days than in 14'
      WHEN team_win_streak_entering > 0 AND team_loss_streak_entering > 0 THEN 'a streak of wins and one of losses'
      WHEN team_win_streak_entering > wins_entering OR team_loss_streak_entering > losses_entering
        THEN 'a streak longer than its wins or losses'
      WHEN wins_last_10 > wins_entering THEN 'more wins in the last ten games than in all'
      WHEN LEAST(consecutive_road_games, consecutive_home_games) <> 0
        OR GREATEST(consecutive_road_games, consecutive_home_games) NOT BETWEEN 1 AND game_number_in_season
        THEN 'its runs at home and away are not one that ends with this game'
      WHEN miles_traveled_last_14_days < travel_miles THEN 'more miles to this game than in 14 days'
      WHEN starters_out_count > players_out_count THEN 'more starters out than players'
      WHEN wins_entering + losses_entering < actual_games_count THEN 'fewer games won and lost than are there'
      WHEN actual_games_count + missing_games_count <> expected_games_count THEN 'games there and missing are not all'
    END AS problem
  FROM audited
)
SELECT
  game_date, game_id, 'ERROR' AS severity, team_abbr AS subject, problem, CAST(NULL AS FLOAT64) AS value
FROM problems
WHERE problem IS NOT NULL
