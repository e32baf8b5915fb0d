"""What changed in a raw table, when it has settled, and what must be published for it: one tick of a sensor.

What belongs here: comparing versions with those dealt with, waiting until they settle, and the runs that follow. What
doesn't: Dagster (defs/sensors.py), what is due and why (publishing/plan.py), how long to wait (settings/pacing.py).

A tick reconciles state: it asks what should be published against what is. The memory between ticks only saves work, so
losing it loses nothing and doubles nothing. A date goes from changed to settled (nothing about it moved since the tick
before), is looked at once, and is then done, waiting, or given a run; it is done when a look finds nothing due.

A tick must end in time: Dagster stops a tick after 60 seconds, and what it found is lost. So it works in pieces. It
begins a piece only if that will probably end in time, and leaves the others to the next tick; the memory says which.
"""

import hashlib
import json
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from phase3_assets.automation.memory import Memory, OpenDate
from phase3_assets.catalog.contracts import PRE_GAME, Contract, raw_contracts
from phase3_assets.catalog.parameters import date_parameters
from phase3_assets.catalog.tables import published_table, published_tables
from phase3_assets.publishing.game import Game
from phase3_assets.publishing.look_back import looking_back
from phase3_assets.publishing.plan import Step, due_steps
from phase3_assets.publishing.states import reader_state
from phase3_assets.publishing.survey import survey
from phase3_assets.settings.calendar import FIRST_DATE, TIMEZONE
from phase3_assets.settings.pacing import Pacing
from phase3_assets.warehouse.interface import Session, Warehouse
from phase3_assets.warehouse.schema import check_schema

_Due = tuple[Game, list[Step]]
Piece = TypeVar("Piece")
_LOOK_DAYS = 400
"""Number of dates in one look at history: about a season."""
_TICK_SECONDS = 45
"""When a tick's last piece of work must have ended, in seconds from its start; Dagster's limit is 60."""
_NEAR_DAYS = 7
"""Dates this close share a look and a run: one pass over a range costs less than two runs."""


@dataclass(frozen=True)
class Runs:
    """What a tick must know about existing runs."""

    under_way: Callable[[date], str | None]
    """Returns a description of the queued or running run that publishes the date; None where there is none."""
    has_failed: Callable[[str], bool]
    """Returns whether the latest run that was asked for a change (RunWanted.change) failed."""


@dataclass(frozen=True)
class RunWanted:
    """A run to start: exactly the tables and games that are due, for a date or a range of near dates."""

    start: date
    end: date
    tables: tuple[str, ...]
    games: tuple[str, ...]
    change: str
    """Fingerprint of everything that is due: inputs, code and the steps to take."""


@dataclass
class Tick:
    """What a tick found: runs to start, versions to show on the raw table, a sentence, and dates no run finished."""

    runs: list[RunWanted] = field(default_factory=list)
    observed: dict[date, str] = field(default_factory=dict)
    sentence: str = ""
    given_up: list[str] = field(default_factory=list)


class _Budget:
    """The time left for a tick's pieces of work."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock, self._end = clock, clock() + _TICK_SECONDS
        self._longest: float | None = None

    def in_time(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """The pieces to do now: the tick's first, then others while one as long as the longest so far ends in time."""
        for piece in pieces:
            begun = self._clock()
            if self._longest is not None and begun + self._longest > self._end:
                return
            yield piece
            self._longest = max(self._longest or 0.0, self._clock() - begun)


