"""phase3_completion at every moment of a night, a waiver, a rollback, a failed check, a drift, a postponement.

What belongs here: that each row is what a count in Python makes of the published tables and the records, and that it
follows whatever changes them within the same run or command; what `phase3 ready` makes of it. What doesn't: Dagster's
side (defs/, test_downstream.py).
"""

import json
from collections import Counter
from datetime import date, timedelta

import pytest
from click.testing import CliRunner

from phase3_assets.catalog.contracts import PRE_GAME
from phase3_assets.catalog.table_names import TABLE_NAMES
from phase3_assets.catalog.tables import published_tables
from phase3_assets.cli import main
from phase3_assets.demo.before_tip_off import rows_before
from phase3_assets.demo.season import raw_rows
from phase3_assets.publishing import check, rollback
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.readiness import refresh_states
from phase3_assets.publishing.requests import Request
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets_tests.support.bends import move, not_final, placeholder
from phase3_assets_tests.support.clock import set_clock
from phase3_assets_tests.support.games import DAY, OFFENSE, PLAYERS, later

STORED = "SELECT * FROM nba_phase3.phase3_completion"
RECORDS = ("publications", "interventions", "game_readiness")
NOT_COUNTED = ("missing", "first_complete_at", "updated_at")


def phase3(*arguments: str):
    return CliRunner().invoke(main, list(arguments), catch_exceptions=False)


def whole(world):
    """The world, publishing every table: completion speaks of all of them."""
    world.tables = None
    return world


def row_of(world, day: date = DAY) -> dict:
    (row,) = [row for row in world.query(STORED) if row["game_date"] == day]
    return row


MAY_HAVE_NONE = {table.name for table in published_tables() if table.contract.has_optional_rows}
BEFORE_THE_GAME = [table.name for table in published_tables() if table.phase == PRE_GAME]


def latest(rows, *key, by):
    """The last row of each key."""
    return {tuple(row[name] for name in key): row for row in sorted(rows, key=lambda row: [str(row[b]) for b in by])}


def counted(world, day: date = DAY) -> tuple[dict, set[tuple[str, str]]]:
    """What the row of a date should say, and which games are missing where: counted here, row by row."""
    with world.warehouse.session(read_only=True) as session:
        recorded = {name: session.query(f"SELECT * FROM nba_phase3.{name}") for name in RECORDS}
        of_tables = {t.name: session.query(f"SELECT * FROM {t.contract.full_name}") for t in published_tables()}
    decisions = latest(recorded["publications"], "table_name", "game_id", by=("finished_at", "publication_id"))
    interventions = latest(recorded["interventions"], "kind", "game_id", by=("made_at",))
    waived = {game for (kind, game), row in interventions.items() if kind == "waiver" and row["is_active"]}
    dates = {table.name: table.contract.partition for table in published_tables()}
    published = {name: [row for row in rows if row[dates[name]] == day] for name, rows in of_tables.items()}
    seen = {name: Counter(row["game_id"] for row in rows) for name, rows in published.items()}
    states = [row for row in recorded["game_readiness"] if row["game_date"] == day]
    void = {row["game_id"] for row in states if row["source_state"] == "void"}
    final = {row["game_id"] for row in states if row["source_state"] in ("waiting", "ready")}
    expected = {row["game_id"] for row in states} - void - waived

    def is_right(name: str, game: str) -> bool:
        decision = decisions.get((name, game))
        return (
            decision is not None
            and seen[name][game] == decision["row_count"] >= (name not in MAY_HAVE_NONE)
            and decision["outcome"] != "check_failed"
            and decision["published_rows_failing"] is None
        )

    lacking = {(game, name) for game in expected for name in TABLE_NAMES if not is_right(name, game)}
    asked = expected & final
    complete = {game for game in asked if not any((game, name) in lacking for name in TABLE_NAMES)}
    tables = [name for name in TABLE_NAMES if not any((game, name) in lacking for game in asked)]
    played = [row for row in published[PLAYERS] if row["minutes_played"]]
    row = {
        "game_date": day,
        "games_scheduled": len(states),
        "games_final": len(final),
        "games_void": len(void),
        "games_waived": len(waived - void),
        "tables_expected": len(TABLE_NAMES),
        "tables_complete": len(tables) if asked or not expected else 0,
        "games_complete": len(complete),
        "coverage_percentage": round(100 * len(complete) / len(asked), 2) if asked else 0.0 if expected else 100.0,
        "usage_coverage_percentage": (
            round(100 * sum(row["usage_rate"] is not None for row in played) / len(played), 2) if played else None
        ),
        "rows_by_table": {name: len(rows) for name, rows in published.items()},
        "is_complete": complete == expected,
    }
    return row, lacking


