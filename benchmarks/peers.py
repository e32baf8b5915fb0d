"""The same night's work by dbt-duckdb, by SQLMesh and by us: whole processes, measured in turn, as ratios to ours.

What belongs here: preparing, timing, comparing (`make bench-peers`). What doesn't: the peers' projects
(peer_projects.py); tests; nothing here asserts a time.

A peer's packages live in a virtual environment of its own, `.venv-dbt` and `.venv-sqlmesh`, made on first use; set
PHASE3_BENCH_DBT or PHASE3_BENCH_SQLMESH to use one that exists. CPU seconds are those of the process and its children:
they survive a busy machine better than seconds do.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import duckdb
from peer_projects import compared_tables, write_dbt, write_sqlmesh
from run import ORDINARY, floor, load

from phase3_assets.catalog.contracts import raw_contracts
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets.warehouse.schema import initialise

ROOT = Path(__file__).parents[1]
ROUNDS = int(os.environ.get("PHASE3_BENCH_ROUNDS", "3"))
LOAD_RAW = """
import duckdb, pathlib, sys
connection = duckdb.connect(sys.argv[1])
connection.execute("CREATE SCHEMA nba_raw")
for file in pathlib.Path(sys.argv[2]).glob("*.parquet"):
    connection.execute(f"CREATE TABLE nba_raw.{file.stem} AS SELECT * FROM '{file}'")
print("duckdb", duckdb.__version__)
"""
DIFFERENCES = """
Said of what is compared: ours audits before a row can be read, decides game by game, keeps history, publication records
and Dagster events; the peers' rows are visible before their tests end, and a test stops a table, never a game.
dbt is asked for the same dates every time, which keeps its parse warm: other --vars cost it a fresh one. SQLMesh admits
no newer DuckDB than the one named above, nor the compiled sqlglot; its date is one newly arrived (a restatement of one
that is there takes longer)."""


class Spent(NamedTuple):
    """What a piece of work took."""

    seconds: float
    cpu: float
    readable: float = 0.0
    """Seconds until the last table could be read, where the work says so."""


@dataclass
class Contender:
    """One of the three: its warehouse, where its tables are, and its commands."""

    name: str
    database: Path
    schema: str
    day: Sequence[str | Path]
    whole: Sequence[str | Path]
    until_day: Sequence[str | Path]
    """Brings the raw rows to where `day` begins: everything published, and for SQLMesh everything before the day."""
    environment: dict[str, str] = field(default_factory=dict)

    def saved(self, state: str) -> Path:
        """A copy of the warehouse in some state, to begin from again and again."""
        return self.database.with_suffix(f".{state}")

    def run(self, command: Sequence[str | Path], state: str) -> Spent:
        """Run a command on a fresh copy of a state."""
        shutil.copy(self.saved(state), self.database)
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=self.database.parent,
            env={**ORDINARY, "HOME": str(self.database.parent), **self.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout
        lines = [(time.perf_counter() - started, line) for line in process.stdout]
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit("".join(line for _, line in lines) + f"\n{self.name} failed")
        readable = [after for after, line in lines if line.strip().startswith(f"{compared_tables()[-1].name}:")]
        return Spent(seconds, usage.ru_utime + usage.ru_stime, readable[-1] if readable else 0.0)


def main() -> None:
    """Prepare all three, measure them in turn, print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "ours" / "warehouse.duckdb"
        warehouse = DuckDBWarehouse(path)
        initialise(warehouse)
        start, end = load(warehouse)
        day = end - timedelta(days=2)
        contenders = [ours(path, start, end, day), *peers(folder, warehouse, start, end, day)]
        shutil.copy(path, contenders[0].saved("raw"))
        days: dict[str, list[Spent]] = {}
        wholes: dict[str, list[Spent]] = {}
        for contender in contenders:
            contender.run(contender.until_day, "raw")
            shutil.copy(contender.database, contender.saved("before"))
        # The first round warms what can be warm: dbt's parse, SQLMesh's cache, the disk.
        for _ in range(ROUNDS + 1):
            for contender in contenders:
                days.setdefault(contender.name, []).append(contender.run(contender.day, "before"))
        for _ in range(ROUNDS + 1):
            for contender in contenders:
                wholes.setdefault(contender.name, []).append(contender.run(contender.whole, "raw"))
        for contender in contenders[1:]:
            print(f"rows that differ from ours, {contender.name}: {differing_rows(contenders[0], contender)}")
        in_process = [until_readable(contenders[0], warehouse, start, end) for _ in range(ROUNDS)]
        floors = {
            dates: [measured_floor(warehouse, *dates) for _ in range(ROUNDS)] for dates in ((day, day), (start, end))
        }
        show_all(f"one date, {day}, as a process", days)
        show_all(f"{start} to {end}, as a process", wholes)
        (_, first), *others = ((name, middle(spent[1:])) for name, spent in wholes.items())
        reference = first.readable
        print(f"\n{'until the whole range can be read':44}{'seconds':>9}{'CPU s':>9}{'x ours':>9}")
        show("phase3 backfill, from its start", reference, None, reference)
        for name_of_peer, spent in others:
            show(f"{name_of_peer}, from its start to its end", spent.seconds, spent.cpu, reference)
        show("publish(), in a process that is up", middle(in_process).readable, middle(in_process).cpu, reference)
        for (first_date, last_date), spent in floors.items():
            title = f"lean floor, {(last_date - first_date).days + 1} days, in a process that is up"
            show(title, middle(spent).seconds, middle(spent).cpu, reference)
        print(DIFFERENCES)