def tick(
    warehouse: Warehouse,
    watched: str | None,
    memory: Memory,
    runs: Runs,
    pacing: Pacing,
    today: date,
    now: datetime,
    clock: Callable[[], float] = time.monotonic,
) -> Tick:
    """Bring `memory` up to date with one watched table (None: with all of history) and return what follows.

    A watched table is a raw one, or a published one whose earlier games other tables read (watched_tables). The last
    date is tomorrow, since pre-game rows are made for it. Without news the tick reads no table. `clock` counts seconds
    from any moment. Raises Phase3Error where the warehouse cannot be queried. The memory from before the tick is then
    still valid, and the next tick tries again.
    """
    budget = _Budget(clock)
    last = today + timedelta(days=1)
    # A new day is news as well, since tomorrow is another date. So are the dates that an earlier FIRST_DATE adds.
    version = f"{_version_of(warehouse, [watched] if watched else watched_tables())} {FIRST_DATE} {last}"
    moment = now.timestamp()
    _heed_the_clock(memory, moment, pacing)
    is_news = version != memory.table_version
    if watched is None:
        is_news = is_news and moment - memory.looked_at >= pacing.reconcile_seconds
    if not (is_news or memory.unsearched or any(opened.next_look <= moment for opened in memory.open.values())):
        return Tick(sentence=_sentence(watched, memory, now))
    found = Tick()
    with warehouse.session(read_only=True, wait_seconds=pacing.sensor_wait_seconds) as session:
        check_schema(session)
        if is_news and watched:
            first = max(today - timedelta(days=int(pacing.sensor_window_days)), FIRST_DATE)
            versions = session.partition_versions([_contract(watched)], first, last)
            _open_changed(memory, watched, versions[_contract(watched).name], first, today, moment)
        elif is_news:
            memory.unsearched = last.isoformat()
        if is_news:
            memory.table_version, memory.looked_at = version, moment
        if memory.unsearched:
            _open_due(memory, session, budget, moment)
        settled = [] if memory.unsearched else _settled(warehouse, session, memory, runs, pacing, moment)
        due: dict[date, list[_Due]] = {}
        # Dates for which there is no time stay open, and the next tick looks at them.
        for start, end in budget.in_time(_near(settled, _LOOK_DAYS)):
            games = survey(session, start, end).values()
            for day in (day for day in settled if start <= day <= end):
                opened = memory.open[day.isoformat()]
                if not opened.looks:
                    found.observed[day] = opened.own_version
                of_day = _look(memory, day, [game for game in games if game.game_date == day], runs, pacing, moment)
                if of_day:
                    due[day] = of_day
    found.runs, found.given_up = _ask(memory, due, pacing, moment)
    found.sentence = _sentence(watched, memory, now)
    return found


def watched_tables() -> list[str]:
    """The tables whose changes make something due.

    These are the raw tables that are read, by name, and the published tables whose earlier games other tables read, as
    `dataset.table`.
    """
    looked_at = {published_table(name).contract.full_name for table in looking_back() for name in table.looks_back_to}
    return [*sorted(_raw_tables()), *sorted(looked_at)]


def _contract(watched: str) -> Contract:
    return published_table(watched.split(".")[1]).contract if "." in watched else raw_contracts()[watched]


def _version_of(warehouse: Warehouse, tables: Collection[str]) -> str:
    return _short(sorted(warehouse.table_versions(sorted(tables)).items()))


def _raw_tables() -> set[str]:
    return {name for table in published_tables() for name in table.raw_tables}


def _open_changed(
    memory: Memory, watched: str, current: Mapping[date, str], first: date, today: date, moment: float
) -> None:
    """Open every date whose rows differ from those dealt with; a date that has lost all its rows has changed too.

    Also opens the later dates whose rows may be made from it. A change of a published table does not open its own date,
    where it makes nothing due.
    """
    changed = []
    now_there = {day.isoformat(): version for day, version in current.items()}
    memory.done = {day: version for day, version in memory.done.items() if day >= first.isoformat()}
    for day in now_there.keys() | memory.done.keys() | memory.open.keys():
        version = now_there.get(day, "")
        opened = memory.open.get(day)
        known = opened.own_version if opened else memory.done.get(day, "")
        if known == version:
            continue
        changed.append(date.fromisoformat(day))
        if "." in watched and opened is None:
            memory.done[day] = version
        else:
            asked = OpenDate("") if opened is None else opened
            memory.open[day] = OpenDate(
                version, next_look=moment, change=asked.change, tables=asked.tables, has_changed=known != ""
            )
    for later in _reading(watched, changed, today):
        opened = memory.open.setdefault(later.isoformat(), OpenDate(now_there.get(later.isoformat(), "")))
        opened.next_look = min(opened.next_look, moment)


def _reading(watched: str, changed: Collection[date], today: date) -> Iterator[date]:
    """The dates, newest first, whose rows may be made from rows of an earlier date that has changed.

    Only tables that look back have such dates. They reach up to tomorrow; those of pre-game tables begin today.
    """
    tomorrow = today + timedelta(days=1)
    found: set[date] = set()
    for table in looking_back():
        if watched not in (
            *table.raw_tables,
            *(published_table(name).contract.full_name for name in table.looks_back_to),
        ):
            continue
        for day in changed:
            last = _last_reading(table.contract, day)
            first = max(day + timedelta(days=1), today) if table.phase == PRE_GAME else day + timedelta(days=1)
            found.update(first + timedelta(days=i) for i in range((min(last, tomorrow) - first).days + 1))
    yield from sorted(found, reverse=True)


