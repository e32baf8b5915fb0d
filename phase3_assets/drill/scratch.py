"""The folder in which a drill is played: a warehouse, its raw rows, and commands that can reach nothing else.

What belongs here: making it, running commands in it, what readers see of it. What doesn't: what happens in it
(incidents.py).
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb

import phase3_assets
from phase3_assets.catalog.contracts import SQL_FOLDER, raw_contracts
from phase3_assets.catalog.tables import published_tables
from phase3_assets.catalog.versions import content_sql
from phase3_assets.demo.season import Row, SimulatedGame, raw_rows, simulate_season
from phase3_assets.demo.story import load_rows
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets.warehouse.schema import initialise

NIGHT = date(2025, 11, 19)
SEED = 2026
_GAMES = 3
_PATIENCE_SECONDS = 600
_NOT_INHERITED = ("PHASE3_", "DAGSTER_", "BIGQUERY_", "GOOGLE_")

Seen = Mapping[tuple[str, str], str]
"""A hash of what readers see, by table and game."""


@dataclass
class Scratch:
    """One drill's folder. Its games are made up, and always the same."""

    folder: Path
    games: list[SimulatedGame] = field(default_factory=lambda: simulate_season(SEED, NIGHT, 1)[:_GAMES])
    code: Path | None = None
    """Where the project's code lies, if not where this process has it from: a deployment of the drill's own."""

    def __post_init__(self) -> None:
        """Make an empty warehouse."""
        self.rows = raw_rows(self.games)
        initialise(self.warehouse)

    @property
    def path(self) -> Path:
        """The warehouse file."""
        return self.folder / "warehouse.duckdb"

    @property
    def warehouse(self) -> DuckDBWarehouse:
        """The warehouse."""
        return DuckDBWarehouse(self.path)

    def rows_of(self, table: str, game: SimulatedGame) -> list[Row]:
        """The raw rows of a game, to be changed in place."""
        return [row for row in self.rows[table] if row.get("game_id") in (game.game_id, game.nba_game_id)]

    def load(self, *tables: str) -> None:
        """Load raw tables (all, by default) as they now are."""
        load_rows(self.warehouse, {name: self.rows[name] for name in tables or self.rows})

    def publish(self) -> None:
        """Publish the night, in this process and by this process's code."""
        publish(self.warehouse, Request(NIGHT, NIGHT, run_id="drill"), None, Thresholds())

    def write_files(self, name: str, tables: Sequence[str]) -> None:
        """Write raw tables as they now are as files into a folder, as a loader would leave them."""
        (self.folder / name).mkdir()
        for table in tables:
            columns = raw_contracts()[table].column_names
            lines = [json.dumps({**dict.fromkeys(columns), **row}, default=str) for row in self.rows[table]]
            (self.folder / name / f"{table}.ndjson").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def write_by_hand(self, statement: str) -> int:
        """Somebody opens the file and writes; returns how many rows the statement changed."""
        connection = duckdb.connect(str(self.path))
        try:
            (count,) = connection.execute(statement).fetchone() or (0,)
            return int(count)
        finally:
            connection.close()

    def seen(self) -> Seen:
        """What readers see of the night."""
        dates = {"start_date": NIGHT, "end_date": NIGHT}
        found = {}
        with self.warehouse.session(read_only=True) as session:
            for table in published_tables():
                for row in session.query(content_sql(table.name), dates):
                    found[table.name, row["game_id"]] = row["content_hash"]
        return found

    def run(self, arguments: Sequence[str]) -> str:
        """Run `phase3 ARGUMENTS` in the folder, in a process that knows no other warehouse; returns what it prints."""
        command = [sys.executable, "-m", "phase3_assets.cli", *arguments]
        done = subprocess.run(  # noqa: S603 - the arguments are a drill's own, or an answer that was judged right
            command,
            cwd=self.folder,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_PATIENCE_SECONDS,
        )
        return done.stdout.rstrip()

    def deploy(self, name: str, changes: Mapping[str, tuple[str, str]]) -> None:
        """Put the project's code into `releases/NAME`, with a text of some files under `sql/` replaced by another."""
        target = self.folder / "releases" / name / "phase3_assets"
        source, without = Path(phase3_assets.__file__).parent, shutil.ignore_patterns("__pycache__", "sql")
        shutil.copytree(source, target, ignore=without)
        shutil.copytree(SQL_FOLDER, target / "sql")
        for file, (old, new) in changes.items():
            path = target / "sql" / file
            path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")

    def point_to(self, name: str) -> None:
        """Make `current`, which every command of the drill uses from now on, lead to a release."""
        link = self.folder / "current"
        link.unlink(missing_ok=True)
        link.symlink_to(Path("releases") / name)
        self.code = link

    def _environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_INHERITED)}
        code = self.code or Path(phase3_assets.__file__).parents[1]
        own = {
            "PHASE3_DUCKDB_PATH": str(self.path),
            "DAGSTER_HOME": str(self.folder / "dagster"),
            "PHASE3_BACKUP_FOLDER": "none",
            "PHASE3_DISK_FREE_GIB": "0",
            "PYTHONPATH": str(code),
        }
        if self.code:
            # Another code's prepared texts must not take the place of those that the user's own commands keep.
            own["XDG_CACHE_HOME"] = str(self.folder / "cache" / self.code.resolve().name)
        return {**inherited, **own}
