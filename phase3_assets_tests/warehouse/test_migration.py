"""An upgrade of a warehouse: what was published and decided before stays what it was, and can be gone back to.

What belongs here: a warehouse that another version of the project has written. What doesn't: columns missing or of
another type (faults/test_writes.py), what enters a row's hash (catalog/test_contracts.py).
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from phase3_assets.catalog.tables import published_tables
from phase3_assets.publishing.check import check_published
from phase3_assets.publishing.drift import verify
from phase3_assets.publishing.plan import due_steps
from phase3_assets.publishing.survey import survey
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.schema import initialise
from phase3_assets_tests.support.commands import publications
from phase3_assets_tests.support.games import DAY, OFFENSE, World, state_of
from phase3_assets_tests.support.people import empty_box_score, identity, who_played

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
STATE = ("blocked_by", "published_rows_failing")


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """The project with a further column in the middle of a table."""
    copy = tmp_path / "newer"
    for folder in ("phase3_assets", "sql"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name, before, added in (
        ("table.sql", "  overtime_periods INT64", '  free_points INT64 OPTIONS(description="By free throws"),\n'),
        ("select.sql", "  overtime_periods,\n", "  ft_makes AS free_points,\n"),
    ):
        path = copy / "sql" / "tables" / OFFENSE / name
        text = path.read_text(encoding="utf-8")
        assert before in text
        path.write_text(text.replace(before, added + before, 1), encoding="utf-8")
    return copy


@pytest.mark.long
def test_rows_of_before_another_column_are_no_drift_and_can_be_put_back(world: World, newer: Path):
    def phase3(*arguments: str) -> str:
        command = [sys.executable, "-m", "phase3_assets.cli", *arguments]
        done = subprocess.run(command, cwd=newer, env={**os.environ, "PYTHONPATH": str(newer)}, capture_output=True)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    (first,) = publications(world, OFFENSE)
    turnovers = {row["team_abbr"]: row["turnovers"] for row in world.table(OFFENSE)}
    for row in world.of("nbac_team_boxscore"):
        row["turnovers"] += 1
    world.reload_and_publish()
    assert f"added column nba_analytics.{OFFENSE}.free_points INT64" in phase3("init")
    assert phase3("verify", str(DAY)) == "everything is what was published\n"
    assert "rolled back and held" in phase3(
        "rollback", OFFENSE, str(DAY), "--to", first, "--reason", "wrong correction"
    )
    assert {row["team_abbr"]: row["turnovers"] for row in world.table(OFFENSE)} == turnovers
    phase3("release", OFFENSE, str(DAY), "--reason", "it was right")
    phase3("run", str(DAY))
    assert all(row["free_points"] == row["ft_makes"] for row in world.table(OFFENSE))
    assert phase3("verify", str(DAY)) == "everything is what was published\n"
    assert world.events("drift") == []


# Decisions of before their state was recorded in columns


def upgrade(world: World) -> None:
    """As an earlier version left the decisions: sentences alone; then `phase3 init`."""
    with world.warehouse.session() as session:
        for name in STATE:
            session._connection.execute(f"ALTER TABLE nba_phase3.publications DROP COLUMN {name}")
    assert [line for line in initialise(world.warehouse) if "added column" in line] == [
        f"added column nba_phase3.publications.{name} STRING" for name in STATE
    ]


def due(world: World) -> set[tuple[str, str]]:
    """What a sensor's run would do: game and why."""
    with world.warehouse.session(read_only=True) as session:
        games = survey(session, DAY, DAY).values()
        return {(game.game_id, step.reason) for game in games for step in due_steps(game)}


def recorded(world: World) -> list[dict]:
    return world.query("SELECT * FROM nba_phase3.publications ORDER BY finished_at, table_name, game_id")


@pytest.mark.long
def test_what_an_earlier_version_held_back_is_judged_once_more_and_says_nothing_new(make_world):
    """Two games of a date claim one player: only the rule, which no column tells, says that they belong together."""
    world = make_world(3)
    wrong = who_played(world, world.games[1])
    right = identity(wrong)
    wrong.update(identity(who_played(world, world.games[0])))
    before = {game.game_id: state_of(world.reload_and_publish(), game) for game in world.games[:2]}
    assert {state for state, _ in before.values()} == {"quarantined"}
    events = world.events()
    upgrade(world)
    because = "held back by a rule that an earlier version of the project did not record"
    assert due(world) == {(game_id, because) for game_id in before}
    publication = world.publish(is_automatic=True)
    assert {game.game_id: state_of(publication, game) for game in world.games[:2]} == before
    assert world.events() == events
    assert due(world) == set()
    wrong.update(right)
    publication = world.reload_and_publish(is_automatic=True)
    assert {state_of(publication, game) for game in world.games} == {("published", None)}


@pytest.mark.long
def test_what_an_earlier_version_kept_stays_kept_without_another_word(world):
    empty_box_score(world)
    kept = state_of(world.reload_and_publish(), world.game)
    assert kept == ("published", f"{OFFENSE}: better_source_published: gold stays, silver offered")
    upgrade(world)
    records, events = recorded(world), world.events()
    assert state_of(world.publish(), world.game) == kept
    assert (recorded(world), world.events(), due(world)) == (records, events, set())


@pytest.mark.parametrize("what", ["check", "drift"])
@pytest.mark.long
def test_what_failed_by_an_earlier_versions_word_stops_downstream_until_it_is_published_anew(world, what):
    with world.warehouse.session() as session:
        change = "points_scored = points_scored + 1"
        session._connection.execute(
            f"UPDATE nba_analytics.{OFFENSE} SET {change} WHERE game_id = '{world.game.game_id}'"
        )
    if what == "check":
        check_published(world.warehouse, DAY, DAY, published_tables(), Thresholds())
    else:
        verify(world.warehouse, DAY, DAY, published_tables())
    other = frozenset({world.games[1].game_id})
    state, reason = state_of(world.publish(is_automatic=True, game_ids=other), world.game)
    words = {"check": "check failed: box_score_arithmetic", "drift": "drift: changed by hand"}
    assert state == "published" and reason.startswith(f"{OFFENSE}: {words[what]}: ")
    upgrade(world)
    check_published(world.warehouse, DAY, DAY, published_tables(), Thresholds())
    assert world.events("check_recovered") == []
    with world.warehouse.session(read_only=True) as session:
        game = survey(session, DAY, DAY)[world.game.game_id]
    assert f"{OFFENSE}: {game.decisions[OFFENSE].reason}" == reason
    assert (game.game_id, game.decisions[OFFENSE].reason) in due(world)
    assert state_of(world.publish(is_automatic=True), world.game) == ("published", None)
    assert [event["game_id"] for event in world.events("check_recovered")] == [world.game.game_id]
    assert due(world) == set()
