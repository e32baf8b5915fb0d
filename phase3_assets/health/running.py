"""What Dagster says of itself, judged: sensors and schedules, the queue, failed runs.

What belongs here: judging. What doesn't: asking Dagster (defs/dagster_state.py), which this room does not import.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from phase3_assets.health.line import Line, Verdict, bad, good
from phase3_assets.settings.operation import Operation

DAEMON_SILENCE = timedelta(minutes=5)
"""Dagster's daemon writes a heartbeat every 30 seconds."""
_INTERVALS = 3
_NAMED = 5


@dataclass(frozen=True)
class Automation:
    """One sensor or schedule of ours, as Dagster remembers it."""

    name: str
    is_running: bool
    """Whether it is switched on."""
    ticked_at: datetime | None
    """Its last tick; None where it has had none, and for a schedule, whose pauses are the clock's."""
    interval_seconds: float
    error: str | None
    """What its last ticks, all of them, failed with."""
    is_schedule: bool = False


@dataclass(frozen=True)
class Dagster:
    """What one instance of Dagster says of itself."""

    beat_at: datetime | None
    """The oldest of its daemons' newest heartbeats; None where no daemon has ever run."""
    automations: tuple[Automation, ...]
    queued: int
    queued_since: datetime | None
    started: int
    failed: tuple[str, ...]
    """Runs of the last day that failed and have not succeeded since, in words."""
    code: str | None
    """The version of the project that its code server has loaded; None where that is not known."""


def lines(dagster: Dagster | None, limits: Operation, now: datetime) -> list[Line]:
    """A line about sensors, one about the queue and one about failed runs, or one for each that is not as it should."""
    if dagster is None:
        return [good("sensors", "no Dagster here: nothing runs by itself"), good("queue", "no Dagster here")]
    return [
        *(list(_sensors(dagster, limits, now)) or [good("sensors", _ticking(dagster))]),
        _queue(dagster, limits, now),
        *_runs(dagster),
    ]


def _ticking(dagster: Dagster) -> str:
    if dagster.beat_at is None:
        return "no daemon has ever run here: nothing runs by itself"
    switched_on = sum(one.is_running for one in dagster.automations)
    return f"the daemon runs, {switched_on} of {len(dagster.automations)} sensors and schedules are on and tick"


def _sensors(dagster: Dagster, limits: Operation, now: datetime) -> Iterator[Line]:
    if dagster.beat_at is None:
        return
    if now - dagster.beat_at > DAEMON_SILENCE:
        fact = f"the daemon has not been heard of for {_ago(now - dagster.beat_at)}"
        to_do = "start it: docs/deployment.md; what it missed it makes up for by itself"
        yield bad("sensors", Verdict.ACT, fact, to_do, "daemon")
        return
    for one in dagster.automations:
        patience = max(limits.sensor_silence_seconds, _INTERVALS * one.interval_seconds)
        if not one.is_running:
            fact = "is switched off" + (f", last tick {_ago(now - one.ticked_at)} ago" if one.ticked_at else "")
            yield bad("sensors", Verdict.ACT, fact, f"switch {one.name} on in the UI, Automation", one.name)
        elif one.error is not None:
            fact = f"its last ticks failed: {one.error}"
            yield bad("sensors", Verdict.ACT, fact, "mend what it names; the next tick tries again", one.name)
        elif one.is_schedule:
            continue
        elif one.ticked_at is None:
            fact = "has never ticked, though the daemon runs"
            yield bad("sensors", Verdict.LOOK, fact, "the UI, Deployment: does the code location load?", one.name)
        elif (now - one.ticked_at).total_seconds() > patience:
            fact = f"has not ticked for {_ago(now - one.ticked_at)}, though the daemon runs"
            yield bad("sensors", Verdict.ACT, fact, "the UI, Deployment: does the code location load?", one.name)


def _queue(dagster: Dagster, limits: Operation, now: datetime) -> Line:
    fact = f"{dagster.queued} runs queued, {dagster.started} under way"
    if dagster.queued_since is not None and (now - dagster.queued_since).total_seconds() > limits.queue_seconds:
        waited = f"{fact}; the first has waited for {_ago(now - dagster.queued_since)}"
        return bad(
            "queue", Verdict.ACT, waited, "the UI, Runs: end the run that hangs; `phase3 doctor` looks at limits"
        )
    return good("queue", fact)


def _runs(dagster: Dagster) -> Iterator[Line]:
    for what in dagster.failed[:_NAMED]:
        yield bad(
            "runs", Verdict.ACT, f"failed in the last day, and not succeeded since: {what}", "read its error in the UI"
        )
    more = len(dagster.failed) - _NAMED
    if more > 0:
        yield bad("runs", Verdict.ACT, f"{more} more runs have failed", "the UI, Runs, Failed")


def _ago(time: timedelta) -> str:
    minutes = time.total_seconds() / 60
    if minutes < 120:
        return f"{minutes:.0f} minutes"
    return f"{minutes / 60:.0f} hours" if minutes < 2880 else f"{minutes / 1440:.0f} days"
