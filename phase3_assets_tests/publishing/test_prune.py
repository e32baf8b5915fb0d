"""What prune lets go of, and what it never does. Time passes by moving the recorded moments, not the clock."""

import json
from datetime import timedelta

import dagster as dg
import pytest
from click.testing import CliRunner

from phase3_assets.cli import main
from phase3_assets.definitions import build_defs
from phase3_assets.defs.jobs import PRUNE_JOB
from phase3_assets.defs.resources import Publisher
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets_tests.support.games import DAY, OFFENSE, SUMMARIES, World, all_outcomes, night

MOMENTS = {
    "publications": ("started_at", "finished_at"),
    "data_quality_events": ("event_timestamp",),
    "check_results": ("recorded_at",),
    **{f"{table}__history": ("replaced_at", "processed_at") for table in SUMMARIES},
}


def phase3(*arguments: str):
    return CliRunner().invoke(main, list(arguments), catch_exceptions=False)


def pass_days(world: World, days: int) -> None:
    with world.warehouse.session() as session:
        for table, columns in MOMENTS.items():
            moved = ", ".join(f"{column} = {column} - INTERVAL {days} DAY" for column in columns)
            session._connection.execute(f"UPDATE nba_phase3.{table} SET {moved}")
        for table in SUMMARIES:
            session._connection.execute(
                f"UPDATE nba_analytics.{table} SET processed_at = processed_at - INTERVAL {days} DAY"
            )


def correct(world: World, turnovers: int) -> None:
    """The league gives the first game more turnovers, or takes some back; it is published again."""
    for row in world.of("nbac_team_boxscore"):
        row["turnovers"] += turnovers
    world.load("nbac_team_boxscore")
    world.publish()


def bookkeeping(world: World) -> dict[str, list[dict]]:
    return {table: sorted(world.query(f"SELECT * FROM nba_phase3.{table}"), key=repr) for table in MOMENTS}


def visible(world: World) -> dict[str, list[dict]]:
    return {table: world.table(table) for table in SUMMARIES}


def versions(world: World) -> list[str]:
    day = world.game.game_date.isoformat()
    return [row["publication_id"] for row in json.loads(phase3("history", OFFENSE, day, "--json").output)]


@pytest.fixture(scope="module")
def _old_file(tmp_path_factory: pytest.TempPathFactory, _published_file: bytes) -> bytes:
    path = tmp_path_factory.mktemp("old") / "warehouse.duckdb"
    path.write_bytes(_published_file)
    world = World(DuckDBWarehouse(path), night(3))
    for turnovers in (1, 2, -1):
        correct(world, turnovers)
    pass_days(world, 500)
    return path.read_bytes()


@pytest.fixture
def old(world: World, _old_file: bytes) -> World:
    """Published, and the first game corrected three times, all of it 500 days ago."""
    world.warehouse.path.write_bytes(_old_file)
    return world


@pytest.mark.slow
@pytest.mark.long
def test_what_is_old_and_superseded_goes_and_nothing_that_a_reader_sees(old):
    shown, before = visible(old), bookkeeping(old)
    said = phase3("prune", "--dry-run").output
    assert f"{OFFENSE}__history: 4 rows would be deleted" in said
    assert bookkeeping(old) == before, "a dry run deletes nothing"
    assert phase3("prune").output == said.replace("would be deleted", "deleted")
    assert visible(old) == shown
    after = bookkeeping(old)
    assert {table: len(before[table]) - len(after[table]) for table in (f"{OFFENSE}__history", "publications")} == {
        f"{OFFENSE}__history": 4,
        "publications": 0,
    }, "every decision has changed what readers see"
    assert "0 rows" in phase3("prune").output.splitlines()[0], "nothing is left to delete"
    outcomes = all_outcomes(old.publish())
    assert outcomes == {"unchanged"}


@pytest.mark.slow
@pytest.mark.long
def test_of_decisions_those_go_that_changed_nothing(world):
    """Held back twice, released twice: what was published, and how it stands now, is all that stays of it."""
    for by in (9, -9, 9, -9):
        world.contradict(by=by)
        world.reload_and_publish()
    decided = f"SELECT outcome FROM nba_phase3.publications WHERE table_name = '{OFFENSE}' AND game_id = '{{}}'"
    decided = f"{decided.format(world.game.game_id)} ORDER BY finished_at"
    outcomes = ["published", *["quarantined", "unchanged"] * 2]
    assert [row["outcome"] for row in world.query(decided)] == outcomes
    pass_days(world, 500)
    phase3("prune")
    assert [row["outcome"] for row in world.query(decided)] == [outcomes[0], outcomes[-1]]


