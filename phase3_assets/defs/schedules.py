"""What happens by the clock: published rows are verified daily, a morning sweep names every final game not published,
the morning's checklist is made after it, and once a week old and superseded rows are deleted.

What belongs here: the schedules, and when they stay silent. What doesn't: the jobs (jobs.py), changes (sensors.py).

The daily schedules cover the last 30 dates. Where no game was scheduled on them (the off-season), nothing runs. A game
schedule that is suddenly empty does not count as the off-season: games known before count as well.
"""

from datetime import date, timedelta

import dagster as dg

from phase3_assets.catalog.tables import readiness_contract
from phase3_assets.defs.health import HEALTH_JOB
from phase3_assets.defs.jobs import PRUNE_JOB, SWEEP_JOB, VERIFY_JOB
from phase3_assets.defs.partitions import partition_tags
from phase3_assets.defs.resources import Publisher
from phase3_assets.defs.tags import CAUSE_TAG
from phase3_assets.errors import ConfigurationError, Phase3Error
from phase3_assets.settings.calendar import TIMEZONE, today
from phase3_assets.warehouse.interface import Row

LOOK_BACK_DAYS = 30
"""Dates that a daily run covers; `phase3 verify` and `phase3 status` cover older ones."""


def build_schedules(publisher: Publisher) -> list[dg.ScheduleDefinition]:
    """`verify_daily` at five in the morning, `sweep_daily` at nine, when gamebooks have come, `health_daily` half an
    hour later, and `prune_weekly` on Mondays at eleven, when nobody plays; Eastern."""
    return [
        _daily(publisher, "verify_daily", VERIFY_JOB, "0 5 * * *"),
        _daily(publisher, "sweep_daily", SWEEP_JOB, "0 9 * * *"),
        _health_daily(),
        dg.ScheduleDefinition(
            name="prune_weekly",
            job_name=PRUNE_JOB,
            cron_schedule="0 11 * * 1",
            execution_timezone=TIMEZONE,
            default_status=dg.DefaultScheduleStatus.RUNNING,
            tags={CAUSE_TAG: "prune_weekly"},
        ),
    ]


def _daily(publisher: Publisher, name: str, job_name: str, cron: str) -> dg.ScheduleDefinition:
    @dg.schedule(
        name=name,
        job_name=job_name,
        cron_schedule=cron,
        execution_timezone=TIMEZONE,
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
    def daily(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        last = today() - timedelta(days=1)
        first = last - timedelta(days=LOOK_BACK_DAYS - 1)
        try:
            days = _days_with_games(publisher, first, last)
        except ConfigurationError as error:
            return dg.SkipReason(str(error))
        except Phase3Error as error:
            # The warehouse is busy or failing, and the next tick is tomorrow. So request the run anyway: it waits for
            # its turn, and everybody sees it if it fails.
            context.log.warning(f"{error}; every date from {first} to {last} is looked at")
            days = {"first_day": first, "last_day": last}
        if days["first_day"] is None:
            return dg.SkipReason(f"no game was scheduled from {first} to {last}")
        return dg.RunRequest(tags={CAUSE_TAG: name, **partition_tags(days["first_day"], days["last_day"])})

    return daily


def _health_daily() -> dg.ScheduleDefinition:
    @dg.schedule(
        name="health_daily",
        job_name=HEALTH_JOB,
        cron_schedule="30 9 * * *",
        execution_timezone=TIMEZONE,
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
    def health_daily() -> dg.RunRequest:
        """Of yesterday, whether it had games or not: sensors, backups and code are looked at every morning."""
        yesterday = today() - timedelta(days=1)
        return dg.RunRequest(partition_key=yesterday.isoformat(), tags={CAUSE_TAG: "health_daily"})

    return health_daily


def _days_with_games(publisher: Publisher, first: date, last: date) -> Row:
    """The first and the last date with a game, scheduled now or known before; NULL where there is none."""
    known = "SELECT game_date FROM {} WHERE game_date BETWEEN @start_date AND @end_date"
    both = " UNION ALL ".join(known.format(name) for name in ("nba_raw.nbac_schedule", readiness_contract().full_name))
    # Wait less than a command would for a process that is writing: Dagster ends an evaluation after 60 seconds.
    with publisher.warehouse.session(read_only=True, wait_seconds=publisher.pacing.sensor_wait_seconds) as session:
        return session.query(
            f"SELECT MIN(game_date) AS first_day, MAX(game_date) AS last_day FROM ({both}) AS known",
            {"start_date": first, "end_date": last},
        )[0]
