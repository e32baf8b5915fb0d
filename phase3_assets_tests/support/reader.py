"""A reader who looks at the published tables all the time, and remembers everything that was ever visible.

What belongs here: looking, and holding what was seen against what may be seen. What doesn't: causing failures (the
tests), what the true rows are (scenes.py).

DuckDB lets no other process in while one writes, so the reader looks through a connection of its own on the writer's
database, from a thread, for as long as a session is open, and once more when it has ended: whatever is committed at any
moment, and no more, is visible to it. Where a test has another process write, it looks between that one's steps.
"""

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import duckdb

from phase3_assets.warehouse.duckdb.warehouse import DuckDBSession, DuckDBWarehouse
from phase3_assets_tests.support.games import SUMMARIES

PAUSE_SECONDS = 0.05
Version = tuple[int, ...]
"""All rows of one game in one table, each as a hash of all that it says of the game but for its quality issues."""
Snapshot = dict[tuple[str, str], Version]
"""What is visible at one moment, by table and game."""

_LOOK = " UNION ALL ".join(
    f"SELECT '{table}', game_id, list_sort(list(hash(meaning))) FROM "
    "(SELECT * EXCLUDE (publication_id, processed_at, code_version, data_hash, quality_issues) "
    f"FROM warehouse.nba_analytics.{table}) AS meaning "
    "GROUP BY game_id"
    for table in SUMMARIES
)


def look(connection: duckdb.DuckDBPyConnection) -> Snapshot:
    """What is visible now, in one transaction."""
    return {(table, game): tuple(rows) for table, game, rows in connection.execute(_LOOK).fetchall()}


class Reader:
    """Remembers what was visible; at the end, nothing else may have been than what was allowed."""

    def __init__(self, truth: Snapshot) -> None:
        self.allowed: dict[tuple[str, str], set[Version]] = {key: {version} for key, version in truth.items()}
        self.looks = 0
        self._seen: list[Snapshot] = []
        self._may_vanish: set[str] = set()

    def allow(self, truth: Snapshot) -> None:
        """These versions are true as well: after a correction, or from a second source."""
        for key, version in truth.items():
            self.allowed.setdefault(key, set()).add(version)

    def allow_by_hand(self, now: Snapshot) -> None:
        """Somebody has just written to the published tables: what is there, or gone, is not the pipeline's doing."""
        self.allow(now)
        self._may_vanish |= {game for table, game in self.allowed if (table, game) not in now}
        self.remember(now)

    def allow_absence(self, *games: str) -> None:
        """The game was called off: its rows are to go."""
        self._may_vanish |= set(games)

    def remember(self, snapshot: Snapshot) -> None:
        """Keep a look; one that shows what the last one did is only counted."""
        self.looks += 1
        if not self._seen or self._seen[-1] != snapshot:
            self._seen.append(snapshot)

    @contextmanager
    def looking(self, connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
        """Look all the while, and once more afterwards."""
        is_over = threading.Event()

        def look_on() -> None:
            pause = PAUSE_SECONDS
            while not is_over.wait(pause):
                started = time.monotonic()
                self.remember(look(connection))
                # A tenth of the time at most: the reader must not be what slows the writer down.
                pause = max(PAUSE_SECONDS, 9 * (time.monotonic() - started))

        thread = threading.Thread(target=look_on)
        thread.start()
        try:
            yield
        finally:
            is_over.set()
            thread.join()
            self.remember(look(connection))
            connection.close()

    def assert_only_the_truth_was_seen(self) -> None:
        """Never a wrong, duplicate or half game; never one that had been there and was gone."""
        assert self.looks, "nobody looked"
        before: Snapshot = {}
        for now in self._seen:
            for key, version in now.items():
                assert version in self.allowed.get(key, ()), f"readers saw other rows than the true ones: {key}"
            gone = [key for key in before if key not in now and key[1] not in self._may_vanish]
            assert gone == [], f"readers lost rows that were there: {gone}"
            before = now

    def has_seen(self, games: Iterable[str]) -> bool:
        """Whether any row of these games was ever visible."""
        wanted = set(games)
        return any(game in wanted for snapshot in self._seen for _, game in snapshot)


class WatchedWarehouse(DuckDBWarehouse):
    """A warehouse with a reader looking on while anybody writes."""

    reader: Reader | None = None

    @contextmanager
    def session(
        self, read_only: bool = False, wait_seconds: float | None = None, run_id: str = ""
    ) -> Iterator[DuckDBSession]:
        with super().session(read_only, wait_seconds, run_id) as session:
            if read_only or self.reader is None:
                yield session
                return
            with self.reader.looking(session._connection.cursor()):
                yield session
