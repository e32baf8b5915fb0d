"""What an alert says about quality events, about a run that failed or recovered, and about code that differs.

What belongs here: wording, grouping and bounds. What doesn't: noticing changes (defs/alert_sensors.py), sending
(notifiers.py).
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

from phase3_assets.alerting.notifiers import Alert
from phase3_assets.runbook.book import ALERT, EVENT, link
from phase3_assets.warehouse.interface import Row

_SEVERITIES = ("CRITICAL", "WARNING", "INFO")
_TEXT_LENGTH = 3000
_LINE_LENGTH = 240
_GAMES_NAMED = 8


def events_alert(events: Sequence[Row]) -> Alert:
    """One message for a batch of quality events: a line per kind and date, gravest first, with the games' names."""
    groups: dict[tuple[int, date, str], list[Row]] = {}
    for event in events:
        key = (_rank(event["severity"]), event["game_date"], event["event_type"])
        groups.setdefault(key, []).append(event)
    # Count games, not events: what happened to one game in three tables counts once.
    counts = Counter(kind for kind, _ in {(event["event_type"], event["game_id"]) for event in events})
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
    since = min(event["event_timestamp"] for event in events).date()
    ordered = sorted(groups.items())
    lines = [_group_line(kind, day, of_kind) for (_, day, kind), of_kind in ordered]
    return Alert(
        severity=_SEVERITIES[ordered[0][0][0]],
        title=_one_line(f"Quality: {kinds}"),
        text=_bounded(lines, f"`phase3 events --since {since}` lists all {len(events)} events"),
        key=_key(event["event_id"] for event in events),
    )


def run_failed_alert(run_id: str, what: str, reason: str) -> Alert:
    """The alert about a failed run; `what` is the job and its dates."""
    text = f"{_one_line(reason)}\nrun {run_id}\n{link(ALERT, 'run failed')}"
    return Alert("CRITICAL", _one_line(f"Run failed: {what}"), text, _key([run_id, "failed"]))


def run_recovered_alert(run_id: str, what: str, reason: str) -> Alert:
    """The alert about a run that succeeded again; `reason` is why the run before it failed."""
    text = f"before: {_one_line(reason)}\nrun {run_id}\n{link(ALERT, 'run recovered')}"
    return Alert("INFO", _one_line(f"Run recovered: {what}"), text, _key([run_id, "recovered"]))


def code_drift_alert(facts: Sequence[tuple[str, str]]) -> Alert:
    """The alert that installed, running and writing code have differed for too long; pairs of a fact and what to do."""
    lines = [f"{_one_line(fact)}\n    {_one_line(to_do)}" for fact, to_do in facts]
    text = "\n".join([*lines[:_GAMES_NAMED], link(ALERT, "code drift")])
    return Alert(
        "WARNING",
        "Code: what is installed, what runs and what has written differ",
        text,
        _key([fact for fact, _ in facts]),
    )


def code_agrees_alert(version: str) -> Alert:
    """The alert that there is one code again."""
    text = f"{version} is installed, runs and has written\n{link(ALERT, 'code agrees')}"
    return Alert("INFO", "Code: one version again", text, _key([version, "agrees"]))


def _group_line(kind: str, day: date, events: Sequence[Row]) -> str:
    games = list(dict.fromkeys(event["game_id"] for event in events if event["game_id"]))
    named = ", ".join(games[:_GAMES_NAMED])
    more = f" and {len(games) - _GAMES_NAMED} more" if len(games) > _GAMES_NAMED else ""
    tables = ", ".join(dict.fromkeys(event["table_name"] for event in events if event["table_name"]))
    return (
        f"{events[0]['severity']} {kind} {day}: {named}{more}{f' in {tables}' if tables else ''}"
        f" [{link(EVENT, kind)}]\n"
        f"    {_one_line(events[0]['description'])}"
    )


def _bounded(lines: Sequence[str], where: str) -> str:
    """As many whole lines as fit, and the number of those left out; `where` says where to read on."""
    shown: list[str] = []
    length = 0
    for line in lines:
        length += len(line) + 1
        if length > _TEXT_LENGTH:
            break
        shown.append(line)
    left = len(lines) - len(shown)
    return "\n".join([*shown, f"and {left} more kinds or dates; {where}" if left else where])


def _one_line(text: str) -> str:
    joined = " ".join(text.split())
    return joined if len(joined) <= _LINE_LENGTH else f"{joined[: _LINE_LENGTH - 1]}…"


def _rank(severity: str) -> int:
    """The rank of a severity, with the gravest as 0; an unknown word counts as a warning."""
    return _SEVERITIES.index(severity) if severity in _SEVERITIES else _SEVERITIES.index("WARNING")


def _key(parts: Iterable[str]) -> str:
    return hashlib.sha256("|".join(sorted(parts)).encode()).hexdigest()[:16]
