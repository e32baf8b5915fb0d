-- The rows of a game agree: two teams at most, each the other's opponent, one of them at home; one spread, that of the
-- home team, which each side's own follows; one total, one tip-off.
WITH games AS (
  SELECT
    game_id,
    MIN(team_abbr) AS first_team,
    MAX(team_abbr) AS last_team,
    MIN(game_spread) AS lowest_spread,
    MAX(game_spread) AS highest_spread,
    COUNT(game_spread) AS spreads,
    MIN(game_total) AS lowest_total,
    MAX(game_total) AS highest_total,
    COUNT(game_total) AS totals,
    COUNT(DISTINCT home_game) AS sides,
    COUNT(DISTINCT COALESCE(tip_off, TIMESTAMP(game_date))) AS tip_offs,
    COUNT(*) AS row_count
  FROM audited
  GROUP BY game_id
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
      WHEN games.lowest_spread <> games.highest_spread OR games.spreads NOT IN (0, games.row_count)
        THEN 'the rows of the game have several spreads'
      WHEN audited.team_spread <> IF(audited.home_game, audited.game_spread, -audited.game_spread)
        THEN 'the own spread does not follow that of the home team'
      WHEN games.lowest_total <> games.highest_total OR games.totals NOT IN (0, games.row_count)
        THEN 'the rows of the game have several totals'
      WHEN games.tip_offs > 1 THEN 'the rows of the game have several tip-offs'
    END AS problem
  FROM audited
  INNER JOIN games ON games.game_id = audited.game_id
)
SELECT
  game_date, game_id, 'ERROR' AS severity, player_lookup AS subject, problem, CAST(NULL AS FLOAT64) AS value
FROM problems
WHERE problem IS NOT NULL
