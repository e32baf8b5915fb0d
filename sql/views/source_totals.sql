-- What each source says of each side of a game, and whether it can be a witness. One row per game, team and source: the
-- team box score as it is, the official gamebook and the same-evening rows as the sums of the players who entered.
-- A source is sound if it does not contradict itself on either side (row_fault, minutes_fault) and has a whole side of
-- players on both. It is a witness if the schedule's final score does not contradict it either.
WITH lines AS (
  SELECT
    'nbac_team_boxscore' AS source, game_date, game_id, team_abbr, team_abbr AS subject,
    CAST(NULL AS STRING) AS minutes, team_seconds AS seconds, fg_makes, fg_attempts, three_pt_makes, three_pt_attempts,
    ft_makes, ft_attempts, offensive_rebounds, defensive_rebounds, rebounds, assists, steals, blocks, turnovers,
    personal_fouls, points, impossible_statistic, has_contradictory_rows, FALSE AS is_on_both_sides
  FROM team_boxscores
  WHERE is_valid
  UNION ALL
  SELECT
    source, game_date, game_id, team_abbr, COALESCE(player_full_name, player_lookup, 'somebody without a name'),
    minutes, played_seconds, fg_makes, fg_attempts, three_pt_makes, three_pt_attempts,
    ft_makes, ft_attempts, offensive_rebounds, defensive_rebounds, rebounds, assists, steals, blocks, turnovers,
    personal_fouls, points, impossible_statistic, has_contradictory_rows, is_on_both_sides
  FROM game_players
  WHERE entered AND team_abbr IS NOT NULL
),
judged_lines AS (
  SELECT
    *,
    CASE
      WHEN is_on_both_sides THEN CONCAT(subject, ' under both teams')
      -- A team's possessions are computed from them.
      WHEN source = 'nbac_team_boxscore' AND offensive_rebounds IS NULL
        THEN CONCAT('no offensive rebounds of ', subject)
      ELSE CONCAT(line_fault(lines), ' of ', subject)
    END AS fault
  FROM lines
),
totals AS (
  SELECT
    source, game_date, game_id, team_abbr,
    COUNT(*) AS players,
    SUM(seconds) AS seconds,
    regulation_seconds(overtime_periods(SUM(seconds))) AS regulation_seconds,
    SUM(fg_makes) AS fg_makes,
    SUM(fg_attempts) AS fg_attempts,
    SUM(three_pt_makes) AS three_pt_makes,
    SUM(three_pt_attempts) AS three_pt_attempts,
    SUM(ft_makes) AS ft_makes,
    SUM(ft_attempts) AS ft_attempts,
    SUM(offensive_rebounds) AS offensive_rebounds,
    SUM(defensive_rebounds) AS defensive_rebounds,
    SUM(rebounds) AS rebounds,
    SUM(assists) AS assists,
    SUM(steals) AS steals,
    SUM(blocks) AS blocks,
    SUM(turnovers) AS turnovers,
    SUM(personal_fouls) AS personal_fouls,
    SUM(points) AS points,
    MAX(seconds) AS longest_seconds,
    SUBSTR(MAX(CONCAT(LPAD(CAST(seconds AS STRING), 5, '0'), ' ', subject)), 7) AS longest_player,
    MIN(fault) AS row_fault
  FROM judged_lines
  GROUP BY source, game_date, game_id, team_abbr
),
totals_with_faults AS (
  SELECT
    totals.* EXCEPT (longest_seconds, longest_player),
    CASE
      WHEN ABS(totals.seconds - totals.regulation_seconds) > 60 * @minutes_tolerance
        THEN CONCAT(CAST(DIV(totals.seconds + 30, 60) AS STRING), ' of ',
          CAST(DIV(totals.regulation_seconds, 60) AS STRING), ' minutes of ', totals.team_abbr)
      WHEN totals.source = 'nbac_team_boxscore' AND MIN(totals.regulation_seconds) OVER (
          PARTITION BY totals.source, totals.game_id
        ) <> MAX(totals.regulation_seconds) OVER (PARTITION BY totals.source, totals.game_id)
        THEN CONCAT(CAST(DIV(totals.regulation_seconds, 60) AS STRING), ' minutes of ', totals.team_abbr,
          ', not as many of its opponent')
      -- Nobody plays longer than the game lasted by the longest word of any source, but for a minute of rounding.
      WHEN totals.source <> 'nbac_team_boxscore'
        AND 5 * totals.longest_seconds > MAX(totals.regulation_seconds) OVER (PARTITION BY totals.game_id) + 300
        THEN CONCAT(CAST(DIV(totals.longest_seconds + 30, 60) AS STRING), ' minutes of ', totals.longest_player,
          ' in a game of ', CAST(DIV(MAX(totals.regulation_seconds) OVER (PARTITION BY totals.game_id), 300) AS STRING))
    END AS minutes_fault,
    -- The team box score must have the schedule's final score exactly. Players may differ: a scorer's correction of one
    -- may be on its way.
    IF(
      ABS(totals.points - game.final_score) > IF(totals.source = 'nbac_team_boxscore', 0, @points_tolerance),
      CONCAT('points ', CAST(totals.points AS STRING), ' of ', totals.team_abbr, ', the schedule says ',
        CAST(game.final_score AS STRING)),
      NULL
    ) AS score_fault,
    totals.points = game.final_score AS has_final_score,
    totals.points = game.opponent_final_score AND totals.points <> game.final_score AS has_opponents_score
  FROM totals
  INNER JOIN team_games AS game
    ON game.game_id = totals.game_id AND game.team_abbr = totals.team_abbr
),
judged_totals AS (
  SELECT
    *,
    COUNT(*) OVER (PARTITION BY source, game_id) = 2
      AND COUNTIF(
        row_fault IS NOT NULL OR minutes_fault IS NOT NULL
          OR (source <> 'nbac_team_boxscore' AND NOT is_whole_side(players))
      ) OVER (PARTITION BY source, game_id) = 0 AS is_sound,
    COUNTIF(score_fault IS NOT NULL) OVER (PARTITION BY source, game_id) = 0 AS has_no_score_fault
  FROM totals_with_faults
)
SELECT * EXCEPT (has_no_score_fault), is_sound AND has_no_score_fault AS is_witness
FROM judged_totals
