-- Where a player's zones are complete, they are there, and add up to his box score; elsewhere they are NULL. His blocks
-- by zone add up as well. The zones of a team's players never exceed the team's, and make them up where all are
-- complete.
WITH problems AS (
  SELECT
    game_date, game_id, player_lookup, paint_attempts,
    COALESCE(
      zone_problem(
        rim_makes, rim_attempts, paint_makes, paint_attempts, mid_range_makes, mid_range_attempts, three_makes_pbp,
        three_attempts_pbp, fg_makes, fg_attempts
      ),
      block_problem(paint_blocks, mid_range_blocks, three_pt_blocks, blocks),
      CASE
        WHEN three_attempts_pbp <> three_pt_attempts OR three_makes_pbp <> three_pt_makes THEN
          CONCAT(
            CAST(three_attempts_pbp AS STRING), ' threes in play-by-play, ', CAST(three_pt_attempts AS STRING),
            ' in the box score'
          )
        WHEN assisted_fg_makes + unassisted_fg_makes <> fg_makes
          OR LEAST(assisted_fg_makes, unassisted_fg_makes) < 0 THEN
          CONCAT(
            CAST(assisted_fg_makes AS STRING), ' assisted and ', CAST(unassisted_fg_makes AS STRING),
            ' other makes, but ', CAST(fg_makes AS STRING), ' in the box score'
          )
        WHEN and1_count NOT BETWEEN 0 AND fg_makes THEN
          CONCAT(CAST(and1_count AS STRING), ' and-ones, but ', CAST(fg_makes AS STRING), ' makes')
        WHEN has_complete_shot_zones AND (
          paint_attempts IS NULL OR mid_range_attempts IS NULL OR three_attempts_pbp IS NULL OR rim_attempts IS NULL
        ) THEN 'the zones are complete, but missing'
        WHEN NOT COALESCE(has_complete_shot_zones, FALSE)
          AND COALESCE(paint_attempts, mid_range_attempts, three_attempts_pbp, rim_attempts) IS NOT NULL
          THEN 'the zones are not complete, but there'
      END
    ) AS problem
  FROM audited
),
team_sums AS (
  SELECT
    game_date, game_id, team_abbr,
    COALESCE(SUM(paint_attempts), 0) AS paint_attempts,
    COALESCE(SUM(mid_range_attempts), 0) AS mid_range_attempts,
    LOGICAL_AND(COALESCE(has_complete_shot_zones, FALSE)) AS is_complete
  FROM audited
  WHERE NOT is_dnp
  GROUP BY game_date, game_id, team_abbr
)
SELECT
  game_date, game_id, 'ERROR' AS severity, player_lookup AS subject, problem, CAST(paint_attempts AS FLOAT64) AS value
FROM problems
WHERE problem IS NOT NULL
UNION ALL
SELECT
  players.game_date, players.game_id,
  IF(
    players.paint_attempts > team.team_paint_attempts OR players.mid_range_attempts > team.team_mid_range_attempts,
    'ERROR', 'WARN'
  ),
  players.team_abbr,
  CONCAT(
    'players have ', CAST(players.paint_attempts AS STRING), ' shots in the paint and ',
    CAST(players.mid_range_attempts AS STRING), ' from mid-range, the team ', CAST(team.team_paint_attempts AS STRING),
    ' and ', CAST(team.team_mid_range_attempts AS STRING)
  ),
  CAST(players.paint_attempts AS FLOAT64)
FROM team_sums AS players
INNER JOIN nba_analytics.team_offense_game_summary AS team
  ON team.game_date = players.game_date AND team.game_id = players.game_id AND team.team_abbr = players.team_abbr
WHERE team.game_date BETWEEN @start_date AND @end_date
  AND (
    players.paint_attempts > team.team_paint_attempts
    OR players.mid_range_attempts > team.team_mid_range_attempts
    OR (
      players.is_complete AND (
        players.paint_attempts < team.team_paint_attempts OR players.mid_range_attempts < team.team_mid_range_attempts
      )
    )
  )
