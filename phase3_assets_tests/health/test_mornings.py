"""Staged mornings: the checklist is right in each, and says nothing on a good one but `good`.

What belongs here: what is staged, and which lines are not good because of it. What doesn't: asking a real instance of
Dagster (defs/test_dagster_state.py), whether each line has a paragraph (project/test_runbook.py).
"""

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from phase3_assets.catalog.tables import published_table
from phase3_assets.health.code import read_code_lines
from phase3_assets.health.examine import Morning, examine
from phase3_assets.health.line import Verdict
from phase3_assets.health.machine import backup_line, disk_line, free_gib
from phase3_assets.health.running import Automation, Dagster, lines
from phase3_assets.publishing.interventions import waive
from phase3_assets.publishing.rollback import history, rollback
from phase3_assets.settings.locations import Settings
from phase3_assets.settings.operation import Backups, Operation
from phase3_assets.settings.software import installed
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets_tests.support.commands import phase3
from phase3_assets_tests.support.games import DAY, OFFENSE, PLAYERS, SUMMARIES, World, night

pytestmark = pytest.mark.usefixtures("only_summaries")
HALF_PAST_NINE = datetime(2026, 2, 4, 14, 30, tzinfo=UTC)
"""Eastern, the morning after DAY."""
GOOD = f"good: {DAY}, 3 of 3 games in every table"


@pytest.fixture(autouse=True)
def _with_a_backup(monkeypatch, tmp_path):
    folder = tmp_path / "backups"
    folder.mkdir()
    backup(folder, hours=3)
    monkeypatch.setenv("PHASE3_BACKUP_FOLDER", str(folder))


@pytest.fixture(scope="module")
def _unpublished_file(tmp_path_factory, _initialised_file) -> tuple[bytes, World]:
    """A night of which the first game is published, the second waits for its players, and the third is not final."""
    path = tmp_path_factory.mktemp("late") / "warehouse.duckdb"
    path.write_bytes(_initialised_file)
    world = World(DuckDBWarehouse(path), night(3))
    _, late, on = world.games
    world.drop("nbac_gamebook_player_stats", late)
    world.drop("nbac_player_boxscores", late)
    for row in world.of("nbac_schedule", on):
        row.update(home_team_score=None, away_team_score=None, game_status=1, game_status_text="7:30 pm ET")
    world.reload_and_publish()
    return path.read_bytes(), world


def backup(folder: Path, hours: float, size: int = 10) -> Path:
    path = folder / "warehouse-2026-02-04.duckdb"
    path.write_bytes(b"x" * size)
    moment = (HALF_PAST_NINE - timedelta(hours=hours)).timestamp()
    os.utime(path, (moment, moment))
    return path


def look(world: World, dagster: Dagster | None = None, now: datetime = HALF_PAST_NINE) -> Morning:
    return examine(world.warehouse, Settings.from_environment(), DAY, dagster, now)


def not_good(morning: Morning) -> dict[str, Verdict]:
    """The lines with something to do, by name."""
    return {line.name: line.verdict for line in morning.lines if line.verdict is not Verdict.GOOD}


def line(morning: Morning, name: str):
    return next(line for line in morning.lines if line.name == name)


@pytest.fixture(scope="module")
def untouched(tmp_path_factory, _published_file) -> World:
    """The published world, for tests that change nothing in it."""
    path = tmp_path_factory.mktemp("untouched") / "warehouse.duckdb"
    path.write_bytes(_published_file)
    return World(DuckDBWarehouse(path), night(3))


def test_a_good_morning_is_good_in_every_line(untouched):
    morning = look(untouched, RUNNING)
    assert not_good(morning) == {}
    assert morning.sentence == GOOD
    names = {"games", "checks", "usage", "coverage", "drift", "code", "sensors", "queue", "backup", "disk"}
    assert {line.name for line in morning.lines} == names
    assert all(line.fact and not line.to_do for line in morning.lines)


def test_warnings_spoil_no_morning_and_are_named(world, monkeypatch):
    monkeypatch.setenv("PHASE3_PACE_MAXIMUM", "71")
    world.publish()
    morning = look(world)
    assert not_good(morning) == {}
    assert line(morning, "checks").fact.endswith(
        f"no error, 2 warnings: plausible_ranges; `phase3 checks {DAY}` names the rows"
    )


