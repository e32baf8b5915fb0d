"""The plan: what a run would do with each game and table, why, and that the run then does just that.

What belongs here: actions and reasons, the plan held against the publication that follows it. What doesn't: what a
publication does (test_publish.py).
"""

import json

import pytest
from click.testing import CliRunner

from phase3_assets.catalog.table_names import TABLE_NAMES
from phase3_assets.catalog.tables import PublishedTable, published_table, published_tables
from phase3_assets.cli import main
from phase3_assets.publishing.check import check_published
from phase3_assets.publishing.plan import Step, plan
from phase3_assets.publishing.survey import survey
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets_tests.support.games import DAY, OFFENSE, PLAYERS, SUMMARIES, World, of_summaries, report_of

BEFORE_IT = f"{OFFENSE} is computed before it"


def planned(world: World, tables: tuple[PublishedTable, ...] | None = None) -> list[Step]:
    with world.warehouse.session(read_only=True) as session:
        return of_summaries(plan(survey(session, DAY, DAY).values(), tables or published_tables()))


def of_first(world: World) -> list[tuple[str, str]]:
    """Action and reason for the first game, in lineage order."""
    return [(step.action, step.reason) for step in planned(world) if step.game_id == world.game.game_id]


def computed(steps: list[Step]) -> set[tuple[str, str]]:
    return {(step.table, step.game_id) for step in steps if step.action == "compute"}


def staged(world: World) -> set[tuple[str, str]]:
    """Publish, and say of which games rows were really computed."""
    world.publish(run_id="foreseen")
    rows = world.query(
        "SELECT table_name, game_id FROM nba_phase3.publications WHERE run_id = 'foreseen' AND rows_staged IS NOT NULL"
    )
    return {(row["table_name"], row["game_id"]) for row in of_summaries(rows)}


def change_team_inputs(world: World) -> None:
    for row in world.of("nbac_team_boxscore"):
        row["turnovers"] += 3
    world.load("nbac_team_boxscore")


def change_player_inputs(world: World) -> None:
    for row in world.of("nbac_gamebook_player_stats"):
        if row["minutes"]:
            row["assists"] += 1
    world.load("nbac_gamebook_player_stats")


def fail_a_check(world: World, table: str) -> None:
    column = "points" if table == PLAYERS else "points_scored"
    world.tamper(f"UPDATE nba_analytics.{table} SET {column} = {column} + 1 WHERE game_id = '{world.game.game_id}'")
    check_published(world.warehouse, DAY, DAY, published_tables(), Thresholds())


def set_code(monkeypatch: pytest.MonkeyPatch, *tables: str) -> None:
    for name in tables:
        monkeypatch.setitem(published_table(name).__dict__, "code_version", "another")


def test_nothing_is_planned_for_what_is_published(world):
    steps = planned(world)
    assert [(s.game_date, s.game_id, s.table) for s in steps] == [
        (DAY, game.game_id, table) for game in sorted(world.games, key=lambda g: g.game_id) for table in SUMMARIES
    ]
    assert {(s.action, s.reason) for s in steps} == {("nothing", "published from these inputs by this code")}
    assert staged(world) == set()


def test_new_games_are_computed_in_every_table(make_world):
    world = make_world(2)
    world.load()
    steps = planned(world)
    assert {(step.action, step.reason) for step in steps} == {("compute", "new")}
    assert computed(steps) == staged(world) == {(table, game.game_id) for table in SUMMARIES for game in world.games}


@pytest.mark.slow
def test_changed_team_inputs_have_everything_after_them_computed(world):
    change_team_inputs(world)
    assert of_first(world) == [("compute", "changed inputs"), ("compute", BEFORE_IT), ("compute", BEFORE_IT)]
    foreseen = computed(planned(world))
    assert foreseen == staged(world) == {(table, world.game.game_id) for table in SUMMARIES}


@pytest.mark.slow
@pytest.mark.long
def test_changed_player_inputs_have_the_player_table_computed(world):
    change_player_inputs(world)
    assert [action for action, _ in of_first(world)] == ["nothing", "nothing", "compute"]
    assert of_first(world)[2][1] == "changed inputs"
    foreseen = computed(planned(world))
    assert foreseen == staged(world) == {(PLAYERS, world.game.game_id)}


def test_changed_code_has_every_game_computed(world, monkeypatch):
    set_code(monkeypatch, *SUMMARIES)
    steps = planned(world)
    assert {step.reason for step in steps if step.table == OFFENSE} == {"changed code"}
    assert computed(steps) == staged(world) == {(table, game.game_id) for table in SUMMARIES for game in world.games}


def test_changed_code_of_the_last_table_is_work_for_that_table(world, monkeypatch):
    set_code(monkeypatch, PLAYERS)
    steps = planned(world)
    assert {step.reason for step in steps if step.action == "compute"} == {"changed code"}
    assert computed(steps) == staged(world) == {(PLAYERS, game.game_id) for game in world.games}


