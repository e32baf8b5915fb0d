"""Drift: rows updated, deleted or inserted behind the publications' back are found, named, recorded once, put right.

What belongs here: what verify says of published rows changed by hand, and what puts them back. What doesn't: rows that
break a rule (test_check.py).
"""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from phase3_assets.catalog.tables import published_table, published_tables
from phase3_assets.cli import main
from phase3_assets.publishing.drift import Drift, verify
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets_tests.support.games import DAY, DEFENSE, OFFENSE, PLAYERS, SUMMARIES, World, report_of
from phase3_assets_tests.support.sampling import first_in_ci

# Breaks no rule: only the hash tells.
MORE_ASSISTS = f"UPDATE nba_analytics.{OFFENSE} SET assists = assists + 1 WHERE game_id = '{{game}}'"
KEY_OF = {OFFENSE: "team_abbr", DEFENSE: "defending_team_abbr", PLAYERS: "player_lookup"}


def drifts(world: World) -> list[Drift]:
    return verify(world.warehouse, DAY, DAY, published_tables())


def meaning(world: World, table: str) -> list[dict[str, Any]]:
    """The rows without what every publication writes anew."""
    return [{k: v for k, v in row.items() if k not in ("publication_id", "processed_at")} for row in world.table(table)]


def phase3(*arguments: str):
    return CliRunner().invoke(main, list(arguments), catch_exceptions=False)


def test_what_was_published_is_what_is_there(world):
    records = world.query("SELECT * FROM nba_phase3.publications")
    result = phase3("verify", DAY.isoformat())
    assert (result.exit_code, result.output) == (0, "everything is what was published\n")
    assert json.loads(phase3("verify", DAY.isoformat(), "--json").output) == []
    assert world.query("SELECT * FROM nba_phase3.publications") == records
    assert world.events() == []


@pytest.mark.parametrize("table", SUMMARIES)
def test_a_row_updated_deleted_or_inserted_by_hand_is_found_and_named(world, table):
    key, rows = KEY_OF[table], world.table(table, world.game)
    name, count = rows[0][key], len(rows)
    of_row = f"nba_analytics.{table} WHERE {key} = '{name}'"
    column = "blocks" if table != DEFENSE else "steals"

    def found(statement: str) -> Drift:
        world.tamper(statement)
        (drift,) = drifts(world)
        assert (drift.table, drift.game_date, drift.game_id) == (table, DAY, world.game.game_id)
        assert drift.published_rows == count
        return drift

    update = f"UPDATE nba_analytics.{table} SET {column} = COALESCE({column}, 0) + 1 WHERE {key} = '{name}'"
    updated = found(update)
    assert (updated.present_rows, updated.changed_keys) == (count, (name,))
    assert str(updated) == f"changed by hand: {name}"
    deleted = found(f"DELETE FROM {of_row}")
    assert (deleted.present_rows, str(deleted)) == (count - 1, f"{count - 1} rows present, {count} published")
    world.tamper(f"INSERT INTO nba_analytics.{table} SELECT * FROM nba_analytics.{table} WHERE game_id = '{{game}}'")
    inserted = found(f"INSERT INTO nba_analytics.{table} SELECT * FROM nba_analytics.{table} LIMIT 0")
    assert inserted.present_rows == 2 * (count - 1)


def test_a_change_of_values_with_its_hash_is_found(world):
    """Who changes a row by hand may well copy a hash along; the hash is computed anew."""
    world.tamper(MORE_ASSISTS)
    world.tamper(f"UPDATE nba_analytics.{OFFENSE} SET data_hash = 'x' WHERE game_id = '{{game}}'")
    (drift,) = drifts(world)
    assert set(drift.changed_keys) == {world.game.home, world.game.away}


LABELS = {"publication_id": "'x'", "data_hash": "md5(team_abbr)"}