def test_a_game_that_a_rule_holds_back(world):
    world.contradict()
    world.reload_and_publish()
    morning = look(world)
    assert not_good(morning) == {"games": Verdict.ACT, "game": Verdict.ACT}
    held = line(morning, "game")
    assert held.subject == world.game.game_id
    assert held.fact.startswith("quarantined: team_offense_game_summary: does_not_add_up")
    assert held.runbook == "docs/runbook.md#check-does_not_add_up"
    assert morning.sentence == f"act: {DAY}, 2 of 3 games in every table; the others: 1 quarantined"


def test_a_late_source_and_a_schedule_nobody_has_loaded_since(warehouse, _unpublished_file):
    content, made = _unpublished_file
    warehouse.path.write_bytes(content)
    world = World(warehouse, made.games)
    _, late, on = made.games
    morning = look(world)
    games = {line.subject: line for line in morning.lines if line.name == "game"}
    assert set(games) == {late.game_id, on.game_id}
    assert games[late.game_id].verdict is Verdict.LOOK
    assert games[late.game_id].runbook == "docs/runbook.md#reason-no_player_rows"
    assert "Load nbac_gamebook_player_stats or nbac_player_boxscores of the date" in games[late.game_id].to_do
    assert str(DAY) not in games[late.game_id].runbook
    assert (games[on.game_id].verdict, games[on.game_id].fact.split(":")[0]) == (Verdict.ACT, "scheduled")
    assert line(morning, "games").fact.startswith("1 of 3 games in every table")


@pytest.mark.long
def test_patience_ends_and_a_game_given_up_is_missing_nowhere(warehouse, _unpublished_file):
    content, made = _unpublished_file
    warehouse.path.write_bytes(content)
    world = World(warehouse, made.games)
    _, late, on = made.games
    # At midnight the third may be on still; after two days nobody waits for the second any more.
    assert Verdict.ACT not in not_good(look(world, now=HALF_PAST_NINE - timedelta(hours=9))).values()
    later = look(world, now=HALF_PAST_NINE + timedelta(days=2))
    assert [x.verdict for x in later.lines if x.subject == late.game_id] == [Verdict.ACT]
    for game in (late, on):
        waive(world.warehouse, game.game_id, "a test", "run")
    assert look(world).sentence.startswith("good: 2026-02-03, 1 of 1 games")


def test_a_correction_that_no_run_has_published_yet(world):
    world.of("nbac_gamebook_player_stats")[0]["steals"] += 1
    world.load()
    morning = look(world)
    assert not_good(morning) == {"late": Verdict.LOOK}
    assert world.game.game_id in line(morning, "late").fact


def test_a_gap_in_coverage(world):
    """Somebody has emptied usage rates, so that is drift as well."""
    world.tamper(f"UPDATE nba_analytics.{PLAYERS} SET usage_rate = NULL WHERE game_id = '{{game}}' AND points < 15")
    morning = look(world)
    assert not_good(morning) == {"coverage": Verdict.ACT, "drift": Verdict.ACT}
    assert world.game.game_id in line(morning, "coverage").fact


def test_a_usage_rate_out_of_range(untouched, monkeypatch):
    monkeypatch.setenv("PHASE3_USAGE_RATE_HIGH", "20")
    morning = look(untouched)
    assert not_good(morning) == {"usage": Verdict.LOOK}
    highest = max(row["usage_rate"] or 0 for row in untouched.table(PLAYERS) if (row["minutes_played"] or 0) >= 5)
    assert line(morning, "usage").fact.startswith(f"{highest:.1f} %")


def test_rows_changed_by_hand(world):
    world.tamper(f"UPDATE nba_analytics.{OFFENSE} SET assists = assists + 1 WHERE game_id = '{{game}}'")
    morning = look(world)
    assert not_good(morning) == {"drift": Verdict.ACT}
    assert line(morning, "drift").to_do.startswith(f"`phase3 run {DAY} --repair`")


