"""What an asset asks for: a table's publication report for its partitions.

What belongs here: the resource between Dagster's assets and the publishing core. What doesn't: Dagster itself
(assets.py), the core (publishing.py).

In the UI, a backfill or a sensor's run the report comes from publishing there and then. The command line publishes the
whole range first, in one pass, and hands its reports to the run that records them: the same core either way.
"""

from phase3_assets.publishing import Publication, Request, TableReport, publish, refresh_readiness
from phase3_assets.readiness import Game
from phase3_assets.settings import Settings
from phase3_assets.tables import PublishedTable
from phase3_assets.thresholds import Thresholds
from phase3_assets.warehouse import Warehouse, open_warehouse


class Publisher:
    """Publishes a table on request."""

    def __init__(self, warehouse: Warehouse | None = None, thresholds: Thresholds | None = None) -> None:
        self.warehouse = warehouse or open_warehouse(Settings.from_environment())
        self.thresholds = thresholds or Thresholds.from_environment()

    def readiness(self, request: Request) -> dict[str, Game]:
        """Bring game_readiness up to date and return the games."""
        return refresh_readiness(self.warehouse, request)

    def report(self, request: Request, table: PublishedTable) -> TableReport:
        """Publish one table for the request."""
        return publish(self.warehouse, request, [table], self.thresholds).reports[0]


class FinishedPublisher(Publisher):
    """A publisher whose work is done: it returns the reports of a pass that has just published the same range."""

    def __init__(self, warehouse: Warehouse, publication: Publication) -> None:
        super().__init__(warehouse)
        self._reports = {report.table: report for report in publication.reports}
        self._games = publication.games

    def readiness(self, request: Request) -> dict[str, Game]:
        """The games of the pass."""
        return self._games

    def report(self, request: Request, table: PublishedTable) -> TableReport:
        """The report of the pass."""
        return self._reports[table.name]
