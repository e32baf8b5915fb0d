"""The whole morning: every line of the checklist, and the verdict.

What belongs here: which lines there are, and in which order. What doesn't: a line (the modules beside this one).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from phase3_assets.health.code import read_code_lines
from phase3_assets.health.drift import drift_lines
from phase3_assets.health.line import Line, Verdict, bad, by_gravity, good, gravest
from phase3_assets.health.machine import backup_line, disk_line
from phase3_assets.health.night import night_lines, read_night
from phase3_assets.health.running import Dagster
from phase3_assets.health.running import lines as running_lines
from phase3_assets.reading.schedule import nearest_dates
from phase3_assets.settings.calendar import today
from phase3_assets.settings.locations import Settings
from phase3_assets.settings.operation import Backups, Operation
from phase3_assets.settings.software import installed
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.interface import Warehouse
from phase3_assets.warehouse.schema import check_schema

_LONGEST_PAUSE = timedelta(days=14)
"""Longer than any pause of a season; after that, it is over."""


@dataclass(frozen=True)
class Morning:
    """What `phase3 health` found."""

    day: date | None
    """The night that was looked at; None where the schedule is empty."""
    lines: tuple[Line, ...]
    """The gravest first."""

    @property
    def verdict(self) -> Verdict:
        """The gravest verdict."""
        return gravest(line.verdict for line in self.lines)

    @property
    def sentence(self) -> str:
        """The whole morning in one line."""
        games = next((line.fact for line in self.lines if line.name == "games"), "no night to look at")
        return f"{self.verdict}: {self.day}, {games}" if self.day else f"{self.verdict}: {games}"


def examine(
    warehouse: Warehouse, settings: Settings, day: date | None, dagster: Dagster | None, now: datetime
) -> Morning:
    """Look at the night of `day`, by default the latest one before today, and at everything around it.

    Nothing is written. Raises ConfigurationError for a variable that cannot be used, SchemaDriftError where tables are
    missing.
    """
    limits, operation, backups = Thresholds.from_environment(), Operation.from_environment(), Backups.from_environment()
    lines = []
    with warehouse.session(read_only=True) as session:
        check_schema(session)
        around = nearest_dates(session, today() - timedelta(days=1))
        night = day or around.latest
        lines += [] if day else _schedule_line(around.last)
        if night is not None:
            lines += night_lines(read_night(session, night, limits, now))
            lines += drift_lines(session, night)
        lines += read_code_lines(session, installed(), dagster.code if dagster else None, operation, now)
    lines += running_lines(dagster, operation, now)
    lines += [backup_line(settings, backups, operation, now), disk_line(settings, operation)]
    return Morning(night, tuple(by_gravity(lines)))


def _schedule_line(ends: date | None) -> list[Line]:
    if ends is None:
        fact = "no game is scheduled in the year before or after today"
        return [bad("schedule", Verdict.LOOK, fact, "`phase3 load-raw FOLDER` with nbac_schedule")]
    silent = today() - ends
    if timedelta(days=1) < silent <= _LONGEST_PAUSE:
        fact = f"ends on {ends}, {silent.days} days ago"
        return [bad("schedule", Verdict.LOOK, fact, "load nbac_schedule again, unless the season is over")]
    return [good("schedule", f"reaches to {ends}")]