def see(world, day: date = DAY) -> dict:
    """The stored row, once it is held against the count."""
    row = row_of(world, day)
    expected, lacking = counted(world, day)
    told = {**row, "rows_by_table": json.loads(row["rows_by_table"])}
    assert {name: value for name, value in told.items() if name not in NOT_COUNTED} == expected
    assert {tuple(line.split(" ", 2)[:2]) for line in row["missing"]} == lacking
    return row


def why(row: dict) -> set[str]:
    return {line.split(" ", 2)[2] for line in row["missing"]}


def events(world) -> list[tuple[str, str]]:
    rows = world.query("SELECT * FROM nba_phase3.data_quality_events ORDER BY event_timestamp")
    return [(row["event_type"], row["severity"]) for row in rows if row["event_type"].startswith("date_")]


@pytest.mark.slow
def test_a_night_from_the_schedule_to_the_last_box_score(make_world, monkeypatch):
    world = whole(make_world(3))
    _, second, third = world.games
    set_clock(monkeypatch, min(game.tip_off for game in world.games) - timedelta(hours=3))
    final = world.rows
    empty = {name: [] for name in final}
    world.rows = {**empty, **rows_before(world.games, world.game.tip_off - timedelta(hours=4))}
    world.reload_and_publish()
    row = see(world)
    assert (row["is_complete"], row["coverage_percentage"], row["tables_complete"]) == (False, 0.0, 0)
    assert why(row) == {"scheduled"}, "the pre-game tables have their rows; nothing else can be there"
    named = [word for name in BEFORE_THE_GAME for word in ("--table", name)]
    assert phase3("ready", str(DAY), *named).exit_code == 0
    assert phase3("ready", str(DAY)).exit_code == 1

    before = {name: rows for name, rows in world.rows.items() if name not in raw_rows(world.games)}
    world.rows = {**before, **final}
    set_clock(monkeypatch, later(third, 5))
    for game in (second, third):
        not_final(2, "Q3 5:12")(world, game)
    world.reload_and_publish()
    row = see(world)
    assert (row["games_final"], row["games_complete"], row["coverage_percentage"]) == (1, 1, 100.0)
    assert not row["is_complete"] and why(row) == {"live"}
    assert phase3("ready", str(DAY), "--at-least", "80").exit_code == 1, "a part of a date is not the date"
    assert phase3("ready", str(DAY), "--at-least", "33").exit_code == 0

    world.rows = {**before, **raw_rows(world.games)}
    kept = [dict(row) for row in world.of("nbac_team_boxscore", third)]
    world.drop("nbac_gamebook_player_stats", third)
    for box in world.of("nbac_team_boxscore", third):
        placeholder(box)
    world.reload_and_publish()
    row = see(world)
    assert (row["coverage_percentage"], row["tables_complete"]) == (66.67, len(BEFORE_THE_GAME))
    assert why(row) == {"waiting: placeholder_team_boxscore"}
    answer = json.loads(phase3("ready", str(DAY), "--json").output)
    assert (answer["is_ready"], answer["games_ready"], answer["games_expected"]) == (False, 2, 3)
    assert len(answer["missing"]) == len(TABLE_NAMES) - len(BEFORE_THE_GAME)

    for box, right in zip(world.of("nbac_team_boxscore", third), kept, strict=True):
        box.update(right)
    world.reload_and_publish()
    row = see(world)
    assert row["is_complete"] and row["first_complete_at"] == row["updated_at"]
    assert phase3("ready", str(DAY)).exit_code == 0
    assert events(world) == []


