-- One box score row per team and game: the latest valid one, so that a later placeholder never beats a good row.
-- Valid: points and attempts above zero, minutes present and no more than seven overtimes, no impossible figure.
-- Rows that tie are ordered by their whole text: which one counts never depends on the order in which they were loaded.
-- Valid rows of one load that contradict each other are noted, since nobody can tell which of them counts.
WITH rows_of_games AS (
  SELECT
    game.game_date,
    game.game_id,
    game.team_abbr,
    raw.is_home,
    clock_seconds(raw.minutes) AS team_seconds,
    box_score_count(raw.fg_made) AS fg_makes,
    box_score_count(raw.fg_attempted) AS fg_attempts,
    box_score_count(raw.three_pt_made) AS three_pt_makes,
    box_score_count(raw.three_pt_attempted) AS three_pt_attempts,
    box_score_count(raw.ft_made) AS ft_makes,
    box_score_count(raw.ft_attempted) AS ft_attempts,
    box_score_count(raw.offensive_rebounds) AS offensive_rebounds,
    box_score_count(raw.defensive_rebounds) AS defensive_rebounds,
    box_score_count(raw.total_rebounds) AS rebounds,
    box_score_count(raw.assists) AS assists,
    box_score_count(raw.steals) AS steals,
    box_score_count(raw.blocks) AS blocks,
    box_score_count(raw.turnovers) AS turnovers,
    box_score_count(raw.personal_fouls) AS personal_fouls,
    box_score_count(raw.points) AS points,
    COALESCE(
      impossible_count('points', raw.points),
      impossible_count('fg_made', raw.fg_made),
      impossible_count('fg_attempted', raw.fg_attempted),
      impossible_count('three_pt_made', raw.three_pt_made),
      impossible_count('three_pt_attempted', raw.three_pt_attempted),
      impossible_count('ft_made', raw.ft_made),
      impossible_count('ft_attempted', raw.ft_attempted),
      impossible_count('offensive_rebounds', raw.offensive_rebounds),
      impossible_count('defensive_rebounds', raw.defensive_rebounds),
      impossible_count('total_rebounds', raw.total_rebounds),
      impossible_count('assists', raw.assists),
      impossible_count('steals', raw.steals),
      impossible_count('blocks', raw.blocks),
      impossible_count('turnovers', raw.turnovers),
      impossible_count('personal_fouls', raw.personal_fouls),
      IF(
        TRIM(raw.minutes) <> '' AND COALESCE(overtime_periods(clock_seconds(raw.minutes)) > 7, TRUE),
        CONCAT("minutes '", raw.minutes, "'"),
        NULL
      )
    ) AS impossible_statistic,
    raw.processed_at
  FROM nba_raw.nbac_team_boxscore AS raw
  INNER JOIN team_games AS game
    ON game.game_date = raw.game_date AND game.team_abbr = team_code(raw.team_abbr)
  WHERE raw.game_date BETWEEN @start_date AND @end_date
),
judged_rows AS (
  SELECT
    *,
    COALESCE(
      points > 0 AND fg_attempts > 0 AND team_seconds > 0 AND overtime_periods(team_seconds) <= 7
        AND impossible_statistic IS NULL,
      FALSE
    ) AS is_valid,
    TO_JSON_STRING(rows_of_games) AS row_text
  FROM rows_of_games
)
SELECT
  * EXCEPT (processed_at, row_text),
  COALESCE(
    MIN(IF(is_valid, row_text, NULL)) OVER (PARTITION BY game_date, team_abbr, processed_at)
      <> MAX(IF(is_valid, row_text, NULL)) OVER (PARTITION BY game_date, team_abbr, processed_at),
    FALSE
  ) AS has_contradictory_rows
FROM judged_rows
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY game_date, team_abbr
  ORDER BY is_valid DESC, processed_at DESC, points DESC, fg_attempts DESC, turnovers, row_text
) = 1
