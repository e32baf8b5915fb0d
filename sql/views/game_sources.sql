-- One row per final game: which source serves its team rows and which its player rows, and why it waits if one is
-- missing. Several sources describe every game, and the one that adds up wins (source_totals says which contradict
-- themselves):
--   team box score, gamebook and evening rows agree       the first two serve, gold
--   the gamebook against both, or against itself          evening rows serve the players, silver: gamebook_not_whole
--   the team box score against both, or against itself    rebuilt from the gamebook, silver: team_contradicted
--   players are only missing, and no better source        what is there serves, bronze: players_incomplete
--   two against each other and nothing decides            computed, held back by the rule does_not_add_up: dispute
-- Sources are chosen per game. A game is ready when it has both.
WITH team_box AS (
  SELECT
    box.game_id,
    COUNT(*) AS teams,
    COUNTIF(box.is_valid) AS valid_teams,
    COUNTIF(box.is_home) AS home_teams,
    MIN(CONCAT(box.impossible_statistic, ' of ', box.team_abbr)) AS impossible_statistic,
    LOGICAL_OR(box.is_home <> game.home_game) AS has_other_home
  FROM team_boxscores AS box
  INNER JOIN team_games AS game ON game.game_id = box.game_id AND game.team_abbr = box.team_abbr
  GROUP BY box.game_id
),
-- Where two games of a date claim one team, the team is a side of only one of them.
sides AS (
  SELECT game_id, COUNT(*) AS sides
  FROM team_games
  GROUP BY game_id
),
-- Per game and team, what the sources say against each other.
team_comparisons AS (
  SELECT
    game.game_id,
    game.team_abbr,
    contradiction(gamebook, team) AS gamebook_team,
    contradiction(evening, team) AS evening_team,
    contradiction(gamebook, evening) AS gamebook_evening,
    gamebook.row_fault AS gamebook_row_fault,
    evening.row_fault AS evening_row_fault,
    is_part_of(gamebook, team) AS gamebook_is_part,
    is_part_of(evening, team) AS evening_is_part,
    CONCAT(CAST(DIV(team.regulation_seconds - gamebook.seconds + 30, 60) AS STRING), ' minutes and ',
      CAST(team.points - gamebook.points AS STRING), ' points of ', game.team_abbr) AS gamebook_missing,
    CONCAT(CAST(DIV(team.regulation_seconds - evening.seconds + 30, 60) AS STRING), ' minutes and ',
      CAST(team.points - evening.points AS STRING), ' points of ', game.team_abbr) AS evening_missing,
    COALESCE(team.row_fault, team.minutes_fault) AS team_fault,
    team.score_fault AS team_score_fault,
    COALESCE(team.has_opponents_score, FALSE) AS has_opponents_score,
    COALESCE(gamebook.row_fault, gamebook.minutes_fault) AS gamebook_fault,
    gamebook.score_fault AS gamebook_score_fault,
    COALESCE(gamebook.has_final_score AND gamebook.fg_attempts > 0, FALSE) AS gamebook_has_final_score,
    COALESCE(team.is_sound, FALSE) AS team_is_sound,
    COALESCE(gamebook.is_sound, FALSE) AS gamebook_is_sound,
    COALESCE(evening.is_sound, FALSE) AS evening_is_sound,
    COALESCE(team.is_witness, FALSE) AS team_is_witness,
    COALESCE(gamebook.is_witness, FALSE) AS gamebook_is_witness,
    COALESCE(evening.is_witness, FALSE) AS evening_is_witness
  FROM team_games AS game
  LEFT JOIN source_totals AS team
    ON team.game_id = game.game_id AND team.team_abbr = game.team_abbr AND team.source = 'nbac_team_boxscore'
  LEFT JOIN source_totals AS gamebook
    ON gamebook.game_id = game.game_id AND gamebook.team_abbr = game.team_abbr
    AND gamebook.source = 'nbac_gamebook_player_stats'
  LEFT JOIN source_totals AS evening
    ON evening.game_id = game.game_id AND evening.team_abbr = game.team_abbr
    AND evening.source = 'nbac_player_boxscores'
  WHERE game.schedule_state = 'final'
),
witnesses AS (
  SELECT
    game_id,
    LOGICAL_AND(team_is_sound) AS team_is_sound,
    LOGICAL_AND(gamebook_is_sound) AS gamebook_is_sound,
    LOGICAL_AND(evening_is_sound) AS evening_is_sound,
    LOGICAL_AND(team_is_witness) AS team_is_witness,
    LOGICAL_AND(gamebook_is_witness) AS gamebook_is_witness,
    LOGICAL_AND(evening_is_witness) AS evening_is_witness,
    LOGICAL_AND(gamebook_is_witness AND gamebook_has_final_score) AS gamebook_can_rebuild,
    LOGICAL_AND(has_opponents_score) AS has_scores_exchanged,
    MIN(CONCAT(team_abbr, ' ', gamebook_team, ' (gamebook against team box score)')) AS gamebook_team,
    MIN(CONCAT(team_abbr, ' ', evening_team, ' (evening rows against team box score)')) AS evening_team,
    MIN(CONCAT(team_abbr, ' ', gamebook_evening, ' (gamebook against evening rows)')) AS gamebook_evening,
    MIN(team_fault) AS team_fault,
    MIN(team_score_fault) AS team_score_fault,
    MIN(gamebook_fault) AS gamebook_fault,
    MIN(gamebook_score_fault) AS gamebook_score_fault,
    LOGICAL_AND(
      COALESCE(gamebook_row_fault IS NULL AND (gamebook_team IS NULL OR gamebook_is_part), FALSE)
    ) AS gamebook_is_part,
    LOGICAL_AND(
      COALESCE(evening_row_fault IS NULL AND (evening_team IS NULL OR evening_is_part), FALSE)
    ) AS evening_is_part,
    STRING_AGG(IF(gamebook_team IS NULL, NULL, gamebook_missing), ', ' ORDER BY team_abbr) AS gamebook_missing,
    STRING_AGG(IF(evening_team IS NULL, NULL, evening_missing), ', ' ORDER BY team_abbr) AS evening_missing
  FROM team_comparisons
  GROUP BY game_id
),
-- A side that is not whole is a fragment. A whole side without a point is made of placeholders.
player_sides AS (
  SELECT
    game_id, source, team_abbr,
    COUNTIF(entered) AS players,
    is_whole_side(COUNTIF(entered)) AS is_whole,
    is_whole_side(COUNTIF(entered)) AND COALESCE(SUM(IF(entered, points, NULL)), 0) = 0 AS is_placeholder,
    LOGICAL_OR(has_figures AND NOT entered) AS has_figures_unplayed,
    LOGICAL_OR(names_other_home) AS has_other_home
  FROM game_players
  GROUP BY game_id, source, team_abbr
),
source_sides AS (
  SELECT
    game_id,
    source,
    COUNTIF(team_abbr IS NOT NULL AND players > 0) AS teams,
    COUNTIF(team_abbr IS NOT NULL AND is_whole AND NOT is_placeholder) AS whole_teams,
    LOGICAL_OR(is_placeholder) AS has_placeholders,
    LOGICAL_OR(has_figures_unplayed) AS has_figures_unplayed,
    LOGICAL_OR(has_other_home) AS has_other_home
  FROM player_sides
  GROUP BY game_id, source
),
players_left_out AS (
  SELECT game_id, source, STRING_AGG(name, ', ' ORDER BY name) AS left_out
  FROM (
    SELECT game_id, source, COALESCE(player_full_name, player_lookup, 'somebody without a name') AS name
    FROM game_players
    WHERE team_abbr IS NULL
  ) AS players_without_team
  GROUP BY game_id, source
),
game_facts AS (
  SELECT
    game.game_date,
    game.game_id,
    COALESCE(game.away_score > 0 AND game.home_score > 0, FALSE) AS has_final_score,
    game.is_misdated,
    COALESCE(sides.sides, 0) AS sides,
    team_box.teams,
    team_box.home_teams,
    team_box.impossible_statistic,
    COALESCE(team_box.valid_teams = 2, FALSE) AS has_valid_rows,
    COALESCE(team_box.valid_teams = 2 AND team_box.home_teams = 1, FALSE) AS has_team_rows,
    gamebook.teams AS gamebook_teams,
    evening.teams AS evening_teams,
    COALESCE(gamebook.whole_teams = 2, FALSE) AS has_gamebook,
    COALESCE(evening.whole_teams = 2, FALSE) AS has_evening,
    COALESCE(gamebook.teams = 2 AND NOT gamebook.has_placeholders, FALSE) AS has_gamebook_fragment,
    COALESCE(evening.teams = 2 AND NOT evening.has_placeholders, FALSE) AS has_evening_fragment,
    CASE
      WHEN team_box.has_other_home THEN 'nbac_team_boxscore'
      WHEN gamebook.has_other_home THEN 'nbac_gamebook_player_stats'
      WHEN evening.has_other_home THEN 'nbac_player_boxscores'
    END AS other_home_source,
    game.home_team_abbr,
    game.away_team_abbr,
    witnesses.* EXCEPT (game_id, gamebook_is_part),
    -- A player with figures and without minutes is not missing: that row contradicts itself.
    witnesses.gamebook_is_part AND NOT COALESCE(gamebook.has_figures_unplayed, FALSE) AS gamebook_is_part,
    witnesses.gamebook_is_witness AND witnesses.evening_is_witness AND witnesses.gamebook_evening IS NULL
      AND witnesses.gamebook_team IS NOT NULL AND witnesses.evening_team IS NOT NULL AS both_contradict_team,
    COALESCE(
      (witnesses.gamebook_is_witness AND witnesses.gamebook_team IS NOT NULL)
        OR (witnesses.evening_is_witness AND witnesses.evening_team IS NOT NULL),
      FALSE
    ) AS schedule_is_borne_out
  FROM scheduled_games AS game
  LEFT JOIN sides ON sides.game_id = game.game_id
  LEFT JOIN team_box ON team_box.game_id = game.game_id
  LEFT JOIN witnesses ON witnesses.game_id = game.game_id
  LEFT JOIN source_sides AS gamebook
    ON gamebook.game_id = game.game_id AND gamebook.source = 'nbac_gamebook_player_stats'
  LEFT JOIN source_sides AS evening
    ON evening.game_id = game.game_id AND evening.source = 'nbac_player_boxscores'
  WHERE game.schedule_state = 'final'
),
games_with_team_source AS (
  SELECT
    *,
    CASE
      WHEN has_team_rows AND team_is_witness AND NOT both_contradict_team THEN 'nbac_team_boxscore'
      WHEN gamebook_can_rebuild THEN 'nbac_gamebook_player_stats'
      -- Computed so that the audit holds the game back: nothing decides between these rows and the schedule or the
      -- players.
      WHEN has_team_rows AND team_is_witness THEN 'nbac_team_boxscore'
      WHEN has_team_rows AND team_is_sound AND gamebook_is_sound AND gamebook_team IS NULL THEN 'nbac_team_boxscore'
      WHEN has_team_rows AND team_is_sound AND has_scores_exchanged AND NOT schedule_is_borne_out
        THEN 'nbac_team_boxscore'
    END AS team_source
  FROM game_facts
),
games_with_sources AS (
  SELECT
    *,
    CASE
      WHEN gamebook_is_sound AND (gamebook_team IS NULL OR team_source = 'nbac_gamebook_player_stats')
        THEN 'nbac_gamebook_player_stats'
      WHEN evening_is_sound AND IF(team_source = 'nbac_gamebook_player_stats', gamebook_evening, evening_team) IS NULL
        THEN 'nbac_player_boxscores'
      WHEN team_source = 'nbac_team_boxscore' AND has_gamebook_fragment AND gamebook_is_part
        THEN 'nbac_gamebook_player_stats'
      WHEN team_source = 'nbac_team_boxscore' AND has_evening_fragment AND evening_is_part THEN 'nbac_player_boxscores'
      WHEN has_gamebook THEN 'nbac_gamebook_player_stats'
      WHEN has_evening THEN 'nbac_player_boxscores'
      WHEN has_gamebook_fragment THEN 'nbac_gamebook_player_stats'
      WHEN has_evening_fragment THEN 'nbac_player_boxscores'
    END AS player_source
  FROM games_with_team_source
)
SELECT
  chosen.game_date,
  chosen.game_id,
  chosen.team_source,
  chosen.player_source,
  players_left_out.left_out,
  CASE
    WHEN is_misdated THEN 'tip_off_on_another_date'
    WHEN sides < 2 THEN 'team_in_two_games'
    WHEN NOT has_final_score THEN 'no_final_score'
    WHEN team_source IS NULL AND teams IS NULL THEN 'no_team_boxscore'
    WHEN team_source IS NULL AND teams = 1 THEN 'one_sided_team_boxscore'
    WHEN team_source IS NULL AND impossible_statistic IS NOT NULL
      THEN CONCAT('unreadable_team_boxscore (', impossible_statistic, ')')
    WHEN team_source IS NULL AND home_teams <> 1 THEN 'conflicting_home_flags'
    WHEN team_source IS NULL AND has_valid_rows
      THEN CONCAT('team_boxscore_contradicted (', COALESCE(team_fault, team_score_fault), ')')
    WHEN team_source IS NULL THEN 'placeholder_team_boxscore'
    WHEN player_source IS NULL AND gamebook_teams IS NULL AND evening_teams IS NULL THEN 'no_player_rows'
    WHEN player_source IS NULL AND gamebook_teams IS NULL AND evening_teams < 2 THEN 'one_sided_player_boxscore'
    WHEN player_source IS NULL AND gamebook_teams IS NULL THEN 'placeholder_player_boxscore'
    WHEN player_source IS NULL AND gamebook_teams = 0 THEN 'roster_only_gamebook'
    WHEN player_source IS NULL AND gamebook_teams = 1 THEN 'one_sided_gamebook'
    WHEN player_source IS NULL THEN 'placeholder_gamebook'
  END AS waiting_reason,
  -- Why the team box score, though it is there, is not believed.
  CASE
    WHEN team_source = 'nbac_gamebook_player_stats' AND has_team_rows
      THEN COALESCE(team_fault, team_score_fault, gamebook_team)
    WHEN team_source = 'nbac_gamebook_player_stats' THEN impossible_statistic
  END AS team_contradicted,
  -- What another source says against the team rows, where nothing decides between them.
  CASE
    WHEN team_source = 'nbac_team_boxscore' AND team_score_fault IS NOT NULL THEN team_score_fault
    WHEN team_source = 'nbac_team_boxscore' AND NOT (
        (gamebook_is_witness AND gamebook_team IS NULL) OR (evening_is_witness AND evening_team IS NULL)
      ) THEN COALESCE(IF(gamebook_is_witness, gamebook_team, NULL), IF(evening_is_witness, evening_team, NULL))
    WHEN team_source = 'nbac_gamebook_player_stats' AND evening_is_witness THEN gamebook_evening
  END AS dispute,
  -- Why the gamebook, though it is there, does not serve the players.
  CASE
    WHEN player_source = 'nbac_player_boxscores' AND has_gamebook
      THEN COALESCE(gamebook_fault, gamebook_team, gamebook_evening)
  END AS gamebook_not_whole,
  CASE
    WHEN team_source <> 'nbac_team_boxscore' THEN NULL
    WHEN player_source = 'nbac_gamebook_player_stats' AND gamebook_is_part THEN gamebook_missing
    WHEN player_source = 'nbac_player_boxscores' AND evening_is_part THEN evening_missing
  END AS players_incomplete,
  CASE
    WHEN other_home_source IS NOT NULL
      THEN CONCAT(home_team_abbr, ' in the schedule, ', away_team_abbr, ' in ', other_home_source)
  END AS home_flag_differs
FROM games_with_sources AS chosen
LEFT JOIN players_left_out
  ON players_left_out.game_id = chosen.game_id AND players_left_out.source = chosen.player_source
