-- The rows of a game agree: one spread, that of the home team, which each side's own follows; one total, one tip-off;
-- two teams at most, each the other's opponent, one of them at home.
WITH games AS (
  SELECT
    game_date,
    game_id,
    MIN(team_abbr) AS first_team,
    MAX(team_abbr) AS last_team,
    COUNT(DISTINCT home_game) AS sides,
    CASE
      WHEN MIN(game_spread) <> MAX(game_spread) OR COUNT(game_spread) NOT IN (0, COUNT(*)) THEN 'spreads'
      WHEN MIN(game_total) <> MAX(game_total) OR COUNT(game_total) NOT IN (0, COUNT(*)) THEN 'totals'
      WHEN MIN(tip_off) <> MAX(tip_off) OR COUNT(tip_off) NOT IN (0, COUNT(*)) THEN 'tip-offs'
    END AS several
  FROM audited
  GROUP BY game_date, game_id
),
problems AS (
  SELECT
    audited.game_date, audited.game_id, audited.player_lookup,
    CASE
      WHEN audited.team_abbr NOT IN (games.first_team, games.last_team)
        OR audited.opponent_team_abbr = audited.team_abbr
        OR (
          games.first_team <> games.last_team
          AND (audited.opponent_team_abbr NOT IN (games.first_team, games.last_team) OR games.sides <> 2)
        )
        THEN 'the two teams are not opponents'
      WHEN audited.team_spread <> IF(audited.home_game, audited.game_spread, -audited.game_spread)
        THEN 'the own spread does not follow that of the home team'
    END AS problem
  FROM audited
  INNER JOIN games ON games.game_id = audited.game_id
)
SELECT
  game_date, game_id, 'ERROR' AS severity, player_lookup AS subject, problem, CAST(NULL AS FLOAT64) AS value
FROM problems
WHERE problem IS NOT NULL
UNION ALL
SELECT
  game_date, game_id, 'ERROR' AS severity, game_id AS subject,
  CONCAT('the rows of the game have several ', several) AS problem, CAST(NULL AS FLOAT64) AS value
FROM games
WHERE several IS NOT NULL
