"""Whether the code that runs, the code that wrote and the code that is installed are one.

What belongs here: comparing them, and how long they have differed. What doesn't: which code this is
(settings/software.py), what a change of a formula makes due (publishing/plan.py).
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from phase3_assets.catalog.queries import sql_text
from phase3_assets.catalog.tables import published_tables
from phase3_assets.health.line import Line, Verdict, bad, good
from phase3_assets.settings.calendar import FIRST_DATE
from phase3_assets.settings.operation import Operation
from phase3_assets.settings.software import Software
from phase3_assets.warehouse.interface import Answers, Query, Row, Session


def code_queries(software: Software, last: date) -> dict[str, Query]:
    """The queries whose answers code_lines() needs: about every date up to `last`."""
    parameters = {"first_date": FIRST_DATE, "last_date": last + timedelta(days=366), "since": software.since}
    return {
        "codes": (sql_text("health/codes"), parameters),
        "writers": (sql_text("health/writers"), parameters),
    }


def read_code_lines(
    session: Session, software: Software, dagster_code: str | None, limits: Operation, now: datetime
) -> list[Line]:
    """code_lines() in a session of the caller's; the tables must exist."""
    answers = session.query_all(code_queries(software, now.date()))
    return code_lines(answers, software, dagster_code, limits, now)


def code_lines(
    answers: Answers, software: Software, dagster_code: str | None, limits: Operation, now: datetime
) -> list[Line]:
    """One good line, or one for each way in which the codes differ.

    `dagster_code` is the version that Dagster's code server has loaded, where it is known.
    """
    patience = timedelta(hours=limits.code_drift_hours)
    found = [
        *_rows_of_earlier_code(answers["codes"], software, patience, now),
        *_other_writers(answers["writers"], software, patience, now),
        *_other_dagster(software, dagster_code, patience, now),
    ]
    return found or [good("code", f"{software.name} is installed, runs and has written")]


def _rows_of_earlier_code(
    rows: Sequence[Row], software: Software, patience: timedelta, now: datetime
) -> Iterator[Line]:
    """One line for all tables: a formula is read by several, and a deployment changes several formulas."""
    earlier: list[Row] = []
    since = [software.since]
    for table in published_tables():
        of_table = [row for row in rows if row["table_name"] == table.name]
        other = [row for row in of_table if row["code_version"] != table.code_version]
        earlier += other
        if other:
            # Since the first row by this code. `since` of the software alone would begin anew with every deployment.
            since += [row["since"] for row in of_table if row["code_version"] == table.code_version]
    if earlier:
        tables = list(dict.fromkeys(row["table_name"] for row in earlier))
        games = max(sum(row["games"] for row in earlier if row["table_name"] == name) for name in tables)
        first, last = min(row["first_day"] for row in earlier), max(row["last_day"] for row in earlier)
        age = now - min(since)
        fact = f"{games} games ({first} to {last}) have rows of earlier code, for {_hours(age)}, in {', '.join(tables)}"
        yield bad("code", _verdict(age, patience), fact, f"`phase3 backfill {first} {last}`", "of rows")


def _other_writers(rows: Sequence[Row], software: Software, patience: timedelta, now: datetime) -> Iterator[Line]:
    """Whether the newest decision since this code was installed is by another code: a process runs that still.

    What wrote before this code did last counts no more: that is how a deployment, or going back to one, looks.
    """
    newest = max(rows, key=lambda row: row["wrote_at"], default=None)
    if newest is not None and newest["software_version"] != software.name:
        age = now - software.since
        fact = (
            f"{newest['software_version']} wrote last, at {newest['wrote_at']:%Y-%m-%d %H:%M} UTC, after "
            f"{software.name} was installed here ({software.since:%Y-%m-%d %H:%M} UTC)"
        )
        to_do = "restart Dagster's code location and daemon there, or update this machine, whichever is behind"
        yield bad("code", _verdict(age, patience), fact, to_do, "that wrote")


def _other_dagster(software: Software, dagster_code: str | None, patience: timedelta, now: datetime) -> Iterator[Line]:
    if dagster_code is not None and dagster_code != software.name:
        age = now - software.since
        fact = f"Dagster runs {dagster_code}; {software.name} is installed, for {_hours(age)}"
        yield bad("code", _verdict(age, patience), fact, "restart Dagster's code location and daemon", "that runs")


def _verdict(age: timedelta, patience: timedelta) -> Verdict:
    return Verdict.ACT if age > patience else Verdict.LOOK


def _hours(age: timedelta) -> str:
    hours = age.total_seconds() / 3600
    return f"{hours:.0f} hours" if hours < 48 else f"{hours / 24:.0f} days"
