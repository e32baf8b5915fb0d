"""A table of every kind, made by adding a folder to a copy of the project: nothing else is edited, and all of it works.

What belongs here: the kinds that no table of ours is of yet, on simulated and on real games. What doesn't: the pre-game
table that there is (test_pre_game.py).
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from phase3_assets.catalog.contracts import SQL_FOLDER
from phase3_assets_tests.conftest import REAL_DATA
from phase3_assets_tests.support.games import OFFENSE

ROOT = Path(__file__).parents[2]
STAMPS = """  data_hash STRING OPTIONS(description="Hash of the meaningful columns"),
  publication_id STRING OPTIONS(description="The publication that wrote this row"),
  code_version STRING OPTIONS(description="Hash of the SQL that computed this row"),
  processed_at TIMESTAMP OPTIONS(description="When this row was computed"),"""


def table_sql(name, columns, partition="game_date", labels="", key="team_abbr"):
    return f"""CREATE TABLE IF NOT EXISTS nba_analytics.{name} (
  {partition} DATE NOT NULL OPTIONS(description="Eastern calendar date"),
  game_id STRING NOT NULL OPTIONS(description="The game"),
  {columns}
{STAMPS}
  PRIMARY KEY ({partition}, {key}) NOT ENFORCED
)
PARTITION BY {partition}
CLUSTER BY {key}
OPTIONS(description="A table of a test.", {labels}require_partition_filter=TRUE);
"""


TEAM = 'team_abbr STRING NOT NULL OPTIONS(description="The team"),\n  '
FORM = {
    "table.sql": table_sql(
        "team_form",
        TEAM + 'games INT64 OPTIONS(description="Of the last ten"),\n  points INT64 OPTIONS(description="In them"),',
        labels='labels=[("look_back", "season")], ',
    ),
    "select.sql": """SELECT game_date, game_id, team_abbr, COUNT(points_scored) AS games, SUM(points_scored) AS points
FROM (
  SELECT
    team.game_date, team.game_id, team.team_abbr, earlier_game.points_scored,
    ROW_NUMBER() OVER (PARTITION BY team.game_id, team.team_abbr ORDER BY earlier_game.game_date DESC) AS recency
  FROM team_games AS team
  LEFT JOIN earlier.team_offense_game_summary AS earlier_game
    ON earlier_game.team_abbr = team.team_abbr AND earlier_game.season_year = team.season_year
    AND earlier_game.game_date < team.game_date
  WHERE team.schedule_state = 'final'
) AS ranked
WHERE recency <= 10
GROUP BY game_date, game_id, team_abbr""",
    "varying": "points",
}
CACHE = {
    "table.sql": table_sql("team_cache", TEAM + 'points INT64 OPTIONS(description="Points"),', partition="cache_date"),
    "select.sql": """SELECT t.game_date AS cache_date, t.game_id, t.team_abbr, t.points_scored AS points
FROM nba_analytics.team_offense_game_summary AS t
WHERE t.game_date BETWEEN @start_date AND @end_date""",
    "varying": "points",
}
OVERTIME = {
    "table.sql": table_sql(
        "overtime_games",
        TEAM + 'overtimes INT64 OPTIONS(description="Overtimes"),',
        labels='labels=[("rows", "optional")], ',
    ),
    "select.sql": """SELECT t.game_date, t.game_id, t.team_abbr, t.overtime_periods AS overtimes