@pytest.mark.slow
@pytest.mark.long
def test_a_failed_check_is_why_a_game_is_computed(world):
    fail_a_check(world, PLAYERS)
    action, reason = of_first(world)[2]
    assert action == "compute" and reason.startswith("check failed: box_score_arithmetic")
    foreseen = computed(planned(world))
    assert foreseen == staged(world) == {(PLAYERS, world.game.game_id)}


@pytest.mark.slow
@pytest.mark.parametrize("cause", ["changed code", "check failed"])
def test_rows_that_come_out_the_same_spare_what_is_after_them_and_the_plan_says_why(world, monkeypatch, cause):
    """Whether a recomputed upstream changes is not known before; the plan then names more than is done, never less."""
    if cause == "changed code":
        set_code(monkeypatch, OFFENSE)
    else:
        fail_a_check(world, OFFENSE)
    steps = planned(world)
    assert {step.reason[: len(cause)] for step in steps if step.table == OFFENSE and step.action == "compute"} == {
        cause
    }
    done = staged(world)
    assert {table for table, _ in done} == {OFFENSE}
    assert done == {(step.table, step.game_id) for step in steps if step.action == "compute" and step.table == OFFENSE}
    assert {step.reason for step in steps if (step.table, step.game_id) in computed(steps) - done} == {BEFORE_IT}


@pytest.mark.slow
@pytest.mark.long
def test_a_game_held_back_waits_for_other_inputs(make_world):
    world = make_world(2)
    world.contradict()
    world.reload_and_publish()
    offense, *others = of_first(world)
    assert offense[0] == "nothing" and offense[1].startswith("held back: does_not_add_up")
    for action, reason in others:
        assert action == "wait" and reason.startswith(f"{OFFENSE} is quarantined: ")
    assert staged(world) == set()
    world.contradict(by=-9)
    world.load()
    assert of_first(world) == [("compute", "changed inputs"), ("compute", "new"), ("compute", "new")]
    assert computed(planned(world)) == staged(world) == {(table, world.game.game_id) for table in SUMMARIES}


@pytest.mark.slow
def test_a_game_without_its_sources_waits_and_says_for_what(make_world):
    world = make_world(2)
    world.drop("nbac_team_boxscore")
    world.drop("nbac_gamebook_player_stats")
    world.load()
    assert of_first(world) == [("wait", "waiting: no_team_boxscore")] * len(SUMMARIES)
    assert computed(planned(world)) == staged(world)


def test_the_player_table_alone_waits_for_its_team_rows(world):
    change_team_inputs(world)
    players = planned(world, (published_table(PLAYERS),))
    (step,) = [step for step in players if step.game_id == world.game.game_id]
    assert step.action == "wait" and "older than its inputs" in step.reason
    assert {step.action for step in players if step.game_id != world.game.game_id} == {"nothing"}


@pytest.mark.slow
def test_a_called_off_game_is_withdrawn_and_one_without_source_stays(world):
    called_off, lost, _ = world.games
    for row in world.of("nbac_schedule", called_off):
        row.update(game_status_text="Postponed", game_status=1)
    world.drop("nbac_team_boxscore", lost)
    world.drop("nbac_gamebook_player_stats", lost)
    world.load()
    steps = planned(world)
    assert {(s.action, s.reason) for s in steps if s.game_id == called_off.game_id} == {("withdraw", "postponed")}
    assert {(s.action, s.reason) for s in steps if s.game_id == lost.game_id} == {
        ("nothing", "stays published; its source is no_team_boxscore")
    }
    publication = world.publish()
    for table in SUMMARIES:
        games = report_of(publication, table).games
        assert [o.outcome for o in games if o.game_id == called_off.game_id] == ["withdrawn"]
    assert of_first(world) == [("wait", "void: postponed")] * len(SUMMARIES)


def test_the_command_shows_what_is_due_and_writes_nothing(world):
    change_team_inputs(world)
    before = world.query("SELECT * FROM nba_phase3.publications"), world.warehouse.path.read_bytes()
    result = CliRunner().invoke(main, ["plan", DAY.isoformat()], catch_exceptions=False)
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[0] == f"{'compute':<8}  {world.game.game_id}  {OFFENSE}  changed inputs"
    due = len(of_summaries(line.split()[2] for line in lines[:-1]))
    assert due == 3 and lines[-1] == f"{len(lines) - 1} of {3 * len(TABLE_NAMES)} games and tables would be worked on"
    answer = CliRunner().invoke(main, ["plan", DAY.isoformat(), DAY.isoformat(), "--json"], catch_exceptions=False)
    shown = json.loads(answer.output)
    assert len(shown) == 3 * len(TABLE_NAMES)
    assert shown[0].keys() == {"game_date", "game_id", "table", "action", "reason"}
    assert (world.query("SELECT * FROM nba_phase3.publications"), world.warehouse.path.read_bytes()) == before
    assert world.events() == []
