"""What an asset asks for: a table's publication report for its partitions.

What belongs here: the resource between Dagster's assets and the publishing core. What doesn't: Dagster itself
(assets.py), the core (publishing.py).

In the UI, a backfill or a sensor's run the report comes from publishing there and then. The command line publishes the
whole range first, in one pass, and hands its reports to the run that records them: the same core either way.
"""

import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from phase3_assets.checking import Verdict, check_published
from phase3_assets.game_states import refresh_states
from phase3_assets.outcomes import Publication, Request, TableReport
from phase3_assets.pacing import Pacing
from phase3_assets.partitions import FIRST_DATE, today
from phase3_assets.publishing import publish
from phase3_assets.readiness import Game
from phase3_assets.retention import Pruned, Retention, prune
from phase3_assets.settings import Settings
from phase3_assets.tables import PublishedTable, published_tables
from phase3_assets.thresholds import Thresholds
from phase3_assets.verifying import Drift, verify
from phase3_assets.warehouse import Warehouse, open_warehouse

Say = Callable[[str], None]


class Publisher:
    """Publishes and checks a table on request."""

    def __init__(
        self,
        warehouse: Warehouse | None = None,
        thresholds: Thresholds | None = None,
        pacing: Pacing | None = None,
    ) -> None:
        self._warehouse = warehouse
        self.thresholds = thresholds or Thresholds.from_environment()
        self.pacing = pacing or Pacing.from_environment()
        self._checked: dict[tuple[str, str], list[Verdict]] = {}

    @property
    def warehouse(self) -> Warehouse:
        """The warehouse; the environment's, opened on first use, where none was given."""
        self._warehouse = self._warehouse or open_warehouse(Settings.from_environment())
        return self._warehouse

    def readiness(self, request: Request) -> dict[str, Game]:
        """Bring game_readiness up to date and return the games."""
        return refresh_states(self.warehouse, request.start, request.end, self.thresholds, request.run_id)

    def report(self, request: Request, table: PublishedTable, say: Say = lambda line: None) -> TableReport:
        """Publish one table for the request; its checks are made in the same session, for check() to hand out.

        Where games only wait for upstream rows, which another run may be publishing, it looks again until they have
        come or pacing.gate_wait_seconds are over. An automatic request does not wait: where runs take turns it would
        keep out the very run that it waits for, and its sensor looks again anyway.
        """
        publication = publish(self.warehouse, request, [table], self.thresholds)
        for pause in self.pacing.gate_pauses():
            pending = publication.reports[0].pending
            if not pending or request.is_automatic:
                break
            say(f"{len(pending)} games wait: {pending[0].reason}; looking again in {pause:.0f} s")
            time.sleep(pause)
            publication = publish(self.warehouse, request, [table], self.thresholds)
        self._checked[request.run_id, table.name] = publication.verdicts
        return publication.reports[0]

    def check(self, start: date, end: date, table: PublishedTable, run_id: str) -> list[Verdict]:
        """The verdicts on what is published of one table: those made as this run published it, else made now."""
        made = self._checked.pop((run_id, table.name), None)
        return made or check_published(self.warehouse, start, end, [table], self.thresholds, run_id)

    def recent_dates(self, table: PublishedTable) -> list[str]:
        """The 30 dates up to the latest one that the table has rows of; today where it has none."""
        with self.warehouse.session(read_only=True) as session:
            latest = session.query(
                f"SELECT MAX(game_date) AS day FROM {table.contract.full_name} WHERE game_date >= @first_date",
                {"first_date": FIRST_DATE},
            )[0]["day"]
        last = latest or today()
        return [(last - timedelta(days=back)).isoformat() for back in range(29, -1, -1)]

    def verify(self, request: Request, tables: Sequence[PublishedTable] | None = None) -> list[Drift]:
        """Hold published tables (all, by default) against what their publications recorded.

        What is found, game_readiness says as well.
        """
        drifts = verify(self.warehouse, request.start, request.end, tables or published_tables(), request.run_id)
        if drifts:
            days = [drift.game_date for drift in drifts]
            refresh_states(self.warehouse, min(days), max(days), self.thresholds, request.run_id)
        return drifts

    def prune(self, run_id: str) -> list[Pruned]:
        """Delete what is older than is to be kept."""
        return prune(self.warehouse, Retention.from_environment(), run_id)


class FinishedPublisher(Publisher):
    """A publisher whose work is done: it hands out what a pass over the same range has just done."""

    def __init__(self, publication: Publication) -> None:
        super().__init__()
        self._publication = publication

    def readiness(self, request: Request) -> dict[str, Game]:
        """The games of the pass."""
        return self._publication.games

    def report(self, request: Request, table: PublishedTable, say: Say = lambda line: None) -> TableReport:
        """The report of the pass."""
        return next(report for report in self._publication.reports if report.table == table.name)

    def check(self, start: date, end: date, table: PublishedTable, run_id: str) -> list[Verdict]:
        """The verdicts of the pass."""
        return [verdict for verdict in self._publication.verdicts if verdict.table == table.name]
