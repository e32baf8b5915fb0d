-- One box score row per team and game: the latest valid one, so that a later placeholder never beats a good row.
-- Valid: points and attempts above zero, minutes present and no more than seven overtimes, no impossible figure.
-- Rows that tie are told apart by their whole text: which one counts never depends on the order they were loaded in. Valid
-- rows of one load that contradict each other are noted: which of them counts, nobody can tell.
WITH on_games AS (
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
    CASE
      WHEN is_impossible_count(raw.points) THEN CONCAT('points ', CAST(raw.points AS STRING))
      WHEN is_impossible_count(raw.fg_made) THEN CONCAT('fg_made ', CAST(raw.fg_made AS STRING))
      WHEN is_impossible_count(raw.fg_attempted) THEN CONCAT('fg_attempted ', CAST(raw.fg_attempted AS STRING))
      WHEN is_impossible_count(raw.three_pt_made) THEN CONCAT('three_pt_made ', CAST(raw.three_pt_made AS STRING))
      WHEN is_impossible_count(raw.three_pt_attempted) THEN CONCAT('three_pt_attempted ', CAST(raw.three_pt_attempted AS STRING))
      WHEN is_impossible_count(raw.ft_made) THEN CONCAT('ft_made ', CAST(raw.ft_made AS STRING))
      WHEN is_impossible_count(raw.ft_attempted) THEN CONCAT('ft_attempted ', CAST(raw.ft_attempted AS STRING))
      WHEN is_impossible_count(raw.offensive_rebounds) THEN CONCAT('offensive_rebounds ', CAST(raw.offensive_rebounds AS STRING))
      WHEN is_impossible_count(raw.defensive_rebounds) THEN CONCAT('defensive_rebounds ', CAST(raw.defensive_rebounds AS STRING))
      WHEN is_impossible_count(raw.total_rebounds) THEN CONCAT('total_rebounds ', CAST(raw.total_rebounds AS STRING))
      WHEN is_impossible_count(raw.assists) THEN CONCAT('assists ', CAST(raw.assists AS STRING))
      WHEN is_impossible_count(raw.steals) THEN CONCAT('steals ', CAST(raw.steals AS STRING))
      WHEN is_impossible_count(raw.blocks) THEN CONCAT('blocks ', CAST(raw.blocks AS STRING))
      WHEN is_impossible_count(raw.turnovers) THEN CONCAT('turnovers ', CAST(raw.turnovers AS STRING))
      WHEN is_impossible_count(raw.personal_fouls) THEN CONCAT('personal_fouls ', CAST(raw.personal_fouls AS STRING))
      WHEN TRIM(raw.minutes) <> '' AND COALESCE(overtime_periods(clock_seconds(raw.minutes)) > 7, TRUE)
        THEN CONCAT("minutes '", raw.minutes, "'")
    END AS impossible_statistic,
    raw.processed_at
  FROM nba_raw.nbac_team_boxscore AS raw
  INNER JOIN team_games AS game
    ON game.game_date = raw.game_date AND game.team_abbr = team_code(raw.team_abbr)
  WHERE raw.game_date BETWEEN @start_date AND @end_date
),
judged AS (
  SELECT
    *,
    COALESCE(
      points > 0 AND fg_attempts > 0 AND team_seconds > 0 AND overtime_periods(team_seconds) <= 7
      AND impossible_statistic IS NULL, FALSE
    ) AS is_valid,
    TO_JSON_STRING(on_games) AS row_text
  FROM on_games
)
SELECT
  * EXCEPT (processed_at, row_text),
  COALESCE(
    MIN(IF(is_valid, row_text, NULL)) OVER (PARTITION BY game_date, team_abbr, processed_at)
      <> MAX(IF(is_valid, row_text, NULL)) OVER (PARTITION BY game_date, team_abbr, processed_at),
    FALSE
  ) AS has_contradictory_rows
FROM judged
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY game_date, team_abbr
  ORDER BY is_valid DESC, processed_at DESC, points DESC, fg_attempts DESC, turnovers, row_text
) = 1