def test_a_run_that_finds_nothing_new_writes_nothing(world):
    before, stamp = see(world), world.warehouse.path.stat()
    world.publish()
    assert row_of(world) == before
    after = world.warehouse.path.stat()
    assert (after.st_mtime_ns, after.st_size) == (stamp.st_mtime_ns, stamp.st_size)


@pytest.mark.slow
@pytest.mark.long
def test_a_game_whose_pre_game_rows_were_never_made_is_missing_there(make_world):
    """By itself, no run makes them once the game has begun; a table of which nothing is there is not complete."""
    world = whole(make_world(2))
    world.reload_and_publish(is_automatic=True)
    row = see(world)
    assert (row["tables_complete"], row["coverage_percentage"]) == (len(TABLE_NAMES) - len(BEFORE_THE_GAME), 0.0)
    assert why(row) == {f"no row was made before tip-off; `phase3 run {DAY}` makes it, with hindsight"}
    assert phase3("ready", str(DAY), "--table", PLAYERS).exit_code == 0
    world.publish()
    assert see(world)["is_complete"]


@pytest.mark.long
def test_a_waiver_and_its_end(make_world):
    world = whole(make_world(2))
    for box in world.of("nbac_team_boxscore"):
        placeholder(box)
    world.drop("nbac_gamebook_player_stats")
    world.reload_and_publish()
    assert see(world)["coverage_percentage"] == 50.0
    assert phase3("waive", world.game.game_id, "--reason", "lost").exit_code == 0
    row = see(world)
    assert (row["games_waived"], row["coverage_percentage"], row["is_complete"]) == (1, 100.0, True)
    assert phase3("waive", world.game.game_id, "--reason", "found", "--undo").exit_code == 0
    row = see(world)
    assert (row["is_complete"], row["first_complete_at"] is None) == (False, False)
    assert events(world) == [("date_incomplete", "WARNING")]


@pytest.mark.long
def test_rows_that_somebody_deleted(world):
    first = see(world)
    world.tamper(f"DELETE FROM nba_analytics.{PLAYERS} WHERE game_id = '{{game}}'")
    assert phase3("verify", str(DAY)).exit_code == 1
    row = see(world)
    assert (row["tables_complete"], row["games_complete"]) == (len(TABLE_NAMES) - 1, 2)
    assert why(row) == {"0 rows are there, 30 were published"}
    assert row["first_complete_at"] == first["first_complete_at"]
    assert "2 of 3 games" in phase3("ready", str(DAY), "--at-least", "80").output
    assert phase3("verify", str(DAY)).exit_code == 1
    assert events(world) == [("date_incomplete", "WARNING")], "told once"
    world.publish()
    row = see(world)
    assert row["is_complete"] and row["first_complete_at"] == first["first_complete_at"]
    assert events(world) == [("date_incomplete", "WARNING"), ("date_completed", "INFO")]


def test_deleted_rows_are_missed_before_anybody_verifies(world):
    world.tamper(f"DELETE FROM nba_analytics.{OFFENSE} WHERE game_id = '{{game}}'")
    refresh_states(world.warehouse, DAY, DAY, Thresholds(), "run")
    row = row_of(world)
    assert why(row) == {"0 rows are there, 2 were published"}
    assert not row["is_complete"]


