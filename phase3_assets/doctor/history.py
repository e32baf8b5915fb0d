"""Examines where Dagster keeps run history, and whether a team could work with that.

What belongs here: what dagster.yaml says of storage, the queue's limit, the daemon's heartbeat. What doesn't: whether
dagster.yaml can be read (examine.py). Nothing is written: a database without Dagster's tables stays without them.
"""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from phase3_assets.doctor.diagnosis import ERROR, OK, WARNING, Diagnosis

_SUBJECT = "run history"
_GUIDE = "docs/deployment.md"
_PATIENCE_SECONDS = 10
_HEARTBEAT_SECONDS = 300
"""Dagster's daemon writes one every 30 seconds."""
_SQLALCHEMY_DRIVER = "scheme: postgresql+psycopg2, since plain postgresql is another driver to SQLAlchemy 2.1"


def examine_history(home: Path, is_shared: bool) -> Iterator[Diagnosis]:
    """Examine the history that a readable dagster.yaml in `home` names; `is_shared`: the warehouse is a team's."""
    import dagster as dg

    from phase3_assets.instance.configured import event_storage

    try:
        name, configuration = event_storage(home)
    except dg.DagsterInvalidConfigError as error:
        yield Diagnosis(ERROR, _SUBJECT, f"Dagster does not take {home}/dagster.yaml: {_one_line(error)}", _GUIDE)
        return
    if "Sqlite" in name:
        yield on_this_machine(home, is_shared)
    elif "Postgres" in name:
        yield from _in_postgresql(configuration)
    else:
        yield Diagnosis(OK, _SUBJECT, f"is kept by {name}")


def on_this_machine(home: Path, is_shared: bool) -> Diagnosis:
    """The diagnosis of a history that is kept in files on this machine."""
    found = f"is in {home}, on this machine"
    if not is_shared:
        return Diagnosis(OK, _SUBJECT, found)
    return Diagnosis(OK, _SUBJECT, f"{found}: nobody else sees these runs, nor do they queue", f"for a team: {_GUIDE}")


def _in_postgresql(configuration: Mapping[str, Any]) -> Iterator[Diagnosis]:
    from sqlalchemy import create_engine
    from sqlalchemy.exc import SQLAlchemyError

    from phase3_assets.instance.configured import postgresql_settings

    resolved, wrong = postgresql_settings(configuration)
    if resolved is None:
        found = "; ".join(_one_line(error) for error in wrong)
        yield Diagnosis(ERROR, _SUBJECT, found, f"set the variable: {_GUIDE}")
        return
    try:
        from dagster_postgres.utils import pg_url_from_config
    except ModuleNotFoundError:
        yield Diagnosis(ERROR, _SUBJECT, "dagster-postgres is not installed", "pip install -e '.[postgres]'")
        return
    try:
        engine = create_engine(pg_url_from_config(resolved), connect_args={"connect_timeout": _PATIENCE_SECONDS})
    except ModuleNotFoundError as error:
        yield Diagnosis(ERROR, _SUBJECT, f"PostgreSQL's driver {error.name} is not installed", _SQLALCHEMY_DRIVER)
        return
    try:
        yield from _in_database(engine)
    except SQLAlchemyError as error:
        found = _one_line(getattr(error, "orig", None) or error)
        yield Diagnosis(ERROR, _SUBJECT, f"PostgreSQL: {found}", f"mend the connection: {_GUIDE}")
    finally:
        engine.dispose()


def _in_database(engine: Any) -> Iterator[Diagnosis]:
    from sqlalchemy import inspect, text

    from phase3_assets.defs.resources import WRITER_POOL

    with engine.connect() as connection:
        tables = set(inspect(connection).get_table_names())
        if not {"concurrency_limits", "daemon_heartbeats"} <= tables:
            yield Diagnosis(OK, _SUBJECT, "PostgreSQL answers; the first process of Dagster makes its tables")
            return
        yield Diagnosis(OK, _SUBJECT, "is in PostgreSQL, which answers")
        limits = text('SELECT "limit" FROM concurrency_limits WHERE concurrency_key = :pool')
        limit = connection.execute(limits, {"pool": WRITER_POOL}).scalar()
        last = text("SELECT max((body::json ->> 'timestamp')::float) FROM daemon_heartbeats")
        beat = connection.execute(last).scalar()
    if limit == 1:
        yield Diagnosis(OK, "queue", f"admits one run of the pool {WRITER_POOL}")
    else:
        found = f"the pool {WRITER_POOL} has {'no limit' if limit is None else f'the limit {limit}'}"
        yield Diagnosis(
            WARNING,
            "queue",
            f"{found}: runs wait for each other in the warehouse and not in the queue",
            f"dagster instance concurrency set {WRITER_POOL} 1",
        )
    if beat and time.time() - beat < _HEARTBEAT_SECONDS:
        yield Diagnosis(OK, "daemon", "is running")
    else:
        found = "has not been heard of for five minutes: sensors, schedules and queued runs wait"
        yield Diagnosis(WARNING, "daemon", found, f"start it: {_GUIDE}")


def _one_line(error: object) -> str:
    return " ".join(str(error).split())
