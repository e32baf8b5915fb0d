-- The published games of the last date from @start_date to @end_date that has any, each with its best scorer.
WITH teams AS (
  SELECT *
  FROM nba_analytics.team_offense_game_summary
  WHERE game_date BETWEEN @start_date AND @end_date
),
scorers AS (
  SELECT *
  FROM nba_analytics.player_game_summary
  WHERE game_date BETWEEN @start_date AND @end_date AND points IS NOT NULL
  QUALIFY ROW_NUMBER() OVER (PARTITION BY game_id ORDER BY points DESC, player_lookup) = 1
)
SELECT
  home.game_date,
  home.game_id,
  away.team_abbr AS away,
  away.points_scored AS away_points,
  home.team_abbr AS home,
  home.points_scored AS home_points,
  scorers.player_full_name AS scorer,
  scorers.points AS scorer_points,
  scorers.usage_rate
FROM teams AS home
INNER JOIN teams AS away ON away.game_id = home.game_id AND NOT away.home_game
INNER JOIN scorers ON scorers.game_id = home.game_id
WHERE home.home_game AND home.game_date = (SELECT MAX(game_date) FROM teams);