def test_the_visible_version_can_still_be_undone(old):
    truth = {row["team_abbr"]: row["turnovers"] for row in old.table(OFFENSE, old.game)}
    phase3("prune")
    previous, _ = versions(old)[-2:]
    result = phase3("rollback", OFFENSE, old.game.game_date.isoformat(), "--to", previous, "--reason", "a test")
    assert result.exit_code == 0, result.output
    assert {row["team_abbr"]: row["turnovers"] - 1 for row in old.table(OFFENSE, old.game)} == truth


@pytest.mark.slow
@pytest.mark.long
def test_what_was_in_force_within_the_time_can_be_gone_back_to(world):
    correct(world, 1)
    first = visible(world)[OFFENSE]
    pass_days(world, 500)  # the version of 500 days ago was in force until 10 days ago
    correct(world, 2)
    correct(world, -1)
    pass_days(world, 10)
    in_force = versions(world)[1]
    assert "0 rows" not in phase3("prune").output.splitlines()[0], "the very first version goes"
    day = world.game.game_date.isoformat()
    assert phase3("rollback", OFFENSE, day, "--to", in_force, "--reason", "a test").exit_code == 0
    assert [row["turnovers"] for row in world.table(OFFENSE)] == [row["turnovers"] for row in first]


@pytest.mark.slow
@pytest.mark.long
def test_a_hold_holds(old):
    day = old.game.game_date.isoformat()
    phase3("rollback", OFFENSE, day, "--to", versions(old)[0], "--reason", "a test")
    held = visible(old)[OFFENSE]
    pass_days(old, 500)
    phase3("prune")
    old.publish()
    assert [row["turnovers"] for row in visible(old)[OFFENSE]] == [row["turnovers"] for row in held]
    assert phase3("release", OFFENSE, day, "--reason", "a test").output.startswith("1 holds lifted")
    old.publish()
    assert [row["turnovers"] for row in visible(old)[OFFENSE]] != [row["turnovers"] for row in held]


@pytest.mark.slow
@pytest.mark.long
def test_events_go_but_what_was_told_is_not_told_again(world):
    world.rows["nbac_schedule"].append({**world.of("nbac_schedule")[0], "game_id": "0012500001"})
    world.contradict()
    for points in (0, 100, 0, 100):
        world.contradict(by=9 if points else -9)
        world.reload_and_publish()
    told = world.events()
    assert {"game_excluded", "game_quarantined"} <= {event["event_type"] for event in told}
    pass_days(world, 500)
    phase3("prune")
    kept = world.events()
    latest = {(event["table_name"], event["game_id"], event["event_type"]): event["event_id"] for event in told}
    assert len(told) > len(kept) and {event["event_id"] for event in kept} == set(latest.values())
    world.publish()
    assert world.events() == kept


@pytest.mark.slow
@pytest.mark.long
def test_a_league_id_that_is_no_game_on_two_dates_is_told_of_each_once(world):
    preseason = {**world.of("nbac_schedule")[0], "game_id": "0012500001"}
    both = Request(DAY, DAY + timedelta(days=1))
    world.rows["nbac_schedule"] += [preseason, {**preseason, "game_date": both.end}]
    world.load("nbac_schedule")
    publish(world.warehouse, both)
    told = world.events("game_excluded")
    assert {event["game_date"] for event in told} == {both.start, both.end}
    pass_days(world, 500)
    phase3("prune")
    publish(world.warehouse, both)
    assert {event["event_id"] for event in world.events("game_excluded")} == {event["event_id"] for event in told}


def test_for_ever_and_for_less_than_no_time(old, monkeypatch):
    before = bookkeeping(old)
    monkeypatch.setenv("PHASE3_HISTORY_DAYS", "0")
    monkeypatch.setenv("PHASE3_EVENTS_DAYS", "0")
    assert "kept for ever" in phase3("prune").output
    assert bookkeeping(old) == before
    for wrong in ("-1", "1e9", "soon"):
        monkeypatch.setenv("PHASE3_HISTORY_DAYS", wrong)
        result = phase3("prune")
        assert result.exit_code == 2 and "PHASE3_HISTORY_DAYS" in result.output
    assert bookkeeping(old) == before


def test_dagster_prunes_every_week(old):
    definitions = build_defs(Publisher(old.warehouse))
    schedule = definitions.resolve_schedule_def("prune_weekly")
    assert schedule.job_name == PRUNE_JOB and schedule.default_status == dg.DefaultScheduleStatus.RUNNING
    with dg.DagsterInstance.ephemeral() as instance:
        assert definitions.resolve_job_def(PRUNE_JOB).execute_in_process(instance=instance).success
    assert len(bookkeeping(old)[f"{OFFENSE}__history"]) == 2
