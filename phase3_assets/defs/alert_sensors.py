"""The two sensors that tell people: when a run's outcome changes, and when the state of a game or check does.

What belongs here: noticing changes of state since the last look, each once. What doesn't: what a message says
(alerting/texts.py), how it travels (alerting/notifiers.py), writing quality events (publishing/publish.py,
publishing/check.py, publishing/drift.py).

No state is kept here. A check's changes are already rows of data_quality_events, no matter which process wrote them.
Whether a run's outcome is a change follows from the previous run of the same job and dates. The cursor only records
what was looked at.

Dagster's own run-failure sensor moves on even when the notifier raises, and would lose that message; these sensors do
not. A message that cannot be sent fails the tick (or is named in its skip reason, where other messages were sent
before it), and the next tick sends it.
"""

import json
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import dagster as dg

from phase3_assets.alerting.notifiers import Alert, Notifier
from phase3_assets.alerting.texts import events_alert, run_failed_alert, run_recovered_alert
from phase3_assets.catalog.queries import sql_text
from phase3_assets.clock import utc_now
from phase3_assets.defs.resources import Publisher
from phase3_assets.defs.tags import GAMES_TAG, PARTITION_TAG, RANGE_END_TAG, RANGE_START_TAG, SCHEDULE_TAG
from phase3_assets.errors import ConfigurationError, NotifierError, SchemaDriftError, WarehouseBusyError
from phase3_assets.settings.calendar import FIRST_DATE
from phase3_assets.warehouse.interface import Row, Warehouse

INTERVAL_SECONDS = 60
_EVENTS = "nba_phase3.data_quality_events"
_NOT_TOLD = ("game_excluded", "game_no_longer_excluded")
"""Event types that cause no message while they are INFO: ordinary changes of a schedule, kept in the events only."""
_WAIT_SECONDS = 2.0
_SENDING_SECONDS = 25.0
"""How far into a tick it still starts a message: Dagster ends a tick after 60 seconds, and one message may take 20."""
_OVERLAP = timedelta(minutes=10)
_WITHOUT_CURSOR = timedelta(hours=1)
_RUNS_LOOKED_AT = 50
_DATE_TAGS = (PARTITION_TAG, RANGE_START_TAG, RANGE_END_TAG)
_Ending = Literal[dg.DagsterEventType.RUN_FAILURE, dg.DagsterEventType.RUN_SUCCESS]
_ENDINGS: tuple[_Ending, ...] = (dg.DagsterEventType.RUN_FAILURE, dg.DagsterEventType.RUN_SUCCESS)


@dataclass(frozen=True)
class Cursor:
    """What a sensor has already seen: the moment of its last look, and the ids it found around that moment.

    Each look begins ten minutes before that moment and leaves out those ids. So things with equal times, or stored a
    little after their own time, are neither lost nor seen twice.
    """

    until: datetime
    seen: frozenset[str]
    version: str | None = None
    """Version of the events table at the last look; the run sensor has none."""

    @classmethod
    def read(cls, text: str | None, now: datetime) -> "Cursor | None":
        """The cursor that a sensor stored; None where there is none, or it cannot be read.

        A moment in the future (the clock was put back) is replaced by `now`.
        """
        try:
            stored = json.loads(text or "")
            until = datetime.fromisoformat(stored["until"]).astimezone(UTC)
            return cls(min(until, now), frozenset(map(str, stored["seen"])), stored["version"])
        except (ValueError, TypeError, KeyError):
            return None

    @classmethod
    def starting(cls, now: datetime) -> "Cursor":
        """The cursor to start with where none can be read: the last hour counts as new.

        Nothing then tells which messages were sent. Within an hour, sending one twice is better than never sending it.
        """
        return cls(now - _WITHOUT_CURSOR + _OVERLAP, frozenset())

    @property
    def since(self) -> datetime:
        """The moment at which the next look begins."""
        return self.until - _OVERLAP

    def moved_to(self, now: datetime, found: Iterable[tuple[str, datetime]], version: str | None = None) -> "Cursor":
        """The cursor after dealing with everything in `found`, given as pairs of id and time."""
        return Cursor(now, frozenset(each for each, moment in found if moment >= now - _OVERLAP), version)

    def having_seen(self, *found: str) -> "Cursor":
        """The cursor after dealing with some of what was found, given by ids."""
        return Cursor(self.until, self.seen | set(found), self.version)

    def __str__(self) -> str:
        return json.dumps({"until": self.until.isoformat(), "seen": sorted(self.seen), "version": self.version})


def build_alert_sensors(publisher: Publisher, notifier: Notifier) -> list[dg.SensorDefinition]:
    """The run sensor and the check-state sensor, running by default."""
    return [_run_sensor(notifier), _check_state_sensor(publisher, notifier)]