FROM nba_analytics.team_offense_game_summary AS t
WHERE t.game_date BETWEEN @start_date AND @end_date AND t.overtime_periods > 0""",
    "varying": "overtimes",
}
NAMES_TABLE = {
    "table.sql": table_sql(
        "player_names", 'player_lookup STRING NOT NULL OPTIONS(description="The player"),', key="player_lookup"
    ),
    "select.sql": "SELECT game_date, game_id, player_lookup FROM player_rows",
    "varying": "player_lookup",
}
KINDS = {"team_form": FORM, "team_cache": CACHE, "overtime_games": OVERTIME, "player_names": NAMES_TABLE}


def add_folder(sql: Path, name: str, kind: dict[str, str]) -> None:
    folder = sql / "tables" / name
    folder.mkdir()
    (folder / "table.sql").write_text(kind["table.sql"])
    (folder / "select.sql").write_text(kind["select.sql"])
    day = "cache_date" if "cache_date DATE" in kind["table.sql"] else "game_date"
    read = f"FROM nba_analytics.{name}\nWHERE {day} BETWEEN"
    (folder / "daily_statistics.sql").write_text(f"SELECT {kind['varying']} {read} @window_start_date AND @end_date\n")
    (folder / "preview.sql").write_text(
        f"SELECT {day} AS game_date, game_id, {kind['varying']}, "
        f"ROW_NUMBER() OVER (PARTITION BY {day} ORDER BY game_id) AS place {read} @start_date AND @end_date\n"
    )
    (folder / "lineage.json").write_text("{}\n")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the package and of sql/, with a folder more for each kind."""
    root = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "phase3_assets", root / "phase3_assets", ignore=shutil.ignore_patterns("__pycache__", "sql"))
    shutil.copytree(SQL_FOLDER, root / "sql")
    for name, kind in KINDS.items():
        add_folder(root / "sql", name, kind)
    return root


def run(project, tmp_path, script):
    environment = {
        **os.environ,
        "PYTHONPATH": f"{project}{os.pathsep}{ROOT}",
        "PHASE3_DUCKDB_PATH": str(tmp_path / "kinds.duckdb"),
        "XDG_CACHE_HOME": str(project / "cache"),
    }
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, cwd=project, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


SIMULATED = """
import json
from datetime import date
from pathlib import Path
from phase3_assets.catalog.table_names import TABLE_NAMES
from phase3_assets.catalog.tables import published_tables
from phase3_assets.demo.season import simulate_season
from phase3_assets.publishing.drift import verify
from phase3_assets.publishing.rollback import history
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets.warehouse.schema import initialise
from phase3_assets_tests.support.games import World
warehouse = DuckDBWarehouse(Path("kinds.duckdb"))
initialise(warehouse)
world = World(warehouse, simulate_season(4, date(2026, 1, 10), 12), TABLE_NAMES)
world.load()
first = world.publish()
again = world.publish()
days = min(g.game_date for g in world.games), max(g.game_date for g in world.games)
def count(rows):
    return world.query(f"SELECT COUNT(*) AS n FROM {rows}")[0]["n"]
said = {
    "order": list(TABLE_NAMES),
    "held": [o.game_id for o in first.held_back],
    "failed": [v.check for v in first.failed_checks],
    "games": len(world.games),
    "first": {r.table: r.count("published") for r in first.reports},
    "again": {r.table: sorted({str(g.outcome) for g in r.games}) for r in again.reports},
    "rows": {t.name: count(t.contract.full_name) for t in published_tables()},
    "overtimes": count("nba_analytics.team_offense_game_summary WHERE overtime_periods > 0") // 2,
    "players": count("nba_analytics.player_game_summary"),
    "states": sorted({r["state"] for r in world.query("SELECT state FROM nba_phase3.game_readiness")}),
    "drift": len(verify(warehouse, *days, published_tables())),
}
world.tamper("UPDATE nba_analytics.team_cache SET points = 1 WHERE cache_date = DATE '2026-01-12'")
said["drifted"] = sorted({d.table for d in verify(warehouse, *days, published_tables())})
said["repaired"] = [o.game_id for o in world.publish(repair=True).held_back]
said["left"] = len(verify(warehouse, *days, published_tables()))
print(json.dumps(said))
"""


@pytest.mark.slow
@pytest.mark.long
def test_a_folder_is_enough_for_a_table_of_every_kind(project, tmp_path):
    said = run(project, tmp_path, SIMULATED)
    assert set(KINDS) < set(said["order"]) and said["order"].index("team_form") > said["order"].index(OFFENSE)
    assert said["held"] == said["failed"] == [] and said["states"] == ["published"] and said["drift"] == 0
    for name in KINDS:
        assert said["again"][name] == ["unchanged"]
    games = said["games"]
    assert said["rows"]["team_form"] == said["rows"]["team_cache"] == 2 * games
    assert said["rows"]["player_names"] == said["players"]
    assert 0 < said["overtimes"] < games and said["rows"]["overtime_games"] == 2 * said["overtimes"]
    assert said["drifted"] == ["team_cache"] and said["repaired"] == [] and said["left"] == 0


