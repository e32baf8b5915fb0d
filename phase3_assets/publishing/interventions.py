"""What people decide about games: waivers, and holds on rows that were rolled back.

What belongs here: writing an intervention and taking it back, and the waiver by age. What doesn't: what an intervention
means for a run (survey.py, publish.py), rolling back (rollback.py).
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from phase3_assets.catalog.parameters import date_parameters
from phase3_assets.catalog.tables import bookkeeping_contracts
from phase3_assets.clock import later, utc_now
from phase3_assets.errors import ConfigurationError
from phase3_assets.publishing.game import ANY_TABLE, Game
from phase3_assets.publishing.records import QualityEvent
from phase3_assets.publishing.states import reader_state
from phase3_assets.publishing.survey import game_meant, require_scheduled, survey
from phase3_assets.publishing.vocabulary import EventSeverity
from phase3_assets.publishing.work import Work
from phase3_assets.settings.calendar import FIRST_DATE, today
from phase3_assets.warehouse.interface import Row, Session, Warehouse
from phase3_assets.warehouse.schema import check_schema

WAIVER, HOLD = "waiver", "hold"
_EVENTS = {
    (WAIVER, True): ("game_waived", EventSeverity.WARNING),
    (WAIVER, False): ("game_waiver_undone", EventSeverity.INFO),
    (HOLD, False): ("hold_released", EventSeverity.INFO),
}
"""Event by kind and by whether the intervention is made (True) or taken back. A rollback makes a hold, with an event
of its own.
"""
_A_SEASON_AHEAD = timedelta(days=366)


@dataclass(frozen=True)
class Intervention:
    """A decision about a game that a person or the age limit makes, or takes back."""

    kind: str
    """WAIVER or HOLD."""
    table_name: str
    """The table held; ANY_TABLE for a waiver."""
    is_active: bool
    """False where it takes an earlier intervention back."""
    reason: str

    def as_row(self, work: Work, game: Game, made_at: datetime) -> Row:
        """The row of nba_phase3.interventions; `made_at` comes from intervention_moment()."""
        return {
            "intervention_id": uuid.uuid4().hex,
            "kind": self.kind,
            "table_name": self.table_name,
            "game_date": game.game_date,
            "game_id": game.game_id,
            "is_active": self.is_active,
            "reason": self.reason,
            "run_id": work.run_id,
            "made_at": made_at,
        }


def waive(warehouse: Warehouse, game_id: str, reason: str, run_id: str) -> date:
    """Give up on a game: it leaves games_complete, is shown as waived, and no run works on it. Returns its date.

    Raises ConfigurationError for a game that is not scheduled, is void, or is already published.
    """
    with warehouse.session() as session:
        game = _scheduled(session, game_id)
        state, _ = reader_state(game)
        if state in ("published", "void"):
            raise ConfigurationError(f"{game_id} is {state}; there is nothing to waive")
        work = Work(session, game.game_date, game.game_date, run_id)
        _write(work, [game], Intervention(WAIVER, ANY_TABLE, True, reason))
    return game.game_date


def unwaive(warehouse: Warehouse, game_id: str, reason: str, run_id: str) -> date:
    """Take a waiver back; the next run looks at the game again. Returns its date.

    Raises ConfigurationError for a game that is not scheduled or has no waiver.
    """
    with warehouse.session() as session:
        game = _scheduled(session, game_id)
        if game.waiver is None:
            raise ConfigurationError(f"{game_id} is not waived")
        work = Work(session, game.game_date, game.game_date, run_id)
        _write(work, [game], Intervention(WAIVER, ANY_TABLE, False, reason))
    return game.game_date


def waive_by_age(work: Work, games: Iterable[Game], stored: Mapping[str, Row]) -> None:
    """Waive games that are waiting or live for longer than the limit, counted from their stored row's last change."""
    late, now, days = [], work.now(), work.thresholds.waive_after_days
    for game in games:
        known = stored.get(game.game_id)
        state = reader_state(game)[0]
        is_stuck = game.waiver is None and state in ("waiting", "live")
        if is_stuck and known and known["state"] == state and now - known["updated_at"] > timedelta(days=days):
            late.append(game)
    if late:
        reason = f"age limit: waiting or live for more than {days:g} days"
        _write(work, late, Intervention(WAIVER, ANY_TABLE, True, reason))
        for game in late:
            game.waiver = reason


def release(warehouse: Warehouse, table_name: str, day: date, game_ids: Iterable[str], reason: str, run_id: str) -> int:
    """Lift the holds of a table on a date's games (only on `game_ids`, if any are given); returns how many it lifted.

    Raises ConfigurationError for a game that the date does not have.
    """
    wanted = set(game_ids)
    with warehouse.session() as session:
        check_schema(session)
        games = survey(session, day, day, tables=[])
        require_scheduled(wanted, games, day, day)
        # Not Game.hold: a hold whose rows are gone by now has no effect, but can still be lifted.
        held = [game for game in games.values() if table_name in game.holds and (not wanted or game.game_id in wanted)]
        lift_holds(Work(session, day, day, run_id), table_name, held, reason)
    return len(held)


def lift_holds(work: Work, table_name: str, games: Sequence[Game], reason: str) -> None:
    """Lift the holds of a table's games, each with an event."""
    _write(work, games, Intervention(HOLD, table_name, False, reason))
    for game in games:
        del game.holds[table_name]


def intervention_moment(session: Session, games: Iterable[Game]) -> datetime:
    """The moment to record for an intervention in these games: now, but later than any earlier one of their dates."""
    days = [game.game_date for game in games]
    latest = session.query(
        "SELECT MAX(made_at) AS made_at FROM nba_phase3.interventions "
        "WHERE game_date BETWEEN @start_date AND @end_date",
        date_parameters(min(days), max(days)),
    )[0]["made_at"]
    return later(utc_now(), latest)


def _scheduled(session: Session, game_id: str) -> Game:
    check_schema(session)
    try:
        day = datetime.strptime(game_id[:8], "%Y%m%d").date()
    except ValueError as error:
        raise ConfigurationError(f"{game_id!r} is no game id; write it as 20260203_PHX_POR") from error
    is_ours = FIRST_DATE <= day <= today() + _A_SEASON_AHEAD
    games = survey(session, day, day, tables=[]) if is_ours else {}
    if game_id not in games:
        hint = game_meant(game_id, games)
        raise ConfigurationError(f"no game {game_id} is scheduled; `phase3 status {day}` lists the date's games{hint}")
    return games[game_id]


def _write(work: Work, games: Sequence[Game], intervention: Intervention) -> None:
    """Write the same intervention down for each of the games, with an event each."""
    if not games:
        return
    contracts, session = bookkeeping_contracts(), work.session
    made_at = intervention_moment(session, games)
    kind, severity = _EVENTS[intervention.kind, intervention.is_active]
    table = None if intervention.table_name == ANY_TABLE else intervention.table_name
    events = [
        QualityEvent(kind, severity, table, game.game_date, game.game_id, f"{game.label}: {intervention.reason}")
        for game in games
    ]
    with session.unit():
        session.append(contracts["interventions"], [intervention.as_row(work, game, made_at) for game in games])
        session.append(contracts["data_quality_events"], [event.as_row(work) for event in events])
