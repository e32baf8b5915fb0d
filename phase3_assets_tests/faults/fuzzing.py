"""Bad input at scale: numbered cases, each one night of two games of which one is bent, many nights in one warehouse.

What belongs here: what a case is, running cases, what became of them. What doesn't: bends (wrong_rows.py), damage to
files (damaged_files.py), what published rows must fulfil (domain_rules.py).

A case is its number: the night, the bend and its place follow from it. A hundred nights share a warehouse, a load
and a publication, for speed. `python -m phase3_assets_tests.faults.fuzzing NUMBER ...` runs cases alone and says what
they do.
"""

import os
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from click.testing import CliRunner

from phase3_assets.catalog.contracts import raw_contracts
from phase3_assets.cli import main
from phase3_assets.cli.common import HELD_BACK, WRONG_USAGE
from phase3_assets.demo.season import Row, SimulatedGame, raw_rows, simulate_season
from phase3_assets.errors import Phase3Error
from phase3_assets.loading.files import load_raw
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Publication, Request
from phase3_assets.publishing.states import reader_state
from phase3_assets.warehouse.duckdb.warehouse import DuckDBSession, DuckDBWarehouse
from phase3_assets.warehouse.schema import initialise
from phase3_assets_tests.faults.damaged_files import spoil
from phase3_assets_tests.faults.domain_rules import Published, differences, problems
from phase3_assets_tests.faults.scenes import PROPS
from phase3_assets_tests.faults.wrong_rows import CODES, REACHES_THE_NEIGHBOUR, SPELLINGS, bend
from phase3_assets_tests.support.files import as_ndjson
from phase3_assets_tests.support.games import SUMMARIES

NIGHTS = 100
"""Nights in one warehouse; case NUMBER is played on night NUMBER % NIGHTS."""
_FIRST_NIGHT = date(2024, 10, 22)
_DAYS_BETWEEN = 3  # a row moved by a day reaches no other case
_RAW_TABLES = tuple(raw_rows(()))
_WITH_LINES = 3  # players a game; rows of odds are nine tenths of all, and would be most of the time


@dataclass
class Case:
    """One case and what became of it."""

    number: int
    games: list[SimulatedGame]
    done: list[str] = field(default_factory=list)
    load_error: str | None = None
    states: list[tuple[str, str | None]] = field(default_factory=list)
    """Of the bent game, then of its neighbour."""
    wrong: list[str] = field(default_factory=list)
    """What must not be; empty where the case ended well."""

    @property
    def is_of_files(self) -> bool:
        """Whether a file is damaged, rather than rows bent."""
        return self.number % 5 == 0

    @property
    def is_correction(self) -> bool:
        """Whether the night was published from its true rows before."""
        return self.number // NIGHTS % 2 == 0

    @property
    def spares_the_neighbour(self) -> bool:
        """Whether nothing that was done speaks of the other game of the night: neither its file nor its teams."""
        teams = {repr(code) for code in (*CODES, self.games[1].home, self.games[1].away) if self._is_neighbours(code)}
        return not self.is_of_files and not any(
            text.startswith(REACHES_THE_NEIGHBOUR) or any(team in text for team in teams) for text in self.done
        )

    def _is_neighbours(self, code: str) -> bool:
        plain = code.strip().upper()
        return SPELLINGS.get(plain, plain) in (self.games[1].home, self.games[1].away)

    @property
    def outcome(self) -> str:
        """How it ended, in a word or two."""
        if self.load_error:
            return "load error"
        state, reason = self.states[0] if self.states else ("no game", None)
        return state if state in ("published", "no game") else f"{state}: {(reason or '').split(':')[0]}"

    def __str__(self) -> str:
        said = "; ".join(self.wrong) or self.load_error or str(self.states)
        return f"case {self.number} ({' + '.join(self.done)}): {said}"