def _last_reading(contract: Contract, day: date) -> date:
    """The last date whose rows may be made from rows of `day`."""
    if contract.look_back_days is not None:
        return day + timedelta(days=contract.look_back_days)
    season_end: date = date_parameters(day, day)["season_end_date"]
    return season_end.replace(year=season_end.year + contract.seasons_before)


def _open_due(memory: Memory, session: Session, budget: _Budget, moment: float) -> None:
    """Open every date of history, from `memory.unsearched` back, that has something due.

    What the sensors of raw tables remember does not matter. Dates for which there is no time stay unsearched.
    """
    unsearched = date.fromisoformat(memory.unsearched)
    first = session.query(
        "SELECT MIN(game_date) AS day FROM nba_raw.nbac_schedule WHERE game_date BETWEEN @first_date AND @last_date",
        {"first_date": FIRST_DATE, "last_date": unsearched},
    )[0]["day"]
    for start, end in budget.in_time(_back(first, unsearched)):
        for game in survey(session, start, end).values():
            if due_steps(game):
                memory.open.setdefault(game.game_date.isoformat(), OpenDate("", next_look=moment))
        memory.unsearched = (start - timedelta(days=1)).isoformat() if start > first else ""
    if first is None:
        memory.unsearched = ""


def _back(first: date | None, last: date) -> Iterator[tuple[date, date]]:
    """Ranges of a look's length that cover the dates from `last` back to `first`; none without a first date."""
    while first and last >= first:
        start = max(last - timedelta(days=_LOOK_DAYS - 1), first)
        yield start, last
        last = start - timedelta(days=1)


def _settled(
    warehouse: Warehouse, session: Session, memory: Memory, runs: Runs, pacing: Pacing, moment: float
) -> list[date]:
    """The open dates to look at now: nothing about them, in any raw table, has changed since the tick before.

    It must not have changed for at least pacing.settle_seconds either. A date that a run is working on is looked at
    when the run has ended.
    """
    to_look = [date.fromisoformat(day) for day, opened in memory.open.items() if opened.next_look <= moment]
    days = []
    for day in to_look:
        run = runs.under_way(day)
        if run is None:
            days.append(day)
        else:
            memory.open[day.isoformat()].note = f"{run} is working on it"
    if not days:
        return []
    # Where no raw table has changed, no date has changed, and that costs nothing to find out. It is queried before the
    # dates' own versions: a change in between is then queried once more, and not missed.
    tables_version = _version_of(warehouse, _raw_tables())
    to_ask = [day for day in days if memory.open[day.isoformat()].tables_version != tables_version]
    versions: dict[date, list[str]] = {}
    if to_ask:
        raw_tables = [raw_contracts()[name] for name in sorted(_raw_tables())]
        current = session.partition_versions(raw_tables, min(to_ask), max(to_ask))
        versions = {day: [of_table.get(day, "") for of_table in current.values()] for day in to_ask}
    settled = []
    for day in sorted(days, reverse=True):
        opened = memory.open[day.isoformat()]
        version = _short(versions[day]) if day in versions else opened.version
        opened.tables_version = tables_version
        if opened.version != version:
            opened.version, opened.since, opened.looks, opened.note = version, moment, 0, "settling"
        elif moment - opened.since >= pacing.settle_seconds:
            settled.append(day)
    return settled


def _near(days: Collection[date], longest: float) -> list[tuple[date, date]]:
    """Ranges that cover the dates, newest first; no range spans more than `longest` days."""
    ranges: list[tuple[date, date]] = []
    for day in sorted(days, reverse=True):
        if ranges and (ranges[-1][0] - day).days <= _NEAR_DAYS and (ranges[-1][1] - day).days < longest:
            ranges[-1] = (day, ranges[-1][1])
        else:
            ranges.append((day, day))
    return ranges


def _look(memory: Memory, day: date, games: Sequence[Game], runs: Runs, pacing: Pacing, moment: float) -> list[_Due]:
    """What is due on a settled date. Where nothing is due, the date is done or waits for its next look.

    A run that died may have published its rows without reporting them. Its tables are due again until a run has
    reported them; otherwise Dagster would show the date as failed, and unchecked, for ever.
    """
    opened = memory.open[day.isoformat()]
    states = [(game, *reader_state(game)) for game in games]
    waiting = [f"{game.label} waits: {reason}" for game, state, reason in states if state == "waiting"]
    published = sum(state == "published" for _, state, _ in states)
    opened.note = "; ".join([f"{published} games published", *waiting])
    again = opened.tables if opened.change and runs.has_failed(opened.change) else []
    due = [(game, steps) for game in games if (steps := due_steps(game, again, opened.has_changed))]
    if due:
        return due
    if waiting:
        opened.looks += 1
        opened.next_look = moment + pacing.retry_pause(opened.looks)
    else:
        memory.done[day.isoformat()] = opened.own_version
        del memory.open[day.isoformat()]
    return []


