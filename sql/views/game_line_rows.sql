-- Every spread and total quoted of the games of the range, cleaned, with its game, and why it is left out, if it is. A
-- quote belongs to the game of its two teams on the Eastern date of commence_time; event ids are never read. Quotes of
-- two teams that do not meet on that date are of no game here; where a team is not known, the other one says the game.
-- bound is the tip-off that a quote must be before. Lines are given in hundredths (_x100), spreads as the home team's.
WITH quotes AS (
  SELECT
    LOWER(TRIM(market_key)) AS market,
    LOWER(TRIM(bookmaker_key)) AS bookmaker,
    outcome_point AS points,
    outcome_name,
    CASE outcome_name WHEN home_team THEN one_team WHEN away_team THEN other_team ELSE team_named(outcome_name) END
      AS side,
    one_team,
    other_team,
    CONCAT(away_team, ' at ', home_team) AS teams,
    COALESCE(DATE(commence_time, 'America/New_York'), game_date) AS eastern_date,
    game_date AS listed_date,
    commence_time,
    snapshot_timestamp,
    processed_at
  FROM (
    SELECT
      *,
      line_team(home_team_abbr, home_team) AS one_team,
      line_team(away_team_abbr, away_team) AS other_team
    FROM nba_raw.odds_api_game_lines
    WHERE game_date BETWEEN DATE_SUB(@start_date, INTERVAL 1 DAY) AND DATE_ADD(@end_date, INTERVAL 1 DAY)
  ) AS named
  WHERE LOWER(TRIM(market_key)) IN ('spreads', 'totals')
)
SELECT
  quote.eastern_date AS game_date,
  game.game_id,
  quote.market,
  quote.bookmaker,
  quote.teams,
  quote.snapshot_timestamp,
  COALESCE(quote.commence_time, known_until(game.tip_off, quote.eastern_date)) AS bound,
  IF(
    ABS(quote.points) < 1000,
    CAST(ROUND(100 * IF(
      quote.market = 'spreads' AND quote.side = game.opponent_team_abbr, -quote.points, quote.points
    )) AS INT64),
    NULL
  ) AS line_x100,
  IF(quote.market = 'spreads', quote.side = game.team_abbr, NULL) AS is_of_home,
  quote.processed_at,
  CASE
    WHEN quote.one_team IS NULL OR quote.other_team IS NULL THEN 'names a team that is none of the thirty'
    WHEN quote.one_team = quote.other_team THEN 'names one team twice'
    WHEN quote.market = 'spreads' AND NOT COALESCE(quote.points BETWEEN -60 AND 60, FALSE)
      THEN CONCAT('impossible spread ', COALESCE(number_text(SAFE_CAST(quote.points AS NUMERIC)), 'NULL'))
    WHEN quote.market = 'totals' AND NOT COALESCE(quote.points BETWEEN 100 AND 400, FALSE)
      THEN CONCAT('impossible total ', COALESCE(number_text(SAFE_CAST(quote.points AS NUMERIC)), 'NULL'))
    WHEN quote.market = 'spreads' AND NOT COALESCE(quote.side IN (quote.one_team, quote.other_team), FALSE)
      THEN CONCAT('spread of neither team: ', quote.outcome_name)
  END AS left_out_because
FROM quotes AS quote
LEFT JOIN team_games AS game
  ON game.game_date = quote.eastern_date
  AND ABS(DATE_DIFF(quote.eastern_date, quote.listed_date, DAY)) <= 1
  AND game.home_game
  AND COALESCE(quote.one_team, quote.other_team) IN (game.team_abbr, game.opponent_team_abbr)
  AND COALESCE(quote.other_team, quote.one_team) IN (game.team_abbr, game.opponent_team_abbr)
WHERE quote.eastern_date BETWEEN @start_date AND @end_date
  AND (game.game_id IS NOT NULL OR quote.one_team IS NULL OR quote.other_team IS NULL)