@pytest.mark.slow
@pytest.mark.parametrize("column", LABELS)
@pytest.mark.parametrize("way", first_in_ci(["found, then published", "repair"]))
@pytest.mark.long
def test_a_label_changed_by_hand_is_found_and_put_right(world, column, way):
    """By its id and hash a row is found again when an earlier version is asked for."""
    before = meaning(world, OFFENSE)
    ids = {row["publication_id"] for row in world.table(OFFENSE)}
    world.tamper(f"UPDATE nba_analytics.{OFFENSE} SET {column} = {LABELS[column]} WHERE game_id = '{{game}}'")
    (drift,) = drifts(world)
    assert drift.game_id == world.game.game_id
    expected = ("x",) if column == "publication_id" else ()
    assert drift.publication_ids == expected and str(drift).startswith("changed by hand: ")
    if way == "repair":
        world.tamper("DELETE FROM nba_phase3.publications WHERE outcome = 'check_failed'")
    (outcome,) = [
        o for o in report_of(world.publish(repair=way == "repair"), OFFENSE).games if o.outcome == "published"
    ]
    assert (outcome.game_id, outcome.rows_changed) == (world.game.game_id, 2)
    assert drifts(world) == [] and meaning(world, OFFENSE) == before
    assert ids < {row["publication_id"] for row in world.table(OFFENSE)}, "the other games keep theirs"
    assert report_of(world.publish(repair=True), OFFENSE).count("unchanged") == len(world.games)


def test_all_rows_of_a_game_gone_is_found(world):
    world.tamper(f"DELETE FROM nba_analytics.{DEFENSE} WHERE game_id = '{{game}}'")
    (drift,) = drifts(world)
    assert (drift.table, drift.game_date, drift.game_id) == (DEFENSE, DAY, world.game.game_id)
    assert (drift.published_rows, drift.present_rows) == (2, 0)


def test_the_command_names_what_it_found_and_exits_1(world):
    world.tamper(MORE_ASSISTS)
    result = phase3("verify", DAY.isoformat())
    assert result.exit_code == 1
    assert f"{world.game.game_id}  {OFFENSE}  changed by hand: " in result.output
    assert "1 games are not what was published" in result.output
    (shown,) = json.loads(phase3("verify", DAY.isoformat(), "--json").output)
    assert (shown["table"], shown["game_date"], shown["game_id"]) == (OFFENSE, DAY.isoformat(), world.game.game_id)
    assert sorted(shown["changed_keys"]) == sorted([world.game.home, world.game.away])
    assert phase3("verify", DAY.isoformat(), "--table", DEFENSE).exit_code == 0


def test_a_change_is_one_event_and_another_change_another(world):
    world.tamper(MORE_ASSISTS)
    for _ in range(3):
        assert len(drifts(world)) == 1
    (event,) = world.events()
    assert (event["event_type"], event["severity"], event["table_name"]) == ("drift", "CRITICAL", OFFENSE)
    assert (event["game_id"], event["game_date"]) == (world.game.game_id, DAY)
    assert f"phase3 run {DAY} --repair" in event["description"]
    world.tamper(f"DELETE FROM nba_analytics.{OFFENSE} WHERE team_abbr = '{world.game.home}'")
    for _ in range(2):
        assert len(drifts(world)) == 1
    assert len(world.events("drift")) == 2


def test_the_readiness_table_says_what_status_says_once_drift_is_found(world):
    world.tamper(MORE_ASSISTS)
    phase3("verify", DAY.isoformat())
    (shown,) = [game for game in json.loads(phase3("status", DAY.isoformat(), "--json").output) if game["reason"]]
    stored = world.query("SELECT game_id, state, reason FROM nba_phase3.game_readiness WHERE reason IS NOT NULL")
    assert stored == [{name: shown[name] for name in ("game_id", "state", "reason")}]
    assert "drift" in shown["reason"]


def test_drift_stops_what_is_downstream_for_exactly_that_game(world):
    world.tamper(MORE_ASSISTS)
    drifts(world)
    for row in world.rows["nbac_gamebook_player_stats"]:
        if row["minutes"]:
            row["plus_minus"] += 1
    world.load()
    (report,) = publish(world.warehouse, Request(DAY, DAY), [published_table(PLAYERS)]).reports
    outcomes = {outcome.game_id: outcome for outcome in report.games}
    gated = outcomes.pop(world.game.game_id)
    assert gated.outcome == "gated" and f"{OFFENSE} is check_failed: drift: changed by hand" in gated.reason
    assert {outcome.outcome for outcome in outcomes.values()} == {"published"}


