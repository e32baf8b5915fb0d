"""Failures 43 to 50: writes.

What belongs here: writes that fail half way, are killed, meet others, or find another schema. What doesn't: a kill at
every step (stories/test_crash.py), rows put back on purpose (publishing/test_rollback.py).
"""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from phase3_assets.catalog.contracts import raw_contracts
from phase3_assets.catalog.table_names import TABLE_NAMES
from phase3_assets.catalog.tables import all_contracts
from phase3_assets.errors import SchemaDriftError, WarehouseRequestError
from phase3_assets.settings.locations import LASTING_DATASETS
from phase3_assets.warehouse.duckdb.warehouse import DuckDBSession
from phase3_assets.warehouse.schema import initialise
from phase3_assets_tests.faults.scenes import EVENING, GAMEBOOK, TEAM_BOX, Scene, failing, outcomes
from phase3_assets_tests.support.games import DAY, OFFENSE, PLAYERS, SUMMARIES, all_outcomes, of_summaries, state_of
from phase3_assets_tests.support.reader import WatchedWarehouse
from phase3_assets_tests.support.sampling import first_in_ci

DATASETS = LASTING_DATASETS
_PUBLISH = """
import sys
from datetime import date
from pathlib import Path
from phase3_assets.publishing.requests import Request
from phase3_assets.publishing.publish import publish
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
day = date.fromisoformat(sys.argv[2])
publish(DuckDBWarehouse(Path(sys.argv[1])), Request(day, day), progress=lambda line: print(line, flush=True))
print("done", flush=True)
"""


def corrected(scene: Scene) -> None:
    """A better plus-minus of everybody, more steals of every team: every game of every table is another one."""
    for row in scene.rows[GAMEBOOK]:
        row["plus_minus"] = None if row["plus_minus"] is None else row["plus_minus"] + 1
    for row in scene.rows[TEAM_BOX]:
        row["steals"] += 1
    scene.allow_truth_of(scene.rows)
    scene.load(TEAM_BOX, GAMEBOOK)


def publishing_elsewhere(scene: Scene) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", _PUBLISH, str(scene.path), DAY.isoformat()],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )


def is_settled(scene: Scene) -> None:
    """The corrected rows are there, once, and nothing is left to do."""
    publication = scene.publish()
    assert {state_of(publication, game) for game in scene.games} == {("published", None)}
    assert {row["team_abbr"]: row["steals"] for row in scene.table(OFFENSE)} == {
        row["team_abbr"]: row["steals"] for row in scene.rows[TEAM_BOX]
    }
    assert scene.verify() == [] and scene.check().keys() == set()
    again = scene.publish()
    assert all_outcomes(again) == {"unchanged"}


@pytest.mark.slow
@pytest.mark.long
def test_43_an_insert_that_fails_after_its_delete_loses_nothing(published):
    """DELETE then append, the second half fails: whole dates are lost.

    Guard: phase3_assets/warehouse/duckdb/warehouse.py (unit), phase3_assets/publishing/write.py (write)
    """
    before = published.look()
    corrected(published)
    row = published.of(TEAM_BOX)[0]
    fouls, row["personal_fouls"] = row["personal_fouls"], None
    published.load(TEAM_BOX)
    published.alter(f"ALTER TABLE nba_analytics.{OFFENSE} ALTER COLUMN personal_fouls SET NOT NULL")
    with pytest.raises(WarehouseRequestError, match=r"personal_fouls.* taken back"):
        published.publish()
    assert published.look() == before
    assert published.query(f"SELECT * FROM nba_phase3.{OFFENSE}__history") == []
    assert {state["state"] for state in published.query("SELECT state FROM nba_phase3.game_readiness")} == {"published"}
    published.alter(f"ALTER TABLE nba_analytics.{OFFENSE} ALTER COLUMN personal_fouls DROP NOT NULL")
    row["personal_fouls"] = fouls
    published.load(TEAM_BOX)
    is_settled(published)


