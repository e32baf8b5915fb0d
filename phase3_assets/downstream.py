"""For other Dagster projects: a sensor that starts their work once enough of a date is published.

What belongs here: what such a project imports (docs/downstream.md). What doesn't: how far a date is
(publishing/completion.py), the project's own work (examples/downstream/).

The sensor starts one run per date and content. Content is what readers see of the date in the tables asked for: a
publication that writes the same rows again changes nothing, a correction does. What a run was started for stands in
its tags, so that a lost cursor starts nothing twice; the cursor remembers it as well, so that deleted runs do not
either.
"""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

import dagster as dg

from phase3_assets.catalog.queries import sql_text
from phase3_assets.catalog.table_names import TABLE_NAMES
from phase3_assets.catalog.tables import completion_contract
from phase3_assets.defs.partitions import daily_partitions as daily_partitions
from phase3_assets.defs.sensors import runs_under_way
from phase3_assets.defs.tags import READY_CONTENT_TAG, READY_DATE_TAG, READY_SENSOR_TAG, RUN_KEY_TAG
from phase3_assets.errors import ConfigurationError, Phase3Error
from phase3_assets.publishing.completion import Completion
from phase3_assets.settings.calendar import last_date
from phase3_assets.settings.locations import Settings
from phase3_assets.warehouse.interface import Warehouse
from phase3_assets.warehouse.opening import open_warehouse

if TYPE_CHECKING:
    from phase3_assets.defs.private import UnresolvedAssetJobDefinition

_WATCHED = (completion_contract().full_name, "nba_phase3.publications")
"""While neither has changed, no date can have reached or changed anything."""
_WAIT_SECONDS = 2.0
"""How long a tick waits for a process that is writing: Dagster ends an evaluation after 60 seconds."""
_RUNS_PER_TICK = 10


def when_ready(
    target: "dg.JobDefinition | UnresolvedAssetJobDefinition | dg.AssetSelection",
    at_least: float = 100.0,
    tables: Collection[str] = (),
    *,
    name: str | None = None,
    days: int = 30,
    is_partitioned: bool = True,
    interval_seconds: int = 30,
    default_status: dg.DefaultSensorStatus = dg.DefaultSensorStatus.RUNNING,
    warehouse: Callable[[], Warehouse] | None = None,
) -> dg.SensorDefinition:
    """A sensor that starts `target` (a job, or a selection of assets) for each date that has reached a threshold.

    A date has reached it if `at_least` percent of its games, void and waived ones left out, are complete in every one
    of `tables` (in every published table, where none is named); a game that is not over is not complete. The date is
    started once, and again only if what readers see of it in these tables has changed since and the threshold still
    holds. Dates without games are never started. A run that failed is not started again; that is for its own retries.

    The last `days` dates are looked at, up to tomorrow, ten runs a tick at most; the rest follows. A date waits while a
    run that publishes it is under way in the same deployment. With `is_partitioned`, a run is of the date's partition,
    so the target needs daily partitions that include it: `daily_partitions()` here are ours. Otherwise the run has no
    partition. In either case its tag `phase3/ready_date` names the date.

    `warehouse` opens the warehouse; by default it is the one that the PHASE3_ variables name. `name` must be given for
    a selection of assets; for a job it is `<job>_when_ready` by default.

    Raises ConfigurationError for a threshold that is not above 0 and at most 100, for an unknown table, for fewer than
    one day, and for a selection without a name.
    """
    sensor_name = name or _name_for(target)
    _require_possible(at_least, tables, days)
    where = ", ".join(tables) or "every published table"

    @dg.sensor(
        name=sensor_name,
        target=target,
        minimum_interval_seconds=interval_seconds,
        default_status=default_status,
        description=f"Starts work on each date of which {at_least:g} % of the games are complete in {where}.",
    )
    def ready_dates(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        memory = _Memory.read(context.cursor)
        last = last_date()
        try:
            opened = warehouse() if warehouse else open_warehouse(Settings.from_environment())
            version = json.dumps(opened.table_versions(_WATCHED), sort_keys=True)
            if version == memory.version:
                return dg.SensorResult(skip_reason="nothing was published since the last look", cursor=context.cursor)
            dates = _read_dates(opened, last - timedelta(days=days - 1), last, tables)
        except Phase3Error as error:
            # The warehouse is locked, unreachable or not created yet. Nothing is started from what cannot be read; the
            # cursor stays as it is, so the next tick asks again.
            return dg.SensorResult(skip_reason=f"the next tick looks again: {error}", cursor=context.cursor)
        origin = context.code_location_origin
        asking = _Asking(
            context.instance, f"{origin.location_name if origin else ''}:{sensor_name}", memory, is_partitioned
        )
        ready = [found for found in dates if found.completion.has_reached(at_least, tables)]
        for found in ready:
            asking.consider(found)
        kept = {found.day: memory.started[found.day] for found in dates if found.day in memory.started}
        moved = _Memory("" if asking.waiting else version, kept)
        told = f"{len(ready)} of {len(dates)} dates have reached {at_least:g} %; {asking.sentence}"
        return dg.SensorResult(
            run_requests=asking.requests, skip_reason=None if asking.requests else told, cursor=str(moved)
        )

    return ready_dates


@dataclass(frozen=True)
class _Found:
    """A date with games: how far it is, and what readers see of it."""

    completion: Completion
    content: str

    @property
    def day(self) -> str:
        return self.completion.game_date.isoformat()


@dataclass
class _Memory:
    """What the sensor remembers: the tables' versions at its last look, and by date the content last started."""

    version: str = ""
    started: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, cursor: str | None) -> "_Memory":
        """The memory in a cursor; empty where there is none, or it is not what a tick has written."""
        try:
            stored = json.loads(cursor or "")
            return cls(str(stored["version"]), {str(day): str(content) for day, content in stored["started"].items()})
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls()

    def __str__(self) -> str:
        return json.dumps({"version": self.version, "started": self.started})


