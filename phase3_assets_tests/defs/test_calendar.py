"""The calendar under Dagster: moved to an earlier date over a history that is there, and thirty seasons long.

What belongs here: what the first date does to partitions. What doesn't: which first dates there may be
(settings/test_calendar.py), the time that a long calendar takes (benchmarks/seasons.py).
"""

import json
import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.partition_status_cache import get_and_update_asset_status_cache_value

from phase3_assets.defs import partitions
from phase3_assets.defs.partitions import daily_partitions
from phase3_assets.settings.calendar import FIRST_DATE
from phase3_assets_tests.conftest import REAL_DATA
from phase3_assets_tests.support.games import DAY, OFFENSE

ROOT = Path(__file__).parents[2]
REAL_2018 = REAL_DATA.parent / "raw_2018"


def run(command: list[str], **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **settings}
    return subprocess.run([sys.executable, *command], env=environment, capture_output=True, text=True, timeout=250)


def phase3(*arguments: object, **settings: str) -> subprocess.CompletedProcess[str]:
    return run(["-m", "phase3_assets.cli", *map(str, arguments)], **settings)


def shown(instance: dg.DagsterInstance, first: date, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The dates that the UI shows as materialized under a calendar; like the UI, it keeps what it has counted."""
    monkeypatch.setattr(partitions, "FIRST_DATE", first)
    calendar = daily_partitions()
    status = get_and_update_asset_status_cache_value(instance, dg.AssetKey(OFFENSE), calendar)
    return set(status.deserialize_materialized_partition_subsets(calendar).get_partition_keys())


@pytest.mark.slow
@pytest.mark.long
def test_a_history_shows_the_same_dates_when_the_calendar_begins_earlier_and_when_it_is_moved_back(world, monkeypatch):
    earlier = date(2018, 10, 1)
    assert phase3("run", DAY).returncode == 0
    with dg.DagsterInstance.get() as instance:
        assert shown(instance, FIRST_DATE, monkeypatch) == {str(DAY)}
        assert shown(instance, earlier, monkeypatch) == {str(DAY)}
        old = dg.AssetMaterialization(OFFENSE, partition="2018-12-25")
        instance.report_runless_asset_event(old)
        assert shown(instance, earlier, monkeypatch) == {"2018-12-25", str(DAY)}
        assert shown(instance, FIRST_DATE, monkeypatch) == {str(DAY)}
        assert shown(instance, earlier, monkeypatch) == {"2018-12-25", str(DAY)}


COUNT = """
import json
from datetime import date

import dagster as dg
from dagster._core.definitions.partitions.definition.time_window import TimeWindowPartitionsDefinition as Windows

stepped = {"dates": 0}
original = Windows._iterate_time_windows


def counted(*arguments, **options):
    for window in original(*arguments, **options):
        stepped["dates"] += 1
        yield window


Windows._iterate_time_windows = counted
from phase3_assets.catalog.tables import published_tables
from phase3_assets.definitions import build_defs
from phase3_assets.defs.partitions import daily_partitions
from phase3_assets.instance.home import prepare_dagster_home
from phase3_assets.instance.recording import open_instance, record_run
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.settings.locations import Settings
from phase3_assets.warehouse.opening import open_warehouse

settings = Settings.from_environment()
prepare_dagster_home(settings)
day = date.fromisoformat("DAY")
counts = {}


def note(what):
    counts[what], stepped["dates"] = stepped["dates"], 0


repository = build_defs().get_repository_def()
note("definitions")
with open_instance() as instance:
    for sensor in repository.sensor_defs:
        cursor = None
        for _ in range(4):
            with dg.build_sensor_context(instance, cursor, repository_def=repository) as context:
                cursor = sensor.evaluate_tick(context).cursor
        note(sensor.name)
    request = Request(day, day, run_id=dg.DagsterRun("publish").run_id, repair=True)
    record_run(request, published_tables(), publish(open_warehouse(settings), request), instance)
    note("a recorded run")
counts["partitions"] = daily_partitions().get_num_partitions()
print(json.dumps(counts))
"""


@pytest.mark.long
def test_thirty_seasons_of_partitions_are_no_more_work_for_definitions_ticks_and_runs(world, tmp_path):
    """Counted in dates that Dagster steps through, which is what a long calendar would cost; time would lie."""
    counts = {}
    for first in ("2021-10-01", "1996-10-01"):
        done = run(["-W", "ignore", "-c", COUNT.replace("DAY", str(DAY))], PHASE3_FIRST_DATE=first)
        assert done.returncode == 0, done.stderr
        counts[first] = json.loads(done.stdout.splitlines()[-1])
    fewer, more = (of_calendar.pop("partitions") for of_calendar in counts.values())
    assert more - fewer == (date(2021, 10, 1) - date(1996, 10, 1)).days
    assert counts["1996-10-01"] == counts["2021-10-01"]
    assert max(counts["1996-10-01"].values()) < 1200, "two seasons each, that two tables look back to"


@pytest.mark.long
@pytest.mark.real_data
@pytest.mark.skipif(not REAL_2018.is_dir(), reason=f"the real box scores of 2018 are not at {REAL_2018}")
def test_a_season_of_2018_is_loaded_opened_published_and_shown(warehouse, monkeypatch):
    first, last = date(2018, 10, 16), date(2018, 12, 31)
    said = phase3("load-raw", REAL_2018).stdout
    assert f"75 of 75 dates ({first} to {last}) lie before the calendar, which begins on 2021-10-01" in said
    opening = f"PHASE3_FIRST_DATE={first}"
    assert opening in said and f"phase3 backfill {first} {last}" in said
    refused = phase3("backfill", first, last)
    assert refused.returncode == 2 and "PHASE3_FIRST_DATE sets where it begins" in refused.stderr

    opened = dict([opening.split("=")])
    done = phase3("backfill", first, last, **opened)
    assert done.returncode == 0 and "0 games held back of 548 scheduled" in done.stdout
    assert "2018-12-25  5 games: 5 published" in phase3("status", "2018-12-25", **opened).stdout
    games = "SELECT COUNT(DISTINCT game_id) AS games FROM nba_analytics.player_game_summary"
    with warehouse.session(read_only=True) as session:
        assert session.query(games, {}) == [{"games": 548}]
    days = {str(first + timedelta(days=offset)) for offset in range((last - first).days + 1)}
    with dg.DagsterInstance.get() as instance:
        assert shown(instance, first, monkeypatch) == days

    shut = phase3("doctor").stdout
    assert "warning  calendar: begins on 2021-10-01" in shut and "75 dates published before it" in shut
    assert opening in shut
    assert "ok       calendar: begins on 2018-10-16" in phase3("doctor", **opened).stdout