@pytest.mark.slow
@pytest.mark.parametrize("way", ["repair", "found, then published"])
@pytest.mark.long
def test_a_publication_puts_it_right_and_leaves_the_other_games_alone(world, way):
    before = {table: meaning(world, table) for table in SUMMARIES}
    others = [row for row in world.table(OFFENSE) if row["game_id"] != world.game.game_id]
    world.tamper(MORE_ASSISTS)
    if way == "repair":
        assert phase3("run", DAY.isoformat(), "--repair").exit_code == 0
    else:
        assert len(drifts(world)) == 1
        (outcome,) = [o for o in report_of(world.publish(), OFFENSE).games if o.outcome == "published"]
        assert (outcome.game_id, outcome.rows_changed) == (world.game.game_id, 2)
    assert drifts(world) == []
    assert {table: meaning(world, table) for table in SUMMARIES} == before
    assert [row for row in world.table(OFFENSE) if row["game_id"] != world.game.game_id] == others


@pytest.mark.parametrize("way", ["repair", "found, then published"])
def test_copies_of_rows_are_drift_and_a_publication_removes_them(world, way):
    before = meaning(world, OFFENSE)
    world.tamper(
        f"INSERT INTO nba_analytics.{OFFENSE} SELECT * FROM nba_analytics.{OFFENSE} WHERE game_id = '{{game}}'"
    )
    if way == "repair":
        publication = world.publish(repair=True)
    else:
        assert [drift.present_rows for drift in drifts(world)] == [4]
        publication = world.publish()
    (outcome,) = [o for o in report_of(publication, OFFENSE).games if o.outcome == "published"]
    assert (outcome.game_id, outcome.rows, outcome.rows_removed) == (world.game.game_id, 2, 2)
    assert meaning(world, OFFENSE) == before and drifts(world) == []


@pytest.mark.long
def test_checks_that_pass_do_not_make_a_drift_forgotten(world):
    world.tamper(MORE_ASSISTS)
    drifts(world)
    phase3("checks", DAY.isoformat())
    world.publish()
    assert drifts(world) == []


@pytest.mark.slow
@pytest.mark.long
def test_rows_of_a_game_never_published_are_one_event_and_repaired(make_world):
    world = make_world(2)
    world.drop("nbac_team_boxscore")
    world.drop("nbac_gamebook_player_stats")
    world.reload_and_publish()
    world.tamper(
        f"INSERT INTO nba_analytics.{OFFENSE} SELECT * REPLACE ('{{game}}' AS game_id, 'X' || team_abbr AS team_abbr) "
        f"FROM nba_analytics.{OFFENSE}",
    )
    assert [len(drifts(world)) for _ in range(2)] == [1, 1]
    assert len(world.events("drift")) == 1
    world.publish(repair=True)
    assert drifts(world) == []


@pytest.mark.long
def test_a_repair_after_the_records_are_lost_takes_no_row_away_from_readers(world):
    before = {table: meaning(world, table) for table in SUMMARIES}
    world.tamper("DELETE FROM nba_phase3.publications")
    world.tables = published_tables()
    world.publish(repair=True)
    assert {table: meaning(world, table) for table in SUMMARIES} == before and drifts(world) == []
    assert world.events("stray_rows_removed") == [], "replaced, not removed and published anew"


@pytest.mark.slow
@pytest.mark.long
def test_rows_by_hand_of_a_game_that_fails_its_audit_are_removed_by_a_repair(make_world):
    world = make_world(2)
    world.contradict()
    world.reload_and_publish()
    assert world.table(OFFENSE, world.game) == []
    world.tamper(
        f"INSERT INTO nba_analytics.{OFFENSE} SELECT * REPLACE ('{{game}}' AS game_id, 'X' || team_abbr AS team_abbr) "
        f"FROM nba_analytics.{OFFENSE}",
    )
    assert len(world.table(OFFENSE, world.game)) == 2
    world.publish(repair=True)
    assert world.table(OFFENSE, world.game) == [] and drifts(world) == []


