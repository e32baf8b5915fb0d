-- One of the two teams of a game line: by its code, or where that is missing or unknown by its name.
CREATE TEMP FUNCTION line_team(code STRING, name STRING) RETURNS STRING AS (
  COALESCE(team_named(code), team_named(name))
);