@pytest.mark.long
def test_a_source_that_is_not_the_first(world):
    world.drop("nbac_gamebook_player_stats")
    emptied = ("nba_phase3.publications", *(published_table(name).contract.full_name for name in SUMMARIES))
    world.tamper(*(f"DELETE FROM {name}" for name in emptied))
    world.reload_and_publish()
    morning = look(world)
    assert not_good(morning) == {"sources": Verdict.LOOK}
    assert line(morning, "sources").fact.startswith("1 silver of 3 games")


@pytest.mark.long
def test_a_hold_is_told_until_it_is_released(world):
    first = history(world.warehouse, published_table(PLAYERS), DAY)[0]["publication_id"]
    world.of("nbac_gamebook_player_stats")[0]["steals"] += 1
    world.reload_and_publish()
    game = world.game.game_id
    rollback(world.warehouse, published_table(PLAYERS), DAY, first, [game], "a wrong correction", Thresholds(), "run")
    morning = look(world)
    assert line(morning, "game").runbook == "docs/runbook.md#reason-held"
    assert line(morning, "game").verdict is Verdict.LOOK


def test_rows_of_earlier_code_are_an_error_after_a_day(world):
    world.tamper(f"UPDATE nba_phase3.publications SET code_version = 'before' WHERE table_name = '{OFFENSE}'")
    software = installed()
    for hours, verdict in ((1, Verdict.LOOK), (25, Verdict.ACT)):
        with world.warehouse.session(read_only=True) as session:
            now = software.since + timedelta(hours=hours)
            (found,) = read_code_lines(session, software, None, Operation(), now)
        assert found.verdict is verdict
        assert found.fact == f"3 games ({DAY} to {DAY}) have rows of earlier code, for {hours} hours, in {OFFENSE}"
        assert found.to_do == f"`phase3 backfill {DAY} {DAY}`"


def test_a_process_that_runs_other_code(world):
    software = installed()

    def said(dagster_code: str | None, now: datetime) -> tuple[Verdict, str]:
        with world.warehouse.session(read_only=True) as session:
            (found,) = read_code_lines(session, software, dagster_code, Operation(), now)
        return found.verdict, found.fact

    soon, late = (software.since + timedelta(hours=hours) for hours in (1, 25))
    assert said(software.name, late)[0] is Verdict.GOOD
    verdict, fact = said("0.0.9+earlier", soon)
    assert verdict is Verdict.LOOK and fact.startswith("Dagster runs 0.0.9+earlier; ")
    assert said("0.0.9+earlier", late)[0] is Verdict.ACT
    # Somebody else's code wrote once, and this one after it: that is what going back to a deployment looks like.
    other = "UPDATE nba_phase3.publications SET software_version = '0.0.8+elsewhere'"
    world.tamper(f"{other} WHERE table_name = '{OFFENSE}'")
    assert said(None, late)[0] is Verdict.GOOD
    world.tamper(other)
    verdict, fact = said(None, late)
    assert verdict is Verdict.ACT and fact.startswith("0.0.8+elsewhere wrote last, at ")


RUNNING = Dagster(
    beat_at=HALF_PAST_NINE,
    automations=(
        Automation("nbac_schedule_changes", True, HALF_PAST_NINE - timedelta(seconds=20), 15.0, None),
        Automation("sweep_daily", True, HALF_PAST_NINE - timedelta(hours=20), 0.0, None, is_schedule=True),
    ),
    queued=1,
    queued_since=HALF_PAST_NINE - timedelta(minutes=1),
    started=1,
    failed=(),
    code=None,
)
_SENSOR, _SCHEDULE = RUNNING.automations