NOVEMBER = """
import json
from datetime import date
from pathlib import Path
from phase3_assets.catalog.tables import published_table
from phase3_assets.loading.files import load_raw
from phase3_assets.publishing.plan import due_steps
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.publishing.survey import survey
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets.warehouse.schema import initialise
warehouse = DuckDBWarehouse(Path("season.duckdb"))
initialise(warehouse)
load_raw(warehouse, Path(REAL))
start, end = date(2024, 10, 22), date(2025, 6, 30)
names = ("team_offense_game_summary", "team_form")
tables = [published_table(name) for name in names]
publish(warehouse, Request(start, end), tables)
def rows():
    with warehouse.session(read_only=True) as session:
        found = session.query(
            "SELECT * FROM nba_analytics.team_form WHERE game_date BETWEEN @a AND @b", {"a": start, "b": end}
        )
    return {
        (row["game_id"], row["team_abbr"]):
        (row["games"], row["points"], row["publication_id"], str(row["game_date"]))
        for row in found
    }
before = rows()
with warehouse.session(read_only=True) as session:
    (game,) = session.query(
        "SELECT * FROM nba_analytics.team_offense_game_summary "
        "WHERE game_date = DATE '2024-11-12' AND home_game ORDER BY game_id LIMIT 1"
    )
with warehouse.session() as session:
    of_team = f"WHERE game_date = DATE '2024-11-12' AND team_abbr = '{game['team_abbr']}'"
    run = session._connection.execute
    (who,) = run(
        f"SELECT player_lookup FROM nba_raw.nbac_gamebook_player_stats {of_team} AND points > 9 LIMIT 1"
    ).fetchone()
    for source in ("nbac_gamebook_player_stats", "nbac_player_boxscores"):
        run(
            f"UPDATE nba_raw.{source} SET points = points + 2, field_goals_made = field_goals_made + 1, "
            f"field_goals_attempted = field_goals_attempted + 1 {of_team} AND player_lookup = '{who}'"
        )
    run(
        "UPDATE nba_raw.nbac_team_boxscore SET points = points + 2, fg_made = fg_made + 1, "
        f"fg_attempted = fg_attempted + 1 {of_team}"
    )
    run(
        "UPDATE nba_raw.nbac_schedule SET home_team_score = home_team_score + 2 "
        f"WHERE game_date = DATE '2024-11-12' AND home_team_tricode = '{game['team_abbr']}'"
    )
publish(warehouse, Request(date(2024, 11, 12), date(2024, 11, 12), is_automatic=True), tables[:1])
with warehouse.session(read_only=True) as session:
    due = {(s.game_id, s.table) for g in survey(session, start, end).values() for s in due_steps(g) if s.table in names}
publish(warehouse, Request(start, end, is_automatic=True), tables)
after = rows()
print(json.dumps({
    "team": game["team_abbr"], "opponent": game["opponent_team_abbr"],
    "due": sorted(map(list, due)),
    "changed": sorted({key[0] for key in after if after[key][:2] != before[key][:2]}),
    "rewritten": sorted({key[0] for key in after if after[key][2] != before[key][2]}),
    "dates": {f"{k[0]} {k[1]}": v[3] for k, v in after.items()},
    "games": len(after) // 2,
}))
"""


@pytest.mark.slow
@pytest.mark.real_data
@pytest.mark.long
def test_a_correction_in_november_makes_exactly_the_games_due_that_read_it(project, tmp_path):
    if not REAL_DATA.is_dir():
        pytest.skip(f"the real box scores are not at {REAL_DATA}")
    said = run(project, tmp_path, NOVEMBER.replace("REAL", repr(str(REAL_DATA))))
    own = sorted((day, key.split()[0]) for key, day in said["dates"].items() if key.endswith(said["team"]))
    reading = sorted(game_id for day, game_id in own if day > "2024-11-12")[:10]
    assert said["due"] == [[game_id, "team_form"] for game_id in reading]
    assert said["changed"] == said["rewritten"] == reading and said["games"] > 1000
