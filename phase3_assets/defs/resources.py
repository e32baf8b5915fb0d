"""The resource that Dagster's assets ask for a table's publication report for their partitions.

What belongs here: the resource between Dagster's assets and the publishing core. What doesn't: Dagster itself
(assets.py), the core (publishing/publish.py).

Every run is one pass with one survey, no matter what started it. In a run of the UI, a backfill or a sensor, the first
step publishes every table that the run's process is to publish, and the later steps hand out their reports. Where each
step has a process of its own, each is a pass over its one table. The command line publishes first, and hands its
reports to the run that records them. The publishing core is the same either way.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from phase3_assets.catalog.tables import PublishedTable, published_tables
from phase3_assets.errors import PublicationError
from phase3_assets.publishing.check import Verdict, check_published
from phase3_assets.publishing.completion import read_completion
from phase3_assets.publishing.drift import Drift, verify
from phase3_assets.publishing.game import Game
from phase3_assets.publishing.prune import Pruned, prune
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.readiness import refresh_states
from phase3_assets.publishing.requests import Publication, Request, TableReport
from phase3_assets.settings.calendar import FIRST_DATE, today
from phase3_assets.settings.locations import Settings
from phase3_assets.settings.pacing import Pacing
from phase3_assets.settings.retention import Retention
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.interface import Row, Warehouse
from phase3_assets.warehouse.opening import open_warehouse

Say = Callable[[str], None]

WRITER_POOL = "phase3_writer"
"""Dagster's pool of every step that asks a Publisher to write. The core admits one writer at a time, so a queue that
knows pools need not start a second one only to have it wait."""


@dataclass
class _Pass:
    """Results of a run's first step that the run's later steps have not asked for yet."""

    reports: dict[str, TableReport] = field(default_factory=dict)
    errors: dict[str, Exception] = field(default_factory=dict)
    handed_out: set[str] = field(default_factory=set)

    def take(self, table: str) -> TableReport | None:
        """Return a table's report, or raise its error, once; None where there is neither, or it was handed out."""
        self.handed_out.add(table)
        if table in self.errors:
            raise self.errors.pop(table)
        return self.reports.pop(table, None)


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
        self._passes: dict[Request, _Pass] = {}

    @property
    def warehouse(self) -> Warehouse:
        """The given warehouse, or else the environment's, opened on first use."""
        self._warehouse = self._warehouse or open_warehouse(Settings.from_environment())
        return self._warehouse

    def readiness(self, request: Request, tables: Sequence[PublishedTable] = ()) -> dict[str, Game]:
        """Bring game_readiness up to date and return the games.

        `tables` are those that the same process is to publish for the request. They are published in the same pass,
        and report() hands out their reports.
        """
        if not tables:
            return refresh_states(self.warehouse, request.start, request.end, self.thresholds, request.run_id)
        return self._publish(request, tables).games

    def report(
        self,
        request: Request,
        table: PublishedTable,
        say: Say = lambda line: None,
        tables: Sequence[PublishedTable] = (),
    ) -> TableReport:
        """Publish one table for the request and return its report.

        The table's checks are made in the same session, and check() hands them out. Where an earlier step has already
        published the table for the same request, its report is returned. `tables` are all that the same process is to
        publish for the request: those that no step has asked for yet are published in the same pass.

        Where games only wait for upstream rows, which another run may be publishing, publish again until the rows have
        come or pacing.gate_wait_seconds are over. An automatic request does not wait: where runs take turns, it would
        keep out the very run that it waits for, and its sensor looks again anyway.
        """
        report = self._pass(request).take(table.name) or self._published(request, table, tables)
        for pause in self.pacing.gate_pauses():
            if not report.pending or request.is_automatic:
                break
            say(f"{len(report.pending)} games wait: {report.pending[0].reason}; looking again in {pause:.0f} s")
            time.sleep(pause)
            report = self._published(request, table, tables)
        return report

    def completion(self, request: Request) -> list[Row]:
        """The rows of phase3_completion of the request's dates.

        A pass of this process over the request has brought them up to date; where there was none, it is done now.
        """
        if request not in self._passes:
            self.readiness(request)
        with self.warehouse.session(read_only=True, run_id=request.run_id) as session:
            return read_completion(session, request.start, request.end)

    def _pass(self, request: Request) -> _Pass:
        return self._passes.setdefault(request, _Pass())

    def _published(self, request: Request, table: PublishedTable, tables: Sequence[PublishedTable]) -> TableReport:
        """Publish a table now, and those of `tables` that no step has asked for yet; return the table's report."""
        known = self._pass(request)
        self._publish(request, [table, *(t for t in tables if t.name not in known.handed_out | set(known.errors))])
        report = known.take(table.name)
        if report is None:
            raise PublicationError(
                f"{table.name} was not published: a table that it reads failed a blocking check; what was published "
                "before stays. Run it again once that table is right"
            )
        return report

    def _publish(self, request: Request, tables: Sequence[PublishedTable]) -> Publication:
        """Publish the tables and keep what their steps will ask for.

        An error is kept for the table at work: that table's own step raises it, and the reports of the tables before it
        stand. An error before the first table is raised at once.
        """
        publication, known = Publication({}), self._pass(request)
        stops = request.start == request.end  # as in checks.py: a range's checks block nothing
        try:
            publish(
                self.warehouse, request, tables, self.thresholds, publication=publication, stops_at_failed_checks=stops
            )
        except Exception as error:
            if not publication.games:
                raise
            reported = {report.table for report in publication.reports}
            in_order = [table.name for table in published_tables() if table in tables]
            at_work = next((name for name in in_order if name not in reported), in_order[-1])
            known.errors[at_work] = error
        for report in publication.reports:
            known.reports[report.table] = report
            verdicts = [verdict for verdict in publication.verdicts if verdict.table == report.table]
            self._checked[request.run_id, report.table] = verdicts
        return publication

    def check(self, start: date, end: date, table: PublishedTable, run_id: str) -> list[Verdict]:
        """The verdicts on one table's published rows: those made when this run published it, else made now."""
        made = self._checked.pop((run_id, table.name), None)
        return made or check_published(self.warehouse, start, end, [table], self.thresholds, run_id)

    def measured(self, table: PublishedTable, run_id: str) -> dict[date, dict[str, float]]:
        """By date, what the checks measured when this run published the table."""
        return _measured(self._checked.get((run_id, table.name), []))

    def recent_dates(self, table: PublishedTable) -> list[str]:
        """The 30 dates up to the latest date with rows of the table, or up to today where it has none."""
        day = table.contract.partition
        with self.warehouse.session(read_only=True) as session:
            latest = session.query(
                f"SELECT MAX({day}) AS day FROM {table.contract.full_name} WHERE {day} >= @first_date",
                {"first_date": FIRST_DATE},
            )[0]["day"]
        last = latest or today()
        return [(last - timedelta(days=back)).isoformat() for back in range(29, -1, -1)]

    def verify(self, request: Request, tables: Sequence[PublishedTable] | None = None) -> list[Drift]:
        """Compare published tables (all, by default) with what their publications recorded.

        Where drift is found, game_readiness is brought up to date and shows it as well.
        """
        drifts = verify(self.warehouse, request.start, request.end, tables or published_tables(), request.run_id)
        if drifts:
            days = [drift.game_date for drift in drifts]
            refresh_states(self.warehouse, min(days), max(days), self.thresholds, request.run_id)
        return drifts

    def prune(self, run_id: str) -> list[Pruned]:
        """Delete what the environment's retention settings no longer keep."""
        return prune(self.warehouse, Retention.from_environment(), run_id)