@pytest.mark.parametrize(
    ("dagster", "name", "said"),
    [
        (replace(RUNNING, beat_at=HALF_PAST_NINE - timedelta(hours=3)), "sensors", "not been heard of for 3 hours"),
        (replace(RUNNING, automations=(replace(_SENSOR, is_running=False),)), "sensors", "switched off"),
        (replace(RUNNING, automations=(_SENSOR, replace(_SCHEDULE, is_running=False))), "sensors", "switched off"),
        (replace(RUNNING, automations=(replace(_SENSOR, error="no such table"),)), "sensors", "no such table"),
        (
            replace(RUNNING, automations=(replace(_SENSOR, ticked_at=HALF_PAST_NINE - timedelta(minutes=40)),)),
            "sensors",
            "has not ticked for 40 minutes",
        ),
        (replace(RUNNING, automations=(replace(_SENSOR, ticked_at=None),)), "sensors", "never ticked"),
        (replace(RUNNING, queued_since=HALF_PAST_NINE - timedelta(hours=2)), "queue", "has waited for 2 hours"),
        (replace(RUNNING, failed=("publish 2026-02-03, run 1a2b3c4d",)), "runs", "publish 2026-02-03"),
    ],
)
def test_dagster_does_not_do_its_part(dagster, name, said):
    assert {each.verdict for each in lines(RUNNING, Operation(), HALF_PAST_NINE)} == {Verdict.GOOD}
    (bad,) = [each for each in lines(dagster, Operation(), HALF_PAST_NINE) if each.to_do]
    assert (bad.name, bad.runbook) == (name, f"docs/runbook.md#health-{name}")
    assert said in bad.fact


def test_backups(monkeypatch, tmp_path):
    def said() -> tuple[Verdict, str]:
        found = backup_line(Settings.from_environment(), Backups.from_environment(), Operation(), HALF_PAST_NINE)
        return found.verdict, found.fact

    folder = tmp_path / "backups"
    assert said() == (Verdict.GOOD, "warehouse-2026-02-04.duckdb, 3 hours old, 0.0 MiB")
    path = backup(folder, hours=27)
    assert said() == (Verdict.ACT, "warehouse-2026-02-04.duckdb, 27 hours old, 0.0 MiB; 26 hours wanted")
    warehouse = Settings.from_environment().duckdb_path
    warehouse.write_bytes(b"x")
    os.utime(warehouse, (0, path.stat().st_mtime))
    assert said()[0] is Verdict.GOOD, "nothing was written since"
    warehouse.unlink()
    backup(folder, hours=3, size=0)
    assert said() == (Verdict.ACT, "warehouse-2026-02-04.duckdb is empty")
    path.unlink()
    (folder / ".warehouse.duckdb.x.part").write_bytes(b"x")
    assert said() == (Verdict.ACT, f"{folder} holds no backup")
    monkeypatch.delenv("PHASE3_BACKUP_FOLDER")
    assert said() == (Verdict.LOOK, "no backup is configured")
    monkeypatch.setenv("PHASE3_BACKUP_FOLDER", "none")
    assert said() == (Verdict.GOOD, "none, as PHASE3_BACKUP_FOLDER says")
    bigquery = {
        "PHASE3_WAREHOUSE": "bigquery",
        "PHASE3_BIGQUERY_PROJECT": "a-project",
        "PHASE3_BIGQUERY_LOCATION": "US",
    }
    settings = Settings.from_environment(bigquery)
    assert "seven days" in backup_line(settings, Backups(None, False), Operation(), HALF_PAST_NINE).fact


def test_a_disk_that_is_nearly_full():
    settings = Settings.from_environment()
    assert disk_line(settings, Operation(disk_free_gib=0.001)).verdict is Verdict.GOOD
    free = free_gib(settings.duckdb_path)
    assert disk_line(settings, Operation(disk_free_gib=free * 1.5)).verdict is Verdict.LOOK
    assert disk_line(settings, Operation(disk_free_gib=free * 9)).verdict is Verdict.ACT


def test_the_command_says_only_good_on_a_good_morning_and_writes_nothing(world, monkeypatch):
    monkeypatch.setenv("PHASE3_BACKUP_FOLDER", "none")
    before = world.warehouse.path.read_bytes()
    good = phase3("health")
    assert (good.exit_code, good.output) == (0, f"{GOOD}\n")
    assert world.warehouse.path.read_bytes() == before
    monkeypatch.setenv("PHASE3_BACKUP_FOLDER", "")
    bad = phase3("health", str(DAY))
    assert bad.exit_code == 1
    assert bad.output.splitlines()[1] == "look  backup: no backup is configured"
    assert bad.output.splitlines()[2].endswith("[docs/runbook.md#health-backup]")
    assert len(bad.output.splitlines()) > 10, "the good lines as well"
    told = json.loads(phase3("health", str(DAY), "--json").output)
    assert (told["date"], told["verdict"], told["lines"][0]["name"]) == (str(DAY), "look", "backup")
