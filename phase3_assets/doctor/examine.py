"""Examines everything that a new user can get wrong, before it does harm, and says what to do about it.

What belongs here: what is examined for every warehouse, and for the embedded one. What doesn't: what is examined for
BigQuery (bigquery.py) and of Dagster's run history (history.py). Nothing is written.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import yaml

from phase3_assets.alerting.notifiers import notifier_from_environment
from phase3_assets.doctor.calendar import examine_calendar
from phase3_assets.doctor.diagnosis import ERROR, OK, WARNING, Diagnosis
from phase3_assets.errors import Phase3Error, WarehouseBusyError
from phase3_assets.health.machine import free_gib
from phase3_assets.settings.locations import Settings
from phase3_assets.settings.operation import Operation
from phase3_assets.settings.pacing import Pacing
from phase3_assets.settings.retention import Retention
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.interface import Warehouse
from phase3_assets.warehouse.opening import open_warehouse
from phase3_assets.warehouse.schema import check_schema, columns_of_others

_FORMER_MODULE = re.compile(r"\bphase3_assets\.(?:event_storage|postgres_storage|run_launcher)\b")


def examine(settings: Settings) -> Iterator[Diagnosis]:
    """Examine everything, the most basic first; leave out what an earlier error makes impossible to examine."""
    yield from _variables()
    yield from _dagster(settings)
    warehouse: Warehouse
    if settings.bigquery is not None:
        from phase3_assets.doctor.bigquery import examine_project
        from phase3_assets.warehouse.bigquery.warehouse import BigQueryWarehouse

        warehouse = BigQueryWarehouse(settings.bigquery, settings.wait_seconds)
        found = list(examine_project(warehouse))
    else:
        warehouse = open_warehouse(settings)
        found = list(_examine_file(settings, warehouse))
    yield from found
    if any(diagnosis.level == ERROR for diagnosis in found):
        return
    tables = _contracts(warehouse)
    yield tables
    # On BigQuery it would be a billed query.
    if tables.level != ERROR and settings.bigquery is None:
        yield examine_calendar(warehouse)


def _variables() -> Iterator[Diagnosis]:
    """Examine the environment's figures and the notifier, each read in the same way as by the process that needs it."""
    read: dict[str, Callable[[], object]] = {
        "thresholds": Thresholds.from_environment,
        "pacing": Pacing.from_environment,
        "retention": Retention.from_environment,
        "operation": Operation.from_environment,
        "alerts": notifier_from_environment,
    }
    for subject, from_environment in read.items():
        try:
            from_environment()
        except Phase3Error as error:
            yield Diagnosis(ERROR, subject, str(error), "correct the variable")
        else:
            yield Diagnosis(OK, subject, "what the environment says can be used")


def _dagster(settings: Settings) -> Iterator[Diagnosis]:
    from phase3_assets.doctor.history import examine_history, on_this_machine

    subject, is_shared = "Dagster's home", settings.bigquery is not None
    path = settings.dagster_home / "dagster.yaml"
    if not path.exists():
        yield Diagnosis(OK, subject, f"{path} is not there yet: the first run, or `phase3 ui`, writes it")
        yield on_this_machine(settings.dagster_home, is_shared)
        return
    remedy = "correct it, or take it away: the next command writes ours"
    try:
        stored = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        yield Diagnosis(ERROR, subject, f"{path} cannot be read: {' '.join(str(error).split())}", remedy)
        return
    if not isinstance(stored, dict):
        yield Diagnosis(ERROR, subject, f"{path} says nothing", remedy)
        return
    yield _module_names(subject, path)
    yield from examine_history(settings.dagster_home, is_shared)


def _module_names(subject: str, path: Path) -> Diagnosis:
    """Whether a readable dagster.yaml names our classes by their present modules; the former modules still work."""
    former = sorted(set(_FORMER_MODULE.findall(path.read_text(encoding="utf-8"))))
    if not former:
        return Diagnosis(OK, subject, f"{path} can be read")
    remedy = f"write {', '.join(name.replace('phase3_assets.', 'phase3_assets.instance.') for name in former)}"
    return Diagnosis(WARNING, subject, f"{path} names {', '.join(former)}, which still works", remedy)


def _examine_file(settings: Settings, warehouse: Warehouse) -> Iterator[Diagnosis]:
    path = settings.duckdb_path
    if not path.exists():
        yield Diagnosis(ERROR, "warehouse file", f"{path} is not there", "`phase3 init` creates it")
        return
    try:
        with warehouse.session() as session:
            session.stage("doctor", "SELECT 1 AS one", {})
    except WarehouseBusyError as error:
        yield Diagnosis(ERROR, "warehouse file", str(error), "end the process that holds it")
    except Phase3Error as error:
        yield Diagnosis(ERROR, "warehouse file", str(error))
    else:
        yield Diagnosis(OK, "warehouse file", f"{path} opens, and nobody else is writing it")
    free, wanted = free_gib(path.parent), Operation().disk_free_gib
    level = OK if free > wanted else WARNING
    yield Diagnosis(level, "disk", f"{free:.1f} GiB free", "" if level == OK else f"make room: {wanted:g} GiB at least")


def _contracts(warehouse: Warehouse) -> Diagnosis:
    try:
        with warehouse.session(read_only=True) as session:
            check_schema(session)
            others = columns_of_others(session.live_columns())
    except Phase3Error as error:
        return Diagnosis(ERROR, "tables", str(error), "`phase3 init`, or load the raw table in its contract's shape")
    if others:
        remedy = "drop them: `phase3 init` and `phase3 load-raw` refuse to work, and rows published anew lose them"
        return Diagnosis(WARNING, "tables", f"columns that no contract knows: {', '.join(others)}", remedy)
    return Diagnosis(OK, "tables", "every table has the columns of its contract")