def ours(path: Path, start: date, end: date, day: date) -> Contender:
    """This project's command line."""
    phase3 = [sys.executable, "-m", "phase3_assets.cli"]
    named = [option for table in compared_tables() for option in ("--table", table.name)]
    whole = [*phase3, "backfill", str(start), str(end), *named]
    environment = {
        "PHASE3_DUCKDB_PATH": str(path),
        "DAGSTER_HOME": str(path.parent / "dagster"),
        "PYTHONPATH": str(ROOT),
    }
    return Contender(
        "phase3", path, "nba_analytics", [*phase3, "run", str(day), "--repair", *named], whole, whole, environment
    )


def peers(folder: Path, warehouse: DuckDBWarehouse, start: date, end: date, day: date) -> list[Contender]:
    """Both peers, each with a project and a warehouse holding the raw rows."""
    raw = folder / "raw"
    raw.mkdir()
    with warehouse.session(read_only=True) as session:
        for name in raw_contracts():
            session._connection.execute(f"COPY nba_raw.{name} TO '{raw / name}.parquet'")
    dbt, sqlmesh = folder / "dbt" / "by_dbt.duckdb", folder / "sqlmesh" / "by_sqlmesh.duckdb"
    write_dbt(dbt.parent, dbt)
    write_sqlmesh(sqlmesh.parent, sqlmesh, start)
    dbt_bin, sqlmesh_bin = virtual_environment("dbt"), virtual_environment("sqlmesh")

    def build(first: date, last: date) -> list[str | Path]:
        dates = f"{{start_date: {first}, end_date: {last}}}"
        return [dbt_bin / "dbt", "build", "--quiet", "--log-level-file", "none", "--no-write-json", "--vars", dates]

    def plan(now: date) -> list[str | Path]:
        """Everything up to the day before `now`: a first plan knows no other end."""
        return [sqlmesh_bin / "sqlmesh", "plan", "--auto-apply", "--no-prompts", "--execution-time", str(now)]

    arrive = [sqlmesh_bin / "sqlmesh", "run", "--ignore-cron", "--start", str(day), "--end", str(day)]
    every = build(start, end)
    contenders = [
        Contender("dbt-duckdb", dbt, "by_dbt.main", build(day, day), every, every),
        Contender("SQLMesh", sqlmesh, "by_sqlmesh.peer", arrive, plan(end + timedelta(days=1)), plan(day)),
    ]
    for contender, bin_folder in zip(contenders, (dbt_bin, sqlmesh_bin), strict=True):
        arguments = [bin_folder / "python", "-c", LOAD_RAW, contender.saved("raw"), raw]
        loaded = subprocess.run(arguments, check=True, capture_output=True, text=True)
        print(f"{contender.name} on {loaded.stdout.strip()}; ours on duckdb {duckdb.__version__}")
    return contenders