@pytest.mark.slow
@pytest.mark.parametrize("steps", first_in_ci([3, 1]))
def test_44_a_kill_leaves_old_or_new_and_the_next_run_converges(published, steps):
    """Killed (SIGKILL, power) at any point: half a date is visible, staging tables are orphaned.

    Guard: phase3_assets/warehouse/duckdb/warehouse.py (unit, _attach)
    """
    corrected(published)
    process = publishing_elsewhere(published)
    for _ in range(steps):
        process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.wait()
    published.look()
    left = published.query("SELECT DISTINCT schema_name FROM duckdb_tables() WHERE database_name = 'warehouse'")
    assert {row["schema_name"] for row in left} == set(DATASETS)
    is_settled(published)


@pytest.mark.slow
@pytest.mark.long
def test_45_two_writers_end_as_one_after_the_other(published):
    """Two writers on one partition: duplicates or a lost update.

    Guard: phase3_assets/warehouse/duckdb/warehouse.py (session)
    """
    corrected(published)
    process = publishing_elsewhere(published)
    process.stdout.readline()
    published.warehouse.wait_seconds = 60
    threads = [threading.Thread(target=published.publish) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert process.wait() == 0
    written = of_summaries(
        published.query(
            "SELECT table_name, game_id, COUNT(*) AS n FROM nba_phase3.publications "
            "WHERE outcome = 'published' GROUP BY 1, 2"
        )
    )
    assert len(written) == 9 and max(row["n"] for row in written) == 2, "the first version, and the correction once"
    is_settled(published)


@pytest.mark.slow
def test_46_a_repair_by_hand_is_found_named_and_put_right(published):
    """A manual UPDATE with an inverted formula puts 1228 % into production.

    Guard: phase3_assets/publishing/drift.py (find_drift), sql/tables/player_game_summary/checks/usage_rate.sql
    """
    published.tamper(
        f"UPDATE nba_analytics.{PLAYERS} SET usage_rate = 1228, usage_rate_raw = 1228 "
        "WHERE game_id = '{game}' AND minutes_played > 5"
    )
    (drift,) = published.verify()
    assert (drift.table, drift.game_id) == (PLAYERS, published.game.game_id) and drift.changed_keys
    verdict = published.check()[PLAYERS, "usage_rate"]
    assert verdict.severity == "ERROR" and verdict.metadata["worst_value"] == 1228
    (event,) = published.events("drift")
    assert event["severity"] == "CRITICAL" and "--repair" in event["description"]
    publication = published.publish(repair=True)
    assert failing(publication.verdicts) == {} and published.verify() == []
    assert max(row["usage_rate"] or 0 for row in published.table(PLAYERS)) <= 100


class _Log(WatchedWarehouse):
    """Keeps every statement that the engine itself says it ran."""

    statements: list[str] = []

    def session(self, *arguments, **options):
        return _logged(super().session(*arguments, **options), self.statements)


class _logged:
    def __init__(self, session, statements: list[str]) -> None:
        self._session, self._statements = session, statements

    def __enter__(self) -> DuckDBSession:
        self._entered = self._session.__enter__()
        # The engine may have served, and logged, an earlier session.
        self._entered._connection.execute("CALL truncate_duckdb_logs()")
        self._entered._connection.execute("CALL enable_logging('QueryLog')")
        return self._entered

    def __exit__(self, *error) -> bool | None:
        if error[0] is None:
            found = self._entered._connection.execute("SELECT message FROM duckdb_logs").fetchall()
            self._statements += [message for (message,) in found]
        self._entered._connection.execute("CALL disable_logging()")
        return self._session.__exit__(*error)


def statements_of_a_night(scene: Scene) -> list[str]:
    """What the engine is asked while a date is published, checked, verified and repaired, one game held back."""
    warehouse = _Log(scene.path)
    warehouse.reader, warehouse.statements = None, []
    scene.warehouse = warehouse
    scene.contradict()
    scene.load(TEAM_BOX, EVENING)
    warehouse.statements.clear()
    scene.publish()
    scene.check()
    scene.verify()
    scene.publish(repair=True)
    return [text for text in warehouse.statements if "_logs" not in text]


@pytest.mark.slow
def test_47_events_and_records_are_written_in_batches(loaded):
    """1,500 load jobs a table a day are exceeded by logging.

    Guard: phase3_assets/publishing/write.py (write), phase3_assets/warehouse/duckdb/warehouse.py (append)
    """
    publications = 2
    statements = statements_of_a_night(loaded)
    for table in ("publications", "data_quality_events"):
        writes = [text for text in statements if text.startswith(f"INSERT INTO nba_phase3.{table} ")]
        kinds = 3 if table == "data_quality_events" else 1
        assert 1 <= len(writes) <= publications * len(TABLE_NAMES) * kinds
    targets = [
        text for text in statements if text.startswith(tuple(f"INSERT INTO nba_analytics.{t} " for t in SUMMARIES))
    ]
    assert len(targets) == len(SUMMARIES), "one for all games of a table, and none where nothing changed"


@pytest.mark.slow
def test_48_every_statement_names_the_dates_it_is_about(loaded):
    """A query without a partition predicate scans everything; a NULL date breaks the partition filter.

    Guard: phase3_assets/catalog/parameters.py (date_parameters), phase3_assets/publishing/publish.py
    """
    statements = statements_of_a_night(loaded)
    assert len(statements) > 50
    partitions = {one.name: one.partition for one in [*raw_contracts().values(), *all_contracts()]}
    read = 0
    for text in statements:
        if not text.startswith(("SELECT", "WITH", "DELETE", "INSERT", "CREATE OR REPLACE TABLE")):
            continue
        for table in sqlglot.parse_one(text, dialect="duckdb").find_all(exp.Table):
            if table.db not in DATASETS or isinstance(table.parent, (exp.Insert, exp.Schema)):
                continue
            scope = table.find_ancestor(exp.Select, exp.Delete)
            read += 1
            where = scope.args.get("where") if scope else None
            partition = partitions.get(table.name, "game_date")
            assert where and partition in where.sql(), f"{table.sql()} is read whole: {text[:300]}"
    assert read > 50


@pytest.mark.slow
@pytest.mark.long
def test_49_a_lost_answer_after_the_commit_writes_nothing_twice(published):
    """Conflict, rate limit, 5xx, a response lost after the commit.

    Guard: phase3_assets/warehouse/duckdb/warehouse.py (_connect), phase3_assets/publishing/game.py (is_decided)
    """
    corrected(published)
    process = publishing_elsewhere(published)
    while not process.stdout.readline().startswith(PLAYERS):
        pass
    os.kill(process.pid, signal.SIGSTOP)  # everything is committed; nobody has been told, and the lock is held
    released = threading.Timer(0.5, process.kill)
    released.start()
    started = time.monotonic()
    publication = published.publish()
    assert time.monotonic() - started >= 0.3, "it waited for the other process"
    process.wait()
    for table in SUMMARIES:
        assert set(outcomes(publication, table).values()) == {"unchanged"}
        kept = published.query(f"SELECT COUNT(*) AS n FROM nba_phase3.{table}__history")[0]["n"]
        changed = sum(len(game.lines) for game in published.games) if table == PLAYERS else 6
        assert kept == changed, "replaced once"
    is_settled(published)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "undo", "named"),
    [
        ("RENAME COLUMN points TO pts", "RENAME COLUMN pts TO points", "has no column points"),
        ("ALTER points TYPE VARCHAR", "ALTER points TYPE BIGINT", "points should be INT64, found STRING"),
    ],
)
@pytest.mark.long
def test_50_another_schema_is_named_before_any_work(published, change, undo, named):
    """Schema drift: a raw column missing, renamed or retyped; a published column added.

    Guard: phase3_assets/warehouse/schema.py (check_schema), phase3_assets/warehouse/schema.py (initialise)
    """
    corrected(published)
    decisions = "SELECT COUNT(*) AS n FROM nba_phase3.publications"
    before, decided = published.look(), published.query(decisions)
    published.alter(f"ALTER TABLE nba_raw.{TEAM_BOX} {change}")
    with pytest.raises(SchemaDriftError, match=named):
        published.publish()
    assert published.look() == before
    assert published.query(decisions) == decided
    published.alter(
        f"ALTER TABLE nba_raw.{TEAM_BOX} {undo}", "ALTER TABLE nba_phase3.game_readiness DROP COLUMN left_out"
    )
    with pytest.raises(SchemaDriftError, match="left_out"):
        published.publish()
    assert "added column nba_phase3.game_readiness.left_out STRING" in initialise(published.warehouse)
    is_settled(published)