def run_cases(numbers: Iterable[int], folder: Path, empty: bytes | None = None) -> list[Case]:
    """Run the cases, every hundred in a warehouse of their own below `folder`; `empty` may be an initialised one."""
    worlds: dict[int, list[int]] = {}
    for number in numbers:
        worlds.setdefault(number // NIGHTS, []).append(number)
    return [case for world in worlds.values() for case in _run_world(world, folder, empty)]


def how_to_repeat(cases: Iterable[Case]) -> str:
    """What to type to see these cases alone."""
    return f"python -m phase3_assets_tests.faults.fuzzing {' '.join(str(case.number) for case in cases)}"


def _run_world(numbers: Sequence[int], folder: Path, empty: bytes | None) -> list[Case]:
    nights = max(number % NIGHTS for number in numbers) + 1
    cases = [Case(number, _night(number % NIGHTS, nights)) for number in numbers]
    path = folder / f"world{numbers[0]}.duckdb"
    path.write_bytes(_template(tuple(case.number % NIGHTS for case in cases), cases[0].is_correction, empty))
    warehouse = DuckDBWarehouse(path)
    raw: dict[tuple[date, str], list[Row]] = {}
    for case in cases:
        _remember(raw, _raw_rows(case.games))
    _load_bent(warehouse, [case for case in cases if not case.is_of_files], raw)
    for case in (case for case in cases if case.is_of_files):
        _load_damaged(warehouse, case, raw)
    days = [case.games[0].game_date for case in cases]
    request = Request(min(days) - timedelta(days=1), max(days) + timedelta(days=1))
    publication = publish(warehouse, request)
    _judge(warehouse, cases, publication, raw)
    again = publish(warehouse, request)
    written = [
        outcome.game_id for report in again.reports for outcome in report.games if outcome.outcome == "published"
    ]
    failed = {
        finding.game_id: str(finding)
        for verdict in again.failed_checks
        if verdict.blocking
        for finding in verdict.findings
        if finding.game_id in again.games and reader_state(again.games[finding.game_id]) == ("published", None)
    }
    for case in cases:
        for game in case.games:
            case.wrong += [f"{game.game_id} was written again, from the same rows"] if game.game_id in written else []
            case.wrong += (
                [f"published without a reservation, and a check fails: {failed[game.game_id]}"]
                if game.game_id in failed
                else []
            )
    path.unlink()
    return cases


def _load_bent(warehouse: DuckDBWarehouse, cases: Sequence[Case], raw: dict[tuple[date, str], list[Row]]) -> None:
    """Bend every case's rows, and load the bent tables of all cases with one file each."""
    files: dict[str, list[Row]] = {table: [] for table in _RAW_TABLES}
    emptied: list[tuple[str, date]] = []
    for case in cases:
        generator = random.Random(case.number)
        game, neighbour = case.games
        rows = _raw_rows([game])
        case.done = bend(generator, rows, game, neighbour)
        true, others = _raw_rows([game]), _raw_rows([neighbour])
        for table in _RAW_TABLES:
            if rows[table] == true[table]:
                continue
            files[table] += rows[table] + others[table]
            emptied.append((table, game.game_date))
        _remember(raw, rows)
    with tempfile.TemporaryDirectory() as folder:
        for table, rows_of_file in files.items():
            columns = raw_contracts()[table].column_names
            if rows_of_file:
                text = as_ndjson([{name: _plain(row.get(name)) for name in columns} for row in rows_of_file])
                (Path(folder) / f"{table}.ndjson").write_text(text, encoding="utf-8")
        with warehouse.session() as session:
            for table, day in emptied:
                session._connection.execute(
                    f"DELETE FROM nba_raw.{table} WHERE {raw_contracts()[table].partition} = $day", {"day": day}
                )
        if any(files.values()):
            code, said = _load(warehouse, Path(folder))
            assert code == 0, f"rows that are legal for their columns did not load: {said}"


def _load_damaged(warehouse: DuckDBWarehouse, case: Case, raw: dict[tuple[date, str], list[Row]]) -> None:
    """Damage one of the night's files and load it: it loads, or says why not, in a sentence, and changes nothing."""
    generator = random.Random(case.number)
    table = generator.choice(_RAW_TABLES)
    with tempfile.TemporaryDirectory() as folder:
        name = spoil(generator, Path(folder), table, deepcopy(_raw_rows(case.games)[table]))
        case.done = [name]
        before = _content(warehouse, table)
        code, said = _load(warehouse, Path(folder), case.number % 50 == 45)
        after = _content(warehouse, table)
    if code == 0:
        with warehouse.session(read_only=True) as session:
            columns = ", ".join(raw_contracts()[table].column_names)
            loaded = session.query(
                f"SELECT {columns} FROM nba_raw.{table} WHERE {raw_contracts()[table].partition} = @day",
                {"day": case.games[0].game_date},
            )
        _remember(raw, {table: loaded})
        return
    case.load_error = said
    if code not in (1, 2) or "Traceback" in said or f"{table}." not in said or len(said) > 3000:
        case.wrong.append(f"exit code {code}, and says: {said}")
    if before != after:
        case.wrong.append(f"it did not load, and {table} is no longer as it was: {said}")


def _load(warehouse: DuckDBWarehouse, folder: Path, is_typed: bool = False) -> tuple[int | str, str]:
    """What `phase3 load-raw` says of a folder, and its exit code (or what escaped); typed as a person types it, or not.

    The command makes sure of every table and view first, which takes ten times as long as the load.
    """
    if not is_typed:
        try:
            failures, _ = load_raw(warehouse, folder)
        except Phase3Error as error:
            return WRONG_USAGE, str(error)
        except Exception as error:  # noqa: BLE001 - whatever escapes is what is being looked for
            return repr(error), f"Traceback: {error!r}"
        return (HELD_BACK if failures else 0), "\n".join(failures)
    result = CliRunner().invoke(main, ["load-raw", str(folder)], env={"PHASE3_DUCKDB_PATH": str(warehouse.path)})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        return repr(result.exception), f"Traceback: {result.exception!r}"
    return result.exit_code, result.stderr.strip()


def _judge(
    warehouse: DuckDBWarehouse,
    cases: Sequence[Case],
    publication: Publication,
    raw: dict[tuple[date, str], list[Row]],
) -> None:
    rows: dict[str, dict[str, list[Row]]] = {}
    with warehouse.session(read_only=True) as session:
        for table in SUMMARIES:
            rows[table] = {}
            for row in session.query(f"SELECT * FROM nba_analytics.{table}"):
                rows[table].setdefault(row["game_id"], []).append(row)
    states = {game_id: reader_state(game) for game_id, game in publication.games.items()}
    published = Published(rows, states, raw)
    by_date: dict[date, list[str]] = {}
    for game_id, said in problems(published).items():
        day = date.fromisoformat(f"{game_id[:4]}-{game_id[4:6]}-{game_id[6:8]}")
        by_date.setdefault(day, []).extend(f"{game_id}: {what}" for what in said)
    for case in cases:
        night = case.games[0].game_date
        for offset in (-1, 0, 1):
            case.wrong += by_date.get(night + timedelta(days=offset), [])
        case.states = [states.get(game.game_id, ("no game", None)) for game in case.games]
        if case.load_error or case.spares_the_neighbour:
            case.wrong += [f"the other game of the night: {what}" for what in differences(published, case.games[1])]
        if case.load_error:
            case.wrong += [f"its rows did not load: {what}" for what in differences(published, case.games[0])]
        if case.is_correction and case.states[0][0] != "void":
            shown = [table for table in SUMMARIES if case.games[0].game_id in rows[table]]
            held = case.states[0][0] in ("quarantined", "published", "no game")
            case.wrong += [] if len(shown) == 3 or held else [f"published before, and now only in {shown}"]


def _content(warehouse: DuckDBWarehouse, table: str) -> tuple[object, ...] | None:
    with warehouse.session(read_only=True) as session:
        return session._connection.execute(
            f"SELECT COUNT(*), SUM(hash(loaded)::HUGEINT) FROM nba_raw.{table} AS loaded"
        ).fetchone()


def _remember(raw: dict[tuple[date, str], list[Row]], rows: dict[str, list[Row]]) -> None:
    for table, of_table in rows.items():
        partition = raw_contracts()[table].partition
        for row in of_table:
            if isinstance(row[partition], date):
                raw.setdefault((row[partition], table), []).append(row)


def _plain(value: object) -> object:
    """JSON has no NaN and no infinity: they travel as texts, which the loader takes for a FLOAT64."""
    return (
        str(value) if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))) else value
    )