def _start(now: datetime) -> dg.SensorResult:
    """Only store a cursor, and look at nothing yet.

    A tick that fails stores no cursor. If this tick sent messages, the last hour would move on with every failed try.
    """
    return dg.SensorResult(skip_reason="no cursor: the next tick begins an hour back", cursor=str(Cursor.starting(now)))


def _check_state_sensor(publisher: Publisher, notifier: Notifier) -> dg.SensorDefinition:
    @dg.sensor(
        name="check_state_alerts",
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="One message per batch of new quality events, whoever caused them: runs, the UI, the command line.",
    )
    def check_state_alerts(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        now = utc_now()
        cursor = Cursor.read(context.cursor, now)
        if cursor is None:
            return _start(now)
        version = publisher.warehouse.table_versions([_EVENTS])[_EVENTS]
        if version == cursor.version:
            return dg.SensorResult(skip_reason="nothing was written", cursor=context.cursor)
        try:
            events = _events_since(publisher.warehouse, cursor.since)
        except (WarehouseBusyError, ConfigurationError, SchemaDriftError) as error:
            return dg.SensorResult(skip_reason=f"not looked: {error}")
        unseen = [event for event in events if event["event_id"] not in cursor.seen]
        new = [event for event in unseen if event["event_type"] not in _NOT_TOLD or event["severity"] != "INFO"]
        if new:
            notifier.send(events_alert(new))
        found = ((event["event_id"], event["event_timestamp"]) for event in events)
        moved = cursor.moved_to(now, found, version)
        said = f"{len(new)} changes of state, in one message" if new else "no change of state"
        return dg.SensorResult(skip_reason=said, cursor=str(moved))

    return check_state_alerts


def _events_since(warehouse: Warehouse, since: datetime) -> list[Row]:
    with warehouse.session(read_only=True, wait_seconds=_WAIT_SECONDS) as session:
        if _EVENTS not in session.live_columns():
            raise SchemaDriftError(f"table {_EVENTS} does not exist; `phase3 init` creates it")
        parameters = {"first_date": FIRST_DATE, "since": since, "game_id": ""}
        return session.query(sql_text("bookkeeping/queries/events"), parameters)


@dataclass(frozen=True)
class _Outcome:
    """One run that ended, well or not."""

    run_id: str
    moment: datetime
    entry: dg.EventLogEntry

    @property
    def has_failed(self) -> bool:
        return self.entry.dagster_event_type is dg.DagsterEventType.RUN_FAILURE


def _run_sensor(notifier: Notifier) -> dg.SensorDefinition:
    @dg.sensor(
        name="run_alerts",
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="One message when runs of a job and its dates begin to fail, fail differently, or succeed again.",
    )
    def run_alerts(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        now, stop = utc_now(), time.monotonic() + _SENDING_SECONDS
        cursor = Cursor.read(context.cursor, now)
        if cursor is None:
            return _start(now)
        outcomes = _outcomes_since(context.instance, cursor.since)
        new = [outcome for outcome in outcomes if outcome.run_id not in cursor.seen]
        sent = 0
        for outcome in new:
            alert = _change(context, outcome)
            if alert and time.monotonic() > stop:
                return dg.SensorResult(skip_reason=f"{sent} messages; the next tick goes on", cursor=str(cursor))
            try:
                if alert:
                    notifier.send(alert)
            except NotifierError as error:
                if not sent:
                    raise
                return dg.SensorResult(skip_reason=f"{sent} messages, then: {error}", cursor=str(cursor))
            sent += alert is not None
            cursor = cursor.having_seen(outcome.run_id)
        moved = cursor.moved_to(now, ((outcome.run_id, outcome.moment) for outcome in outcomes))
        return dg.SensorResult(skip_reason=f"{sent} messages" if sent else "no change of state", cursor=str(moved))

    return run_alerts


def _outcomes_since(instance: dg.DagsterInstance, since: datetime) -> list[_Outcome]:
    """Every run that failed or succeeded since then, oldest first."""
    found: list[tuple[int, _Outcome]] = []
    for kind in _ENDINGS:
        chosen = dg.RunStatusChangeRecordsFilter(kind, after_timestamp=since.timestamp())
        position, has_more = None, True
        while has_more:
            page = instance.fetch_run_status_changes(chosen, limit=500, cursor=position, ascending=True)
            position, has_more = page.cursor, page.has_more
            for record in page.records:
                moment = datetime.fromtimestamp(record.timestamp, UTC)
                found.append((record.storage_id, _Outcome(record.run_id, moment, record.event_log_entry)))
    return [outcome for _, outcome in sorted(found, key=lambda pair: pair[0])]


def _change(context: dg.SensorEvaluationContext, outcome: _Outcome) -> Alert | None:
    """The alert about a run's outcome, or None where the outcome is no change or the run is not ours.

    A failure is a change unless the previous run of the same job and dates failed for the same reason. A success is a
    change only if that previous run failed.
    """
    instance = context.instance
    record = instance.get_run_record_by_id(outcome.run_id)
    if record is None or not _is_ours(context, record):
        return None
    before = _run_before(instance, record)
    failed_before = before is not None and before.dagster_run.status is dg.DagsterRunStatus.FAILURE
    reason_before = _reason(instance, before.dagster_run.run_id) if before and failed_before else None
    if not outcome.has_failed:
        if reason_before is None:
            return None
        return run_recovered_alert(outcome.run_id, what_ran(record), reason_before)
    reason = _reason_of(outcome.entry)
    if reason_before is not None and _without_figures(reason) == _without_figures(reason_before):
        return None
    return run_failed_alert(outcome.run_id, what_ran(record), reason)


def _is_ours(context: dg.SensorEvaluationContext, record: dg.RunRecord) -> bool:
    """Whether a run belongs to this code location; a run recorded from the command line names none, and counts."""
    origin, here = record.dagster_run.remote_job_origin, context.code_location_origin
    if origin is None or here is None:
        return True
    return origin.repository_origin.code_location_origin.location_name == here.location_name


def _run_before(instance: dg.DagsterInstance, record: dg.RunRecord) -> dg.RunRecord | None:
    """The run of the same subject that ended last before this one, in success or failure; None where there is none."""
    candidates = instance.get_run_records(
        dg.RunsFilter(
            job_name=record.dagster_run.job_name,
            tags=_subject_tags(record),
            statuses=[dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.SUCCESS],
        ),
        limit=_RUNS_LOOKED_AT,
    )
    ended = _ended(record)
    earlier = [other for other in candidates if _ended(other) < ended and subject_of(other) == subject_of(record)]
    return max(earlier, key=_ended, default=None)


def _ended(record: dg.RunRecord) -> tuple[float, int]:
    return (record.end_time or 0.0, record.storage_id)


def subject_of(record: dg.RunRecord) -> Sequence[Any]:
    """What a run is about: the job, its dates and games, and what is selected of it."""
    run = record.dagster_run
    # What selects nothing is stored as None or as an empty set, depending on who launched the run.
    return (run.job_name, _subject_tags(record), run.asset_selection or None, run.asset_check_selection or None)


def _subject_tags(record: dg.RunRecord) -> dict[str, str]:
    """The tags that identify a run's dates and games.

    A schedule's run is identified by the schedule's name instead, since its dates move on every day.
    """
    tags = record.dagster_run.tags
    names = (SCHEDULE_TAG,) if SCHEDULE_TAG in tags else (*_DATE_TAGS, GAMES_TAG)
    return {name: tags[name] for name in names if name in tags}


def what_ran(record: dg.RunRecord) -> str:
    """The job and its dates: `publish 2026-02-03`."""
    run = record.dagster_run
    first, last = run.tags.get(RANGE_START_TAG), run.tags.get(RANGE_END_TAG)
    dates = run.tags.get(PARTITION_TAG) or (f"{first} to {last}" if first else "")
    job = "assets" if run.job_name.startswith("__ASSET_JOB") else run.job_name
    tables = ", ".join(sorted(key.to_user_string() for key in run.asset_selection or ()))
    return " ".join(part for part in (job, dates, f"({tables})" if tables else "") if part)


def _reason(instance: dg.DagsterInstance, run_id: str) -> str:
    """Why a run failed, by its id."""
    kind = dg.DagsterEventType.RUN_FAILURE
    records = instance.get_records_for_run(run_id, of_type=kind, limit=1, ascending=False).records
    return _reason_of(records[0].event_log_entry) if records else "for an unknown reason"


def _reason_of(entry: dg.EventLogEntry) -> str:
    """Why a run failed, from its RUN_FAILURE event: the first failed step and the innermost error, in one line."""
    event = entry.get_dagster_event()
    # A run that was killed from outside has neither a failed step nor an error.
    step = getattr(event.event_specific_data, "first_step_failure_event", None)
    error = step.step_failure_data.error if step else getattr(event.event_specific_data, "error", None)
    while error and error.cause:
        error = error.cause
    name = error.cls_name if error else None
    # Dagster's text of an error opens with the class and its module.
    said = re.sub(r"^[\w.]+: ", "", error.message.strip()) if error else event.message or "for an unknown reason"
    first = next(iter(said.splitlines()), "")
    return f"{f'{step.step_key}: ' if step else ''}{f'{name}: ' if name else ''}{first}"


def _without_figures(reason: str) -> str:
    """The reason with figures and ids masked, for comparison: seconds, counts and ids differ from run to run."""
    return re.sub(r"\b[0-9a-f]{8}[0-9a-f-]*\b|\d+", "#", reason)
