"""What Dagster loads.

What belongs here: putting the parts together. What doesn't: any part.
"""

import os
from typing import Any

import dagster as dg

from phase3_assets.alerting.notifiers import Notifier, notifier_from_environment
from phase3_assets.defs.alert_sensors import build_alert_sensors
from phase3_assets.defs.assets import build_assets
from phase3_assets.defs.checks import build_checks
from phase3_assets.defs.code_alerts import build_code_sensor
from phase3_assets.defs.health import build_health_asset, health_job
from phase3_assets.defs.jobs import build_jobs
from phase3_assets.defs.night_report import build_night_report, build_report_sensor
from phase3_assets.defs.resources import Publisher
from phase3_assets.defs.schedules import build_schedules
from phase3_assets.defs.sensors import build_sensors
from phase3_assets.files import keep_private
from phase3_assets.settings.locations import Settings

# Run workers write a range's materializations in batches; see instance/event_storage.py.
os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", "1000")


def build_defs(publisher: Publisher | None = None, notifier: Notifier | None = None) -> dg.Definitions:
    """The whole project's definitions; tests and the command line pass a publisher or a notifier of their own.

    Steps of a run take turns in one process: the embedded warehouse admits one writer, and lineage sets their order.
    """
    publisher = publisher or Publisher()
    sensors, schedules = build_automation(publisher, notifier or notifier_from_environment())
    return dg.Definitions(
        assets=[*build_assets(), build_night_report(), build_health_asset(sensors, schedules)],
        asset_checks=build_checks(publisher.thresholds),
        jobs=[*build_jobs(), health_job()],
        schedules=schedules,
        sensors=sensors,
        resources={"publisher": publisher, **_engine_resources()},
        executor=dg.in_process_executor,
    )


def build_automation(
    publisher: Publisher, notifier: Notifier
) -> tuple[list[dg.SensorDefinition], list[dg.ScheduleDefinition]]:
    """Every sensor and every schedule."""
    sensors = [
        *build_sensors(publisher),
        build_report_sensor(),
        *build_alert_sensors(publisher, notifier),
        build_code_sensor(publisher, notifier),
    ]
    return sensors, build_schedules(publisher)


def _engine_resources() -> dict[str, dg.ConfigurableResource[Any]]:
    """Resources that a team's own ops can use: BigQuery's client, where BigQuery is the warehouse; else none."""
    if Settings.from_environment().bigquery is None:
        return {}
    from phase3_assets.defs.bigquery_resource import bigquery_resource

    return {"bigquery": bigquery_resource()}


@dg.definitions
def defs() -> dg.Definitions:
    """The project as the environment configures it."""
    keep_private()
    return build_defs()
