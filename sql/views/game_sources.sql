-- One row per final game: which source serves its team rows and its player rows, and why it waits if one cannot.
-- Sources are chosen per game, best first; a game is ready when both are there.
WITH team_box AS (
  SELECT
    game_id,
    COUNT(*) AS teams,
    COUNTIF(is_valid) AS valid_teams,
    COUNTIF(is_home) AS home_teams,
    LOGICAL_OR(has_impossible_count) AS has_impossible_count
  FROM team_boxscores
  GROUP BY game_id
),
-- A team that two games of a date claim is a side of one of them only.
sides AS (
  SELECT game_id, COUNT(*) AS sides
  FROM team_games
  GROUP BY game_id
),
rebuilt AS (
  SELECT game_id, COUNTIF(is_complete) AS complete_teams
  FROM gamebook_team_totals
  GROUP BY game_id
),
-- No team plays with fewer than five: a side of fewer is a fragment. Five or more without a point are placeholders.
player_sides AS (
  SELECT
    game_id, source, team_abbr,
    COUNTIF(entered) AS players,
    COUNTIF(entered) >= 5 AS is_whole,
    COUNTIF(entered) >= 5 AND COALESCE(SUM(IF(entered, points, NULL)), 0) = 0 AS is_placeholder
  FROM game_players
  GROUP BY game_id, source, team_abbr
),
players AS (
  SELECT
    game_id,
    source,
    COUNTIF(team_abbr IS NOT NULL AND players > 0) AS teams,
    COUNTIF(team_abbr IS NOT NULL AND is_whole AND NOT is_placeholder) AS whole_teams,
    LOGICAL_OR(is_placeholder) AS has_placeholders
  FROM player_sides
  GROUP BY game_id, source
),
without_team AS (
  SELECT game_id, source, STRING_AGG(name, ', ' ORDER BY name) AS left_out
  FROM (
    SELECT game_id, source, COALESCE(player_full_name, player_lookup, 'somebody without a name') AS name
    FROM game_players
    WHERE team_abbr IS NULL
  ) AS named
  GROUP BY game_id, source
),
chosen AS (
  SELECT
    game.game_date,
    game.game_id,
    CASE
      WHEN team_box.valid_teams = 2 AND team_box.home_teams = 1 THEN 'nbac_team_boxscore'
      WHEN rebuilt.complete_teams = 2 THEN 'nbac_gamebook_player_stats'
    END AS team_source,
    CASE
      WHEN gamebook.whole_teams = 2 THEN 'nbac_gamebook_player_stats'
      WHEN evening.whole_teams = 2 THEN 'nbac_player_boxscores'
      WHEN gamebook.teams = 2 AND NOT gamebook.has_placeholders THEN 'nbac_gamebook_player_stats'
      WHEN evening.teams = 2 AND NOT evening.has_placeholders THEN 'nbac_player_boxscores'
    END AS player_source,
    COALESCE(game.away_score > 0 AND game.home_score > 0, FALSE) AS has_final_score,
    game.is_misdated,
    COALESCE(sides.sides, 0) AS sides,
    team_box.teams,
    team_box.home_teams,
    team_box.has_impossible_count,
    gamebook.teams AS gamebook_teams,
    evening.teams AS evening_teams
  FROM scheduled_games AS game
  LEFT JOIN sides ON sides.game_id = game.game_id
  LEFT JOIN team_box ON team_box.game_id = game.game_id
  LEFT JOIN rebuilt ON rebuilt.game_id = game.game_id
  LEFT JOIN players AS gamebook
    ON gamebook.game_id = game.game_id AND gamebook.source = 'nbac_gamebook_player_stats'
  LEFT JOIN players AS evening
    ON evening.game_id = game.game_id AND evening.source = 'nbac_player_boxscores'
  WHERE game.schedule_state = 'final'
)
SELECT
  chosen.game_date,
  chosen.game_id,
  chosen.team_source,
  chosen.player_source,
  without_team.left_out,
  CASE
    WHEN is_misdated THEN 'tip_off_on_another_date'
    WHEN sides < 2 THEN 'team_in_two_games'
    WHEN NOT has_final_score THEN 'no_final_score'
    WHEN team_source IS NULL AND teams IS NULL THEN 'no_team_boxscore'
    WHEN team_source IS NULL AND teams = 1 THEN 'one_sided_team_boxscore'
    WHEN team_source IS NULL AND has_impossible_count THEN 'unreadable_team_boxscore'
    WHEN team_source IS NULL AND home_teams <> 1 THEN 'conflicting_home_flags'
    WHEN team_source IS NULL THEN 'placeholder_team_boxscore'
    WHEN player_source IS NULL AND gamebook_teams IS NULL AND evening_teams IS NULL THEN 'no_player_rows'
    WHEN player_source IS NULL AND gamebook_teams IS NULL AND evening_teams < 2 THEN 'one_sided_player_boxscore'
    WHEN player_source IS NULL AND gamebook_teams IS NULL THEN 'placeholder_player_boxscore'
    WHEN player_source IS NULL AND gamebook_teams = 0 THEN 'roster_only_gamebook'
    WHEN player_source IS NULL AND gamebook_teams = 1 THEN 'one_sided_gamebook'
    WHEN player_source IS NULL THEN 'placeholder_gamebook'
  END AS waiting_reason
FROM chosen
LEFT JOIN without_team
  ON without_team.game_id = chosen.game_id AND without_team.source = chosen.player_source
