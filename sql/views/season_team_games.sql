-- Two rows per game of the season that is on: who plays whom, where, and the schedule's final score.
-- (game_date, team_abbr) is the key by which every other source finds its game; raw game ids are never trusted.
WITH sides AS (
  SELECT
    game_date, game_id, nba_game_id, season_year, season_phase, tip_off, schedule_state,
    home_team_abbr AS team_abbr, away_team_abbr AS opponent_team_abbr, TRUE AS home_game,
    home_score AS final_score, away_score AS opponent_final_score
  FROM season_games
  WHERE schedule_state <> 'void'
  UNION ALL
  SELECT
    game_date, game_id, nba_game_id, season_year, season_phase, tip_off, schedule_state,
    away_team_abbr, home_team_abbr, FALSE,
    away_score, home_score
  FROM season_games
  WHERE schedule_state <> 'void'
)
SELECT *
FROM sides
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY game_date, team_abbr
  ORDER BY schedule_state = 'final' DESC, schedule_state = 'live' DESC, game_id
) = 1