def virtual_environment(name: str) -> Path:
    """The folder of a peer's commands; made, with its packages, where it is not there."""
    given = os.environ.get(f"PHASE3_BENCH_{name.upper()}")
    folder = Path(given) if given else ROOT / f".venv-{name}"
    if not (folder / "bin" / name).exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        requirements = ROOT / "benchmarks" / f"requirements-{name}.txt"
        install = [folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements]
        subprocess.run(install, check=True)
    return folder / "bin"


def differing_rows(ours: Contender, peer: Contender) -> int:
    """Rows of the three tables that only one of both has: 0, or the comparison is none."""
    count = 0
    with duckdb.connect(str(ours.database), read_only=True) as connection:
        connection.execute(f"ATTACH '{peer.database}' (READ_ONLY)")
        for table in compared_tables():
            columns = ", ".join(column.name for column in table.contract.computed_columns)
            mine = f"SELECT {columns} FROM {ours.schema}.{table.name}"
            theirs = f"SELECT {columns} FROM {peer.schema}.{table.name}"
            for one, other in ((mine, theirs), (theirs, mine)):
                found = connection.execute(f"SELECT COUNT(*) FROM ({one} EXCEPT ALL {other})").fetchone()
                count += found[0] if found else 0
    return count


def until_readable(ours: Contender, warehouse: DuckDBWarehouse, start: date, end: date) -> Spent:
    """publish() of the whole range from nothing published; readable when the last table says so."""
    shutil.copy(ours.saved("raw"), ours.database)
    stamps: list[float] = []
    started, cpu = time.perf_counter(), time.process_time()
    publish(
        warehouse,
        Request(start, end),
        compared_tables(),
        progress=lambda line: stamps.append(time.perf_counter() - started),
    )
    return Spent(time.perf_counter() - started, time.process_time() - cpu, stamps[-1])


def measured_floor(warehouse: DuckDBWarehouse, start: date, end: date) -> Spent:
    """The least that fills the same cells (lean_floor.sql), and nothing that makes them safe."""
    started, cpu = time.perf_counter(), time.process_time()
    floor(warehouse, start, end)
    return Spent(time.perf_counter() - started, time.process_time() - cpu)


def middle(times: Sequence[Spent]) -> Spent:
    """The median of each figure."""
    return Spent(*(statistics.median(figures) for figures in zip(*times, strict=True)))


def show_all(title: str, times: dict[str, list[Spent]]) -> None:
    """A block: every contender's medians, without the warming round, and their ratios to the first's."""
    print(f"\n{title:44}{'seconds':>9}{'CPU s':>9}{'x ours':>9}{'x CPU':>9}")
    medians = {name: middle(spent[1:]) for name, spent in times.items()}
    reference = next(iter(medians.values()))
    for name, spent in medians.items():
        ratios = f"{spent.seconds / reference.seconds:9.1f}{spent.cpu / reference.cpu:9.1f}"
        print(f"  {name:42}{spent.seconds:9.2f}{spent.cpu:9.2f}{ratios}")


def show(what: str, seconds: float, cpu: float | None, reference: float) -> None:
    """One line, with its ratio to the reference's seconds."""
    spent = f"{cpu:9.2f}" if cpu is not None else " " * 9
    print(f"  {what:42}{seconds:9.2f}{spent}{seconds / reference:9.1f}")


if __name__ == "__main__":
    main()
