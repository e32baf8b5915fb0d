"""A sensor that notes which code Dagster has loaded, and tells when code has differed for more than a day.

What belongs here: noting, and when to tell. What doesn't: comparing (health/code.py), the message (alerting/texts.py).

Its cursor is the one place where another process can see which code the code server runs: `phase3 health` reads it.
"""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

import dagster as dg

from phase3_assets.alerting.notifiers import Notifier
from phase3_assets.alerting.texts import code_agrees_alert, code_drift_alert
from phase3_assets.clock import utc_now
from phase3_assets.defs.resources import Publisher
from phase3_assets.errors import Phase3Error
from phase3_assets.health.code import read_code_lines
from phase3_assets.health.line import Verdict
from phase3_assets.settings.operation import Operation
from phase3_assets.settings.software import installed, running

CODE_SENSOR = "code_alerts"
INTERVAL_SECONDS = 300
_PAUSE = timedelta(hours=1)
"""Between two looks at the warehouse; the code that is loaded is noted at every tick."""
_WAIT_SECONDS = 2.0


def build_code_sensor(publisher: Publisher, notifier: Notifier) -> dg.SensorDefinition:
    """The sensor, running by default."""
    loaded = running()

    @dg.sensor(
        name=CODE_SENSOR,
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="One message when the code that is installed, runs or has written differs for more than a day.",
    )
    def code_alerts(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        now, memory = utc_now(), _memory(context.cursor)
        if memory.get("running") == loaded and now - _looked_at(memory) < _PAUSE:
            return dg.SensorResult(skip_reason=f"{loaded} is loaded", cursor=context.cursor)
        try:
            software = installed()
            with publisher.warehouse.session(read_only=True, wait_seconds=_WAIT_SECONDS) as session:
                lines = read_code_lines(session, software, loaded, Operation.from_environment(), now)
        except Phase3Error as error:
            noted = json.dumps({**memory, "running": loaded})
            return dg.SensorResult(skip_reason=f"not looked: {error}", cursor=noted)
        old = [line for line in lines if line.verdict is Verdict.ACT]
        # What is told is which codes differ where, not for how many hours or how many games.
        subjects = "|".join(sorted({f"{line.subject}" for line in old}))
        told = hashlib.sha256(f"{software.name}|{subjects}".encode()).hexdigest()[:16] if old else ""
        if old and told != memory.get("told"):
            notifier.send(code_drift_alert([(line.fact, line.to_do) for line in old]))
        elif not old and memory.get("told") and all(line.verdict is Verdict.GOOD for line in lines):
            notifier.send(code_agrees_alert(software.name))
        elif not old:
            told = memory.get("told", "")  # it differs still, or again, and not for a day yet
        kept = {"running": loaded, "looked_at": now.isoformat(), "told": told}
        return dg.SensorResult(skip_reason="; ".join(line.fact for line in lines), cursor=json.dumps(kept))

    return code_alerts


def _memory(cursor: str | None) -> dict[str, Any]:
    try:
        stored = json.loads(cursor or "{}")
    except ValueError:
        return {}
    return stored if isinstance(stored, dict) else {}


def _looked_at(memory: dict[str, Any]) -> datetime:
    try:
        moment = datetime.fromisoformat(memory["looked_at"])
        return min(moment, utc_now())
    except (KeyError, TypeError, ValueError):
        return utc_now() - 2 * _PAUSE
