-- Every issue noted in a row, one by one. Only rows that have any are taken apart: over a season hardly one does.
SELECT noted.game_date, noted.game_id, noted.team_abbr, noted.player_lookup, noted.primary_source_used, issue
FROM (SELECT * FROM audited WHERE ARRAY_LENGTH(quality_issues) > 0) AS noted
CROSS JOIN UNNEST(noted.quality_issues) AS issue
