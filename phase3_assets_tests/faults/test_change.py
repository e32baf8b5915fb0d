"""Failures 33 to 42: change, retry, amplification.

What belongs here: changes as they come, sensors under a clock of the test's own, and how much they make run. What
doesn't: every decision of a tick (automation/test_tick.py), Dagster's side of it (defs/test_sensors.py).
"""

import subprocess
import sys
from datetime import date, timedelta

import pytest

from phase3_assets.automation.memory import Memory
from phase3_assets.demo.season import simulate_season
from phase3_assets.errors import WarehouseBusyError
from phase3_assets.publishing.interventions import unwaive
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.settings.pacing import Pacing
from phase3_assets_tests.faults.scenes import EVENING, GAMEBOOK, PROPS, SCHEDULE, TEAM_BOX, Scene, failing, outcomes
from phase3_assets_tests.support.games import DAY, OFFENSE, PLAYERS, all_outcomes, state_of
from phase3_assets_tests.support.sampling import first_in_ci
from phase3_assets_tests.support.sensors import Watch

pytestmark = pytest.mark.usefixtures("only_summaries")


def correct(scene: Scene, table: str, column: str) -> None:
    """The league corrects the first game by one; what follows from the corrected rows is true as well."""
    for row in scene.of(table):
        if row[column] is not None and row.get("minutes"):
            row[column] += 1
    scene.allow_truth_of(scene.rows)
    scene.load(table)


@pytest.mark.slow
@pytest.mark.long
def test_33_a_burst_is_one_run_and_nothing_new_is_none(published):
    """Every message recomputes its date: 2,000 executions, 87 % failed.

    Guard: phase3_assets/automation/tick.py (_settled), phase3_assets/publishing/game.py (is_decided)
    """
    watch = Watch(published, raw=(TEAM_BOX,))
    assert watch.until_quiet() == []
    for row in published.rows[TEAM_BOX]:
        row["processed_at"] += timedelta(days=1)
    published.rows[TEAM_BOX] *= 3
    published.load(TEAM_BOX)
    assert watch.until_quiet() == []
    records = published.query("SELECT * FROM nba_phase3.publications")
    assert all_outcomes(published.publish()) == {"unchanged"}
    assert published.query("SELECT * FROM nba_phase3.publications") == records
    for _ in range(3):
        correct(published, TEAM_BOX, "steals")
        assert watch.tick() == [], "still arriving"
    (run,) = watch.until_quiet()
    assert run.games == (published.game.game_id,)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("table", "column"), first_in_ci([(TEAM_BOX, "turnovers"), (GAMEBOOK, "plus_minus"), (PROPS, "points_line")])
)
def test_34_a_correction_in_any_source_is_published(published, table, column):
    """A smart skip compares one row of one source: corrections are ignored.

    Guard: phase3_assets/publishing/survey.py (_survey_sql)
    """
    for row in published.of(table)[-1:] if table != GAMEBOOK else published.of(table):
        if row[column] is not None:
            row[column] += 1
    if table == PROPS:
        for row in published.of(table):
            row[column] += 1
    published.allow_truth_of(published.rows)
    before = published.look()
    published.load(table)
    publication = published.publish()
    assert published.look() != before
    changed = {game for game, outcome in outcomes(publication, PLAYERS).items() if outcome == "published"}
    assert changed == {published.game.game_id}
    assert failing(publication.verdicts).keys() <= {(PLAYERS, "team_totals")}, "turnovers are more than the players'"


@pytest.mark.slow
@pytest.mark.long
def test_35_a_team_correction_recomputes_the_players(published):
    """A team correction does not recompute its players.

    Guard: phase3_assets/publishing/game.py (inputs_hash)
    """
    usage = {row["player_lookup"]: row["usage_rate"] for row in published.table(PLAYERS, published.game)}
    correct(published, TEAM_BOX, "turnovers")
    publication = published.publish()
    assert outcomes(publication, PLAYERS)[published.game.game_id] == "published"
    after = {row["player_lookup"]: row["usage_rate"] for row in published.table(PLAYERS, published.game)}
    assert any(after[name] < usage[name] for name in usage if usage[name])


@pytest.mark.slow
@pytest.mark.parametrize("stuck", first_in_ci(["waiting", "live"]))
@pytest.mark.long
def test_36_a_game_that_never_comes_blocks_nothing_and_is_given_up_visibly(loaded, stuck):
    """One game stuck "live" for ever blocks its date; one missing box score makes 500 errors a day for a week.

    Guard: phase3_assets/publishing/interventions.py (waive_by_age), phase3_assets/automation/tick.py (_look)
    """
    bad, *good = loaded.games
    if stuck == "live":
        for row in loaded.of(SCHEDULE):
            row.update(game_status=2, game_status_text="Q4 0:12", home_team_score=None, away_team_score=None)
    else:
        for name in (TEAM_BOX, GAMEBOOK):
            loaded.drop(name)
    loaded.load()
    watch = Watch(loaded, raw=(TEAM_BOX,))
    (run,) = watch.until_quiet()
    assert set(run.games) == {game.game_id for game in good}
    assert watch.until_quiet() == [], "nothing is tried while nothing changes"
    publication = loaded.publish()
    assert state_of(publication, bad)[0] == stuck
    assert loaded.visible(PLAYERS) == {game.game_id for game in good}
    # Fifteen days go by.
    loaded.alter("UPDATE nba_phase3.game_readiness SET updated_at = updated_at - INTERVAL 15 DAY")
    state, reason = state_of(loaded.publish(), bad)
    assert state == "waived" and "age limit" in reason
    (event,) = loaded.events("game_waived")
    assert (event["game_id"], event["severity"]) == (bad.game_id, "WARNING")
    loaded.restore()
    assert state_of(loaded.publish(), bad)[0] == "waived", "a terminal state: a person takes it back"
    unwaive(loaded.warehouse, bad.game_id, "it came after all", "test")
    assert state_of(loaded.publish(), bad) == ("published", None)


