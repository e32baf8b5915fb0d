-- Every issue noted in a row, one row each. Only rows with issues are taken apart, since over a season hardly any has
-- one.
SELECT noted.game_date, noted.game_id, noted.team_abbr, noted.home_game, issue
FROM (SELECT * FROM audited WHERE ARRAY_LENGTH(quality_issues) > 0) AS noted
CROSS JOIN UNNEST(noted.quality_issues) AS issue