def test_a_check_that_fails_on_published_rows(world):
    world.tamper(f"UPDATE nba_analytics.{PLAYERS} SET points = points + 1 WHERE game_id = '{{game}}'")
    assert phase3("checks", str(DAY), "--table", PLAYERS).exit_code == 1
    row = see(world)
    assert (row["tables_complete"], row["games_complete"]) == (len(TABLE_NAMES) - 1, 2)
    assert all(text.startswith("check failed: ") for text in why(row))
    world.publish()
    assert see(world)["is_complete"]


@pytest.mark.long
def test_a_rollback_shows_another_version_whole(world):
    first = rollback.history(world.warehouse, published_tables()[0], DAY)[0]["publication_id"]
    for name in ("nbac_team_boxscore", "nbac_gamebook_player_stats", "nbac_player_boxscores"):
        world.of(name)[0]["assists"] += 1
    world.reload_and_publish()
    assert see(world)["is_complete"]
    assert phase3("rollback", OFFENSE, str(DAY), "--to", first, "--reason", "a test").exit_code == 0
    assert see(world)["is_complete"], "a held version is one that readers see whole"


@pytest.mark.slow
@pytest.mark.long
def test_a_postponed_game_is_no_longer_expected(world):
    moved = move(world, world.game, 2)
    day = DAY + timedelta(days=2)
    world.load()
    publish(world.warehouse, Request(DAY, day))
    row = see(world)
    assert (row["games_void"], row["games_scheduled"], row["is_complete"]) == (1, 3, True)
    assert json.loads(row["rows_by_table"])[OFFENSE] == 4
    row = see(world, day)
    assert (row["games_scheduled"], row["is_complete"]) == (1, False)
    assert all(line.startswith(moved) for line in row["missing"])


@pytest.mark.long
def test_a_date_without_games_is_ready_where_the_schedule_goes_on_after_it(make_world):
    world = make_world(2)
    off_day = DAY + timedelta(days=1)
    move(world, world.game, 2)
    world.load()
    publish(world.warehouse, Request(DAY, off_day), world.tables)
    assert see(world, off_day)["games_scheduled"] == 0
    assert phase3("ready", str(off_day)).exit_code == 0
    unknown = DAY + timedelta(days=5)
    publish(world.warehouse, Request(unknown, unknown), world.tables)
    result = phase3("ready", str(unknown))
    assert result.exit_code == 1 and "Load its schedule" in result.output


@pytest.mark.slow
@pytest.mark.long
def test_a_date_without_games(world):
    day = DAY + timedelta(days=1)
    publish(world.warehouse, Request(DAY, day))
    row = see(world, day)
    assert (row["coverage_percentage"], row["tables_complete"], row["is_complete"]) == (100.0, len(TABLE_NAMES), True)
    assert phase3("ready", str(day)).exit_code == 1, "the schedule ends before it: nobody knows of its games yet"
    games = [move(world, game, 1) for game in world.games]
    world.load()
    publish(world.warehouse, Request(DAY, day))
    row = see(world, day)
    assert (row["games_scheduled"], row["is_complete"], row["first_complete_at"]) == (len(games), False, None)
    assert ("date_incomplete", "WARNING") not in events(world), "nobody had been told that it was complete"


def test_the_sweep_writes_a_lost_row_anew(world):
    before = row_of(world)
    world.tamper("DELETE FROM nba_phase3.phase3_completion")
    check.check_published(world.warehouse, DAY, DAY, published_tables(), Thresholds())
    after = see(world)
    assert {name: after[name] for name in after if not name.endswith("_at")} == {
        name: before[name] for name in before if not name.endswith("_at")
    }


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((str(DAY + timedelta(days=9)),), 1),
        ((str(DAY), "--at-least", "0"), 2),
        ((str(DAY), "--at-least", "101"), 2),
        ((str(DAY), "--table", "no_table"), 2),
        (("3 Feb",), 2),
        (("1999-01-01",), 2),
    ],
)
def test_what_ready_answers_to_what_it_does_not_know(world, arguments, code):
    assert phase3("ready", *arguments).exit_code == code