class FinishedPublisher(Publisher):
    """A publisher whose work is done: it hands out the results of a pass over the same range."""

    def __init__(self, publication: Publication) -> None:
        super().__init__()
        self._publication = publication

    def readiness(self, request: Request, tables: Sequence[PublishedTable] = ()) -> dict[str, Game]:
        """The games of the pass."""
        return self._publication.games

    def report(
        self,
        request: Request,
        table: PublishedTable,
        say: Say = lambda line: None,
        tables: Sequence[PublishedTable] = (),
    ) -> TableReport:
        """The report of the pass."""
        return next(report for report in self._publication.reports if report.table == table.name)

    def completion(self, request: Request) -> list[Row]:
        """The rows that the pass has read, if any."""
        return self._publication.completion

    def check(self, start: date, end: date, table: PublishedTable, run_id: str) -> list[Verdict]:
        """The verdicts of the pass."""
        return [verdict for verdict in self._publication.verdicts if verdict.table == table.name]

    def measured(self, table: PublishedTable, run_id: str) -> dict[date, dict[str, float]]:
        """What the checks of the pass measured."""
        return _measured(self.check(date.min, date.max, table, run_id))


def _measured(verdicts: Sequence[Verdict]) -> dict[date, dict[str, float]]:
    figures: dict[date, dict[str, float]] = {}
    for verdict in verdicts:
        of_date = figures.setdefault(verdict.date, {})
        of_date |= {metric.name: metric.value for metric in verdict.metrics if metric.value is not None}
    return figures
