-- One box score row per team and game: the latest valid one, so that a later placeholder never beats a good row.
-- Valid: points and attempts above zero, minutes present and no more than seven overtimes, no impossible figure.
-- Rows that tie are told apart by their whole text: which one counts never depends on the order they were loaded in.
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
    is_impossible_count(raw.fg_made) OR is_impossible_count(raw.fg_attempted)
      OR is_impossible_count(raw.three_pt_made) OR is_impossible_count(raw.three_pt_attempted)
      OR is_impossible_count(raw.ft_made) OR is_impossible_count(raw.ft_attempted)
      OR is_impossible_count(raw.offensive_rebounds) OR is_impossible_count(raw.defensive_rebounds)
      OR is_impossible_count(raw.total_rebounds) OR is_impossible_count(raw.assists)
      OR is_impossible_count(raw.steals) OR is_impossible_count(raw.blocks)
      OR is_impossible_count(raw.turnovers) OR is_impossible_count(raw.personal_fouls)
      OR is_impossible_count(raw.points) AS has_impossible_count,
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
      AND NOT has_impossible_count, FALSE
    ) AS is_valid
  FROM on_games
)
SELECT * EXCEPT (processed_at)
FROM judged
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY game_date, team_abbr
  ORDER BY is_valid DESC, processed_at DESC, points DESC, fg_attempts DESC, turnovers, TO_JSON_STRING(judged)
) = 1