def _ask(
    memory: Memory, due: Mapping[date, list[_Due]], pacing: Pacing, moment: float
) -> tuple[list[RunWanted], list[str]]:
    """Turn what is due into runs, newest first and not more than a tick may start; the other dates stay open.

    A run for a date that was not finished is asked for again after a growing pause. Also returns a line for each date
    that has just used up its attempts: such a date is still tried again, after the longest pause.
    """
    keys = {day: _key(games) for day, games in due.items()}
    ripe = [day for day, key in keys.items() if _is_ripe(memory.open[day.isoformat()], key, pacing, moment)]
    wanted, given_up = [], []
    for start, end in _near(ripe, pacing.days_per_run)[: int(pacing.runs_per_tick)]:
        days = [day for day in ripe if start <= day <= end]
        steps = [step for day in days for _, game_steps in due[day] for step in game_steps]
        tables = tuple(table.name for table in published_tables() if any(step.table == table.name for step in steps))
        games = tuple(sorted({step.game_id for step in steps}))
        run = RunWanted(start, end, tables, games, _short([keys[day] for day in days]))
        wanted.append(run)
        for day in days:
            opened = memory.open[day.isoformat()]
            opened.looks, opened.asked_at, opened.note = opened.looks + 1, moment, "a run was started"
            opened.change, opened.tables = run.change, sorted({*opened.tables, *tables})
            if opened.looks == int(pacing.run_attempts):
                given_up.append(f"{day}: {opened.looks} runs did not finish it")
    return wanted, given_up


def _is_ripe(opened: OpenDate, key: str, pacing: Pacing, moment: float) -> bool:
    """Whether a run may be asked for now: it is the first for what is due, or the pause after the last is over."""
    if opened.key != key:
        opened.key, opened.looks = key, 0
    if opened.looks == 0:
        return True
    opened.next_look = opened.asked_at + pacing.retry_pause(opened.looks)
    opened.note += f"; {opened.looks} runs did not finish it"
    return opened.next_look <= moment


def _key(games: Iterable[_Due]) -> str:
    """Fingerprint of what is due on a date, with inputs and code: unchanged after a run, the run did not do it."""
    return _short(
        sorted(
            (step.game_id, step.table, step.action, game.inputs_hash(table), table.code_version)
            for game, steps in games
            for step in steps
            for table in [published_table(step.table)]
        )
    )


def _heed_the_clock(memory: Memory, moment: float, pacing: Pacing) -> None:
    """Limit times in `memory` after a clock was set back, so that no look is put off beyond the longest pause."""
    latest = moment + pacing.longest_retry_seconds
    for opened in memory.open.values():
        opened.next_look = min(opened.next_look, latest if opened.since <= moment else moment)
        opened.since = min(opened.since, moment)
        opened.asked_at = min(opened.asked_at, moment)
    memory.looked_at = min(memory.looked_at, moment)


def _sentence(watched: str | None, memory: Memory, now: datetime) -> str:
    """A sentence that says why nothing more happens now."""
    subject = f"nothing new in {watched.split('.')[-1]}" if watched else "nothing due in all of history"
    if not memory.open:
        return subject
    by_note: dict[str, list[str]] = {}
    for day in sorted(memory.open, reverse=True):
        opened = memory.open[day]
        note = opened.note or "changed"
        if opened.next_look > now.timestamp():
            note += f", next look {datetime.fromtimestamp(opened.next_look, ZoneInfo(TIMEZONE)):%H:%M} Eastern"
        by_note.setdefault(note, []).append(day)
    told = [f"{days[0] if len(days) == 1 else f'{len(days)} dates to {days[0]}'}: {n}" for n, days in by_note.items()]
    return "; ".join(told[:5]) + (f"; and {len(told) - 5} more" if len(told) > 5 else "")


def _short(parts: object) -> str:
    return hashlib.md5(json.dumps(parts).encode(), usedforsecurity=False).hexdigest()[:12]