NEXT_DAY = DAY + timedelta(days=1)


def copied_to(world: World, table: str, day: date) -> None:
    """Somebody copies the first game's rows to another date."""
    copies = f"SELECT * REPLACE (DATE '{day}' AS game_date) FROM nba_analytics.{table}"
    world.tamper(f"INSERT INTO nba_analytics.{table} {copies} WHERE game_id = '{{game}}'")


def rows_by_date(world: World, table: str) -> dict[date, int]:
    rows = [row for row in world.table(table) if row["game_id"] == world.game.game_id]
    return {day: sum(row["game_date"] == day for row in rows) for day in sorted({row["game_date"] for row in rows})}


@pytest.mark.slow
@pytest.mark.parametrize("dates", [(DAY, NEXT_DAY), (DAY - timedelta(days=1), DAY)], ids=["a later", "an earlier"])
@pytest.mark.parametrize("is_seen_first", first_in_ci([True, False]))
@pytest.mark.parametrize("is_moved", [True, False], ids=["moved", "copied"])
@pytest.mark.long
def test_rows_under_another_date_are_drift_and_a_repair_removes_exactly_them(world, dates, is_seen_first, is_moved):
    before, (elsewhere,) = meaning(world, PLAYERS), set(dates) - {DAY}
    count = len(world.table(PLAYERS, world.game))
    copied_to(world, PLAYERS, elsewhere)
    if is_moved:
        world.tamper(f"DELETE FROM nba_analytics.{PLAYERS} WHERE game_id = '{{game}}' AND game_date = '{DAY}'")
    if is_seen_first:
        for _ in range(2):
            found = {drift.game_date: str(drift) for drift in verify(world.warehouse, *dates, published_tables())}
            assert found.pop(elsewhere) == f"{count} rows present, 0 published"
            assert found == ({DAY: f"0 rows present, {count} published"} if is_moved else {})
        assert len(world.events("drift")) == 1 + is_moved
        decided = world.query("SELECT DISTINCT game_date FROM nba_phase3.publications")
        assert decided == [{"game_date": DAY}], "a decision is the game's, on its own date"
    publication = publish(world.warehouse, Request(*dates, repair=True))
    assert report_of(publication, PLAYERS).count("published") == is_moved, (
        "what stands under its own date was never away"
    )
    assert rows_by_date(world, PLAYERS) == {DAY: count} and meaning(world, PLAYERS) == before
    (event,) = world.events("stray_rows_removed")
    assert (event["game_date"], event["game_id"]) == (elsewhere, world.game.game_id)
    assert verify(world.warehouse, *dates, published_tables()) == []
    assert {row["game_date"] for row in world.query(f"SELECT * FROM nba_phase3.{PLAYERS}__history")} == {elsewhere}


def test_rows_under_another_date_are_removed_by_a_repair_of_that_date_alone(world):
    copied_to(world, OFFENSE, NEXT_DAY)
    assert len(verify(world.warehouse, DAY, NEXT_DAY, published_tables())) == 1
    assert f"phase3 run {NEXT_DAY} --repair" in world.events("drift")[0]["description"]
    publish(world.warehouse, Request(NEXT_DAY, NEXT_DAY, repair=True))
    assert rows_by_date(world, OFFENSE) == {DAY: 2}
    assert verify(world.warehouse, DAY, NEXT_DAY, published_tables()) == []


def test_nothing_is_computed_from_a_game_with_rows_under_another_date(world):
    copied_to(world, OFFENSE, NEXT_DAY)
    next(row for row in world.of("nbac_gamebook_player_stats") if row["minutes"])["assists"] += 1
    world.load()
    (report,) = publish(world.warehouse, Request(DAY, NEXT_DAY), [published_table(PLAYERS)]).reports
    (gated,) = [outcome for outcome in report.games if outcome.outcome == "gated"]
    assert gated.game_id == world.game.game_id and f"`phase3 run {NEXT_DAY} --repair` removes them" in gated.reason
    assert world.events("drift") == []
