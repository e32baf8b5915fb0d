-- The schedule as it could be read before the games of @start_date: which games are on, when and where, but of that
-- date and of later ones neither scores nor who won nor that they have begun. With @is_absurd, each of these games that
-- is on is final instead, its scores are exchanged and 50 higher, and the other team has won.
-- A game stays on, moved or void as it is. Of its rows, those with the highest status stay, which season_games reads.
-- Where a game's status alone tells which of two entries counts, it stays: an id that is on for two dates, or a team
-- that has two games on a date.
WITH sides AS (
  SELECT game_date, nba_game_id, home_team_abbr AS team_abbr FROM schedule_rows WHERE excluded_because IS NULL
  UNION ALL
  SELECT game_date, nba_game_id, away_team_abbr FROM schedule_rows WHERE excluded_because IS NULL
),
contested_entries AS (
  SELECT game_date, nba_game_id
  FROM (
    SELECT
      game_date, nba_game_id,
      MIN(nba_game_id) OVER (PARTITION BY game_date, team_abbr)
        <> MAX(nba_game_id) OVER (PARTITION BY game_date, team_abbr) AS is_contested
    FROM sides
    UNION ALL
    SELECT game_date, nba_game_id, COUNT(*) OVER (PARTITION BY nba_game_id) > 1
    FROM season_games
    WHERE schedule_state <> 'void'
  ) AS entries
  WHERE is_contested
  GROUP BY game_date, nba_game_id
),
judged_rows AS (
  SELECT
    raw.*,
    raw.game_date < @start_date AS was_known,
    contested.nba_game_id IS NOT NULL OR COALESCE(game.schedule_state, 'void') = 'void' AS keeps_status,
    RANK() OVER (
      PARTITION BY raw.game_date, nba_game_id(raw.game_id) ORDER BY COALESCE(raw.game_status, 0) DESC
    ) AS status_rank
  FROM nba_raw.nbac_schedule AS raw
  LEFT JOIN season_games AS game
    ON game.game_date = raw.game_date AND game.nba_game_id = nba_game_id(raw.game_id)
  LEFT JOIN contested_entries AS contested
    ON contested.game_date = raw.game_date AND contested.nba_game_id = nba_game_id(raw.game_id)
  WHERE raw.game_date BETWEEN @season_start_date AND @season_end_date
)
SELECT
  * EXCEPT (was_known, keeps_status, status_rank) REPLACE (
    CASE
      WHEN was_known OR keeps_status THEN game_status
      WHEN @is_absurd THEN 3
      ELSE 1
    END AS game_status,
    CASE
      WHEN was_known OR keeps_status THEN game_status_text
      WHEN @is_absurd THEN 'Final'
      ELSE 'Scheduled'
    END AS game_status_text,
    CASE
      WHEN was_known THEN home_team_score
      WHEN @is_absurd THEN COALESCE(away_team_score, 90) + 50
    END AS home_team_score,
    CASE
      WHEN was_known THEN away_team_score
      WHEN @is_absurd THEN COALESCE(home_team_score, 100) + 50
    END AS away_team_score,
    CASE
      WHEN was_known THEN winning_team_tricode
      WHEN @is_absurd THEN IF(winning_team_tricode = home_team_tricode, away_team_tricode, home_team_tricode)
    END AS winning_team_tricode
  )
FROM judged_rows
WHERE was_known OR status_rank = 1
