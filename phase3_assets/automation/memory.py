"""What a sensor remembers between two ticks.

What belongs here: the memory, its text for Dagster's cursor, and refusing what no tick has written. What doesn't: what
a tick does with it (tick.py). The memory only saves work: losing it loses nothing and doubles nothing.
"""

import json
from dataclasses import asdict, dataclass, field
from datetime import date

from phase3_assets.settings.calendar import FIRST_DATE

_LAST_MOMENT = 4_102_444_800
"""1 January 2100, in seconds since the epoch: no clock has shown a later moment."""


@dataclass
class OpenDate:
    """A date that changed and is not dealt with yet. Times are seconds since the epoch."""

    own_version: str
    """The watched table's version of this date when it was noticed."""
    version: str = ""
    """The version over all raw tables, as of the tick before."""
    tables_version: str = ""
    """The raw tables' own version when `version` was queried: while it is unchanged, so is `version`."""
    since: float = 0.0
    next_look: float = 0.0
    looks: int = 0
    """Number of looks that found the date waiting, or of runs that did not finish it."""
    key: str = ""
    """Fingerprint of what was due when a run was last asked for."""
    asked_at: float = 0.0
    change: str = ""
    """The run last asked for (RunWanted.change)."""
    tables: list[str] = field(default_factory=list)
    """The tables that runs were asked for."""
    note: str = ""
    has_changed: bool = False
    """Whether rows of the date are known to have changed: it had another version when a tick last saw it."""

    def __post_init__(self) -> None:
        """Raise ValueError or TypeError for what no tick has written."""
        _require_possible(self.since, self.next_look, self.looks, self.asked_at)
        texts = (self.own_version, self.version, self.tables_version, self.key, self.change, self.note)
        if not all(isinstance(t, str) for t in texts):
            raise TypeError("a version, a key or a note in the sensor's memory is no text")
        if not isinstance(self.has_changed, bool):
            raise TypeError("whether a date has changed is neither true nor false in the sensor's memory")
        if not all(isinstance(name, str) for name in self.tables):
            raise TypeError("a table in the sensor's memory is not a name")


@dataclass
class Memory:
    """What a sensor keeps between ticks: versions that were dealt with, and dates that are open."""

    table_version: str = ""
    done: dict[str, str] = field(default_factory=dict)
    open: dict[str, OpenDate] = field(default_factory=dict)
    looked_at: float = 0.0
    unsearched: str = ""
    """The latest date that a search back through history has still to reach; "" where no search is under way."""

    def __post_init__(self) -> None:
        """Raise ValueError or TypeError for what no tick has written."""
        _require_possible(self.looked_at)

    def to_json(self) -> str:
        """The text for Dagster's cursor."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str | None) -> "Memory":
        """The memory in `text`; an empty one where `text` holds none that can be read. All is then looked at again."""
        try:
            stored = json.loads(text or "{}")
            opened = {_possible_day(day): OpenDate(**of_day) for day, of_day in stored.get("open", {}).items()}
            done = {_possible_day(day): str(version) for day, version in stored.get("done", {}).items()}
            unsearched = stored.get("unsearched", "")
            return cls(
                str(stored.get("table_version", "")),
                done,
                opened,
                stored.get("looked_at", 0.0),
                _possible_day(unsearched) if unsearched else "",
            )
        except (ValueError, TypeError, AttributeError, RecursionError):
            return cls()


def _require_possible(*numbers: float) -> None:
    """Raise ValueError for a moment or a count that no tick has written; TypeError for a value that is not a number."""
    for number in numbers:
        if not 0 <= number <= _LAST_MOMENT:  # this excludes NaN too, which would put every look off for ever
            raise ValueError(f"{number} in the sensor's memory is no moment and no count")


def _possible_day(text: str) -> str:
    """The date as a tick writes it. Raises ValueError for a text that is no date, or a date outside our calendar."""
    day = date.fromisoformat(text)
    if not FIRST_DATE <= day < date(2100, 1, 1):
        raise ValueError(f"{text} in the sensor's memory is no date of ours")
    return day.isoformat()
