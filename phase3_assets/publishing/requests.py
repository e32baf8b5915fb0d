"""What is asked of a publication, and what it reports.

What belongs here: requests, and outcomes per game, table and pass. What doesn't: arriving at them (turn.py).
"""

from dataclasses import dataclass, field
from datetime import date

from phase3_assets.publishing.audit import Finding
from phase3_assets.publishing.check import Verdict
from phase3_assets.publishing.game import Game
from phase3_assets.publishing.standing import NOTHING_AGAINST_IT, Standing
from phase3_assets.publishing.vocabulary import Outcome, Severity
from phase3_assets.warehouse.interface import Row


@dataclass(frozen=True)
class Request:
    """What to publish: dates, and optionally only some games; `repair` computes even games that look decided."""

    start: date
    end: date
    game_ids: frozenset[str] | None = None
    run_id: str = "manual"
    repair: bool = False
    is_automatic: bool = False
    """Whether a sensor asked. It will ask again, so missing rows are neither waited for nor an error."""

    @property
    def names_changes(self) -> bool:
        """Whether a sensor named these games because their raw rows have changed."""
        return self.is_automatic and self.game_ids is not None

    def covers(self, game: Game) -> bool:
        """Whether the request is about this game."""
        return self.game_ids is None or game.game_id in self.game_ids


@dataclass(frozen=True)
class GameOutcome:
    """What a publication did with one game of one table."""

    game_date: date
    game_id: str
    outcome: Outcome
    reason: str | None = None
    """A sentence for people; no code decides by it."""
    rows: int = 0
    rows_added: int = 0
    rows_changed: int = 0
    rows_removed: int = 0
    findings: tuple[Finding, ...] = ()
    is_pending: bool = False
    """Gated only because upstream rows are missing, which may come at any moment."""
    is_expected: bool = False
    """Gated, and nobody misses the rows: the game is not final, will never be, or was waived."""
    standing: Standing = NOTHING_AGAINST_IT
    """What blocks the game, and what is wrong with the rows readers see."""

    @property
    def is_held_back(self) -> bool:
        """Whether this table keeps a final game's rows, or their newest version, from readers."""
        is_gated = self.outcome is Outcome.GATED and not self.is_expected
        return is_gated or self.outcome is Outcome.QUARANTINED


@dataclass
class TableReport:
    """What a publication did with one table."""

    table: str
    publication_id: str
    games: list[GameOutcome] = field(default_factory=list)
    seconds: float = 0.0
    usage: dict[str, float] = field(default_factory=dict)
    """What the work cost: jobs, bytes_billed, slot_seconds, retries; empty where nothing is billed."""
    rows_visible: dict[date, int] = field(default_factory=dict)
    """Visible rows per date after the run, including games outside the request."""
    previews: dict[date, list[Row]] = field(default_factory=dict)
    """Rows of `sql/tables/<table>/preview.sql` per date, as readers see them after the run."""

    @property
    def pending(self) -> list[GameOutcome]:
        """The games that only wait for upstream rows."""
        return [game for game in self.games if game.is_pending]

    @property
    def has_changed(self) -> bool:
        """Whether readers see other rows than before."""
        return any(game.outcome in (Outcome.PUBLISHED, Outcome.WITHDRAWN) for game in self.games)

    @property
    def sentence(self) -> str:
        """What was done, in one line."""
        return (
            f"{self.table}: {self.count(Outcome.PUBLISHED)} games published, "
            f"{self.count(Outcome.UNCHANGED)} unchanged, "
            f"{sum(game.is_held_back for game in self.games)} held back ({self.seconds:.2f} s)"
        )

    def by_date(self) -> dict[date, list[GameOutcome]]:
        """The outcomes of each date that has any."""
        outcomes: dict[date, list[GameOutcome]] = {}
        for game in self.games:
            outcomes.setdefault(game.game_date, []).append(game)
        return outcomes

    def count(self, outcome: str) -> int:
        """How many games had that outcome."""
        return sum(game.outcome == outcome for game in self.games)


@dataclass
class Publication:
    """What one pass over a range did: every scheduled game as it stands now, and a report per table."""

    games: dict[str, Game]
    reports: list[TableReport] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    completion: list[Row] = field(default_factory=list)
    """Rows of phase3_completion after the pass, where its caller has read them (completion.py)."""

    @property
    def failed_checks(self) -> list[Verdict]:
        """Checks on the rows now published that failed with an error."""
        return [verdict for verdict in self.verdicts if not verdict.passed and verdict.severity is Severity.ERROR]

    @property
    def held_back(self) -> list[GameOutcome]:
        """Final games that some table does not show, or not in their newest version; one outcome per game."""
        first: dict[str, GameOutcome] = {}
        for report in self.reports:
            for outcome in report.games:
                if outcome.is_held_back:
                    first.setdefault(outcome.game_id, outcome)
        return list(first.values())