@dataclass
class _Asking:
    """The runs that one tick asks for."""

    instance: dg.DagsterInstance
    sensor: str
    memory: _Memory
    is_partitioned: bool
    requests: list[dg.RunRequest] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    """The dates that the next tick looks at again, each with the reason."""

    def __post_init__(self) -> None:
        self._under_way = runs_under_way(self.instance)

    def consider(self, found: _Found) -> None:
        """Ask for a run of a date that is ready, unless one was started for what readers see of it now."""
        if self.memory.started.get(found.day) == found.content:
            return
        before = self.instance.get_runs(
            dg.RunsFilter(tags={READY_SENSOR_TAG: self.sensor, READY_DATE_TAG: found.day})
        )  # the latest first
        if before and before[0].tags.get(READY_CONTENT_TAG) == found.content:
            self.memory.started[found.day] = found.content
            return
        publishing = self._under_way(found.completion.game_date)
        if publishing or len(self.requests) == _RUNS_PER_TICK:
            self.waiting.append(f"{found.day} waits for {publishing or 'the next tick'}")
            return
        # Readers may see again what they saw before the latest run. A key is used once in Dagster's history.
        number = 1 + max((_number(run.tags.get(RUN_KEY_TAG, "")) for run in before), default=0)
        self.requests.append(
            dg.RunRequest(
                run_key=f"{self.sensor}/{found.day}/{found.content}/{number}",
                partition_key=found.day if self.is_partitioned else None,
                tags={
                    READY_SENSOR_TAG: self.sensor,
                    READY_DATE_TAG: found.day,
                    READY_CONTENT_TAG: found.content,
                },
            )
        )
        self.memory.started[found.day] = found.content

    @property
    def sentence(self) -> str:
        """Why nothing is asked for, for the tick's skip reason."""
        return "; ".join(self.waiting) or "all of them were started with what readers see now"


def _read_dates(opened: Warehouse, first: date, last: date, tables: Collection[str]) -> list[_Found]:
    parameters = {"start_date": first, "end_date": last, "table_names": list(tables) or list(TABLE_NAMES)}
    with opened.session(read_only=True, wait_seconds=_WAIT_SECONDS) as session:
        rows = session.query(sql_text("completion/contents"), parameters)
    found = [_Found(Completion.from_row(row), row["content"] or "nothing") for row in rows]
    return sorted(found, key=lambda each: each.day)


def _number(run_key: str) -> int:
    text = run_key.rpartition("/")[2]
    return int(text) if text.isdecimal() else 0


def _name_for(target: "dg.JobDefinition | UnresolvedAssetJobDefinition | dg.AssetSelection") -> str:
    if isinstance(target, dg.AssetSelection):
        raise ConfigurationError("when_ready: give a selection of assets a sensor name, e.g. name='grade_when_ready'")
    return f"{target.name}_when_ready"


def _require_possible(at_least: float, tables: Collection[str], days: int) -> None:
    if not 0 < at_least <= 100:
        raise ConfigurationError(f"when_ready: at_least is {at_least}; it is a percentage, above 0 and at most 100")
    unknown = sorted(set(tables) - set(TABLE_NAMES))
    if unknown:
        raise ConfigurationError(
            f"when_ready: there is no published table {', '.join(unknown)}; there are {', '.join(TABLE_NAMES)}"
        )
    if days < 1:
        raise ConfigurationError(f"when_ready: days is {days}; at least one date is looked at")