@cache
def _slates(nights: int) -> list[list[SimulatedGame]]:
    """Two games a date, for at least so many dates: the same ones, however many are asked for."""
    by_date: dict[date, list[SimulatedGame]] = {}
    for game in simulate_season(1, _FIRST_NIGHT, nights * 11 // 10 + 3):
        by_date.setdefault(game.game_date, []).append(game)
    return [games[:2] for games in by_date.values()]


def _night(position: int, nights: int) -> list[SimulatedGame]:
    """The games of one night of so many: the one to be bent, and its neighbour."""
    day = _FIRST_NIGHT + timedelta(days=_DAYS_BETWEEN * position)
    return [replace(game, game_date=day) for game in _slates(nights)[position]]


def _raw_rows(games: Iterable[SimulatedGame]) -> dict[str, list[Row]]:
    """Everything the sources have written, but the lines of few players only."""
    rows: dict[str, list[Row]] = {table: [] for table in _RAW_TABLES}
    for game in games:
        of_game = raw_rows([game])
        few = sorted({row["player_lookup"] for row in of_game[PROPS]})[:_WITH_LINES]
        of_game[PROPS] = [row for row in of_game[PROPS] if row["player_lookup"] in few]
        for table, more in of_game.items():
            rows[table] += more
    return rows


@cache
def _template(positions: tuple[int, ...], is_published: bool, empty: bytes | None) -> bytes:
    """A warehouse file with the true rows of these nights, published or only loaded."""
    folder = Path(tempfile.mkdtemp())
    try:
        warehouse = DuckDBWarehouse(folder / "warehouse.duckdb")
        if empty:
            warehouse.path.write_bytes(empty)
        else:
            initialise(warehouse)
        games = [game for position in positions for game in _night(position, max(positions) + 1)]
        with warehouse.session() as session:
            _append(session, _raw_rows(games))
        if is_published:
            publish(warehouse, Request(games[0].game_date, games[-1].game_date))
        return warehouse.path.read_bytes()
    finally:
        shutil.rmtree(folder)


def _append(session: DuckDBSession, rows: dict[str, list[Row]]) -> None:
    for table, of_table in rows.items():
        session.append(raw_contracts()[table], of_table)


def tell(cases: Sequence[Case]) -> str:
    """How the cases ended, and each that ended badly."""
    counted = Counter(case.outcome for case in cases)
    lines = [f"{count:6} {outcome}" for outcome, count in counted.most_common()]
    bad = [case for case in cases if case.wrong]
    lines.append(f"{len(cases)} cases, {len(bad)} of them wrong")
    lines += [str(case) for case in bad]
    return "\n".join(lines + ([how_to_repeat(bad)] if bad else []))


if __name__ == "__main__":
    os.environ.setdefault("XDG_CACHE_HOME", tempfile.gettempdir())
    with tempfile.TemporaryDirectory() as scratch:
        ended = run_cases([int(argument) for argument in sys.argv[1:]], Path(scratch))
    for one in ended:
        sys.stdout.write(f"{one}\n")
    sys.stdout.write(f"{tell(ended)}\n")