@pytest.mark.slow
@pytest.mark.long
def test_37_a_game_that_has_not_started_is_waited_for_without_a_run(loaded):
    """A retry storm against a game that has not started.

    Guard: phase3_assets/publishing/gate.py (gate), phase3_assets/automation/tick.py (due_steps)
    """
    for row in loaded.rows[SCHEDULE]:
        row.update(game_status=1, game_status_text="7:30 pm ET", home_team_score=None, away_team_score=None)
    for name in (TEAM_BOX, GAMEBOOK, EVENING):
        loaded.rows[name] = []
    loaded.load()
    watch = Watch(loaded, raw=(SCHEDULE, PROPS, None))
    assert watch.until_quiet() == []
    publication = loaded.publish()
    assert {state_of(publication, game) for game in loaded.games} == {("scheduled", None)}
    assert publication.held_back == [] and failing(publication.verdicts) == {} and loaded.events() == []
    loaded.restore()
    (run,) = watch.until_quiet()
    assert len(run.games) == 3 and loaded.visible(PLAYERS) == set(run.games)


@pytest.mark.slow
@pytest.mark.long
def test_38_what_is_over_is_not_queued_again(published):
    """Permanently failed work is queued again; runs are started for dates without games.

    Guard: phase3_assets/publishing/game.py (is_decided), phase3_assets/publishing/plan.py (plan)
    """
    published.contradict()
    published.load(TEAM_BOX, EVENING)
    watch = Watch(published, raw=(TEAM_BOX, None))
    assert len(watch.until_quiet()) == 1
    watch.memories = {name: Memory() for name in watch.raw}
    assert watch.until_quiet() == [], "held back for these inputs: only others are worth a run"
    assert len(published.events("game_quarantined")) == 1
    off_day = publish(published.warehouse, Request(DAY + timedelta(days=1), DAY + timedelta(days=1)))
    assert not any(report.games for report in off_day.reports) and failing(off_day.verdicts) == {}
    published.restore(TEAM_BOX, EVENING)
    assert len(watch.until_quiet()) == 1
    assert state_of(published.publish(), published.game) == ("published", None)


_HOLD = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.readline()
"""


@pytest.mark.slow
@pytest.mark.long
def test_39_a_run_that_finds_the_lock_held_does_not_report_success(published):
    """The lock is held: the run reports success without doing anything.

    Guard: phase3_assets/warehouse/duckdb/warehouse.py (WarehouseBusyError)
    """
    correct(published, TEAM_BOX, "steals")
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(published.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout.readline() == "held\n"
    published.warehouse.wait_seconds = 0.2
    with pytest.raises(WarehouseBusyError, match="nothing was done"):
        published.publish()
    holder.communicate("\n")
    published.warehouse.wait_seconds = 10
    assert outcomes(published.publish(), OFFENSE)[published.game.game_id] == "published"


@pytest.mark.slow
@pytest.mark.long
def test_40_a_date_corrected_twice_runs_twice(published):
    """A run key of the date alone: a corrected date is never run again.

    Guard: phase3_assets/defs/sensors.py (_request), phase3_assets/automation/tick.py (_key)
    """
    watch = Watch(published, raw=(TEAM_BOX,))
    assert watch.until_quiet() == []
    changes = set()
    for _ in range(2):
        correct(published, TEAM_BOX, "steals")
        changes |= {run.change for run in watch.until_quiet()}
    assert len(changes) == 2
    assert {row["team_abbr"]: row["steals"] for row in published.table(OFFENSE, published.game)} == {
        row["team_abbr"]: row["steals"] for row in published.of(TEAM_BOX)
    }


@pytest.mark.slow
@pytest.mark.long
def test_41_many_dates_are_a_few_runs_and_none_is_dropped(make_scene):
    """165 dates change at once: 165 runs.

    Guard: phase3_assets/automation/tick.py (_near, _ask)
    """
    first = date(2025, 12, 1)
    by_day = {game.game_date: game for game in simulate_season(3, first, 24)}
    scene = make_scene(list(by_day.values()))
    watch = Watch(scene, raw=(SCHEDULE,))
    watch.pacing = Pacing(days_per_run=8, runs_per_tick=2)
    ticks = [watch.tick() for _ in range(5)]
    assert [len(runs) for runs in ticks] == [0, 2, 1, 0, 0]
    assert scene.visible(PLAYERS) == {game.game_id for game in scene.games}


@pytest.mark.slow
@pytest.mark.parametrize("cursor", first_in_ci(["{", "", '{"open":{"2026-02-03":{"x":1}}}']))
@pytest.mark.long
def test_42_a_lost_or_corrupt_cursor_loses_and_doubles_nothing(published, cursor):
    """A sensor's cursor is lost or corrupt.

    Guard: phase3_assets/automation/memory.py (from_json)
    """
    watch = Watch(published, raw=(TEAM_BOX,))
    assert watch.until_quiet() == []
    correct(published, TEAM_BOX, "steals")
    watch.tick(carry_out=False)
    watch.memories = {TEAM_BOX: Memory.from_json(cursor)}
    assert len(watch.until_quiet()) == 1
    watch.memories = {TEAM_BOX: Memory.from_json(cursor)}
    assert watch.until_quiet() == []
