"""A clock that was ahead while something was decided, and has been put right: what is decided next counts.

What belongs here: records dated in the future, and what readers see after the next publication or intervention. What
doesn't: a clock that was set back, as sensors see it (automation/test_tick.py).
"""

from collections import Counter

import pytest
from click.testing import CliRunner

from phase3_assets.catalog.tables import published_tables
from phase3_assets.cli import main
from phase3_assets.publishing.drift import verify
from phase3_assets_tests.support.commands import publications
from phase3_assets_tests.support.games import DAY, OFFENSE, PLAYERS, SUMMARIES, World, all_outcomes, state_of, values

pytestmark = pytest.mark.slow

TEAM_BOX = "nbac_team_boxscore"


def phase3(*arguments: str) -> str:
    result = CliRunner().invoke(main, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def made_with_a_clock_ahead(world: World, game_id: str = "%") -> None:
    """Let everything recorded so far of the game (of all, by default) have been recorded with a clock a day ahead."""
    with world.warehouse.session() as session:
        for table, column in (
            ("publications", "finished_at"),
            ("interventions", "made_at"),
            ("data_quality_events", "event_timestamp"),
        ):
            session._connection.execute(
                f"UPDATE nba_phase3.{table} SET {column} = {column} + INTERVAL 1 DAY WHERE game_id LIKE $game_id",
                {"game_id": game_id},
            )


def correct(world: World, position: int = 0) -> None:
    for row in world.of(TEAM_BOX, world.games[position]):
        row["assists"] += 1


@pytest.fixture
def ahead(world: World) -> World:
    """Published with a clock a day ahead, which has then been put right."""
    world.reload_and_publish()
    made_with_a_clock_ahead(world)
    return world


def test_a_correction_counts_and_is_published_once(ahead):
    correct(ahead)
    ahead.reload_and_publish()
    again = ahead.publish()
    assert all_outcomes(again) == {"unchanged"}
    assert verify(ahead.warehouse, DAY, DAY, published_tables()) == []
    assert len(ahead.query(f"SELECT * FROM nba_phase3.{OFFENSE}__history")) == 2


def test_rows_changed_by_hand_are_noticed_and_repaired(ahead):
    ahead.tamper(f"UPDATE nba_analytics.{PLAYERS} SET points = points + 1")
    assert verify(ahead.warehouse, DAY, DAY, published_tables())
    assert "check_failed" in {row["outcome"] for row in decisions(ahead)}
    ahead.publish()
    assert verify(ahead.warehouse, DAY, DAY, published_tables()) == []
    assert state_of(ahead.publish(), ahead.game) == ("published", None)


def decisions(world: World) -> list[dict]:
    return world.query(
        "SELECT outcome FROM nba_phase3.publications QUALIFY ROW_NUMBER() OVER "
        "(PARTITION BY table_name, game_id ORDER BY finished_at DESC) = 1"
    )


@pytest.mark.long
def test_a_date_is_put_back_as_it_was_where_the_clock_was_ahead_for_one_game(world):
    world.reload_and_publish()
    made_with_a_clock_ahead(world, world.game.game_id)
    correct(world, 1)
    world.reload_and_publish()
    wanted = values(world.table(OFFENSE))
    correct(world, 1)
    correct(world, 0)
    world.reload_and_publish()
    *_, second, _ = publications(world, OFFENSE)
    phase3("rollback", OFFENSE, str(DAY), "--to", second, "--reason", "as it was")
    assert values(world.table(OFFENSE)) == wanted


@pytest.mark.long
def test_a_rollback_counts_and_so_does_its_release(ahead):
    correct(ahead)
    ahead.reload_and_publish()
    first, _ = publications(ahead, OFFENSE)
    made_with_a_clock_ahead(ahead)
    phase3("rollback", OFFENSE, str(DAY), "--to", first, "--reason", "the correction was wrong")
    assert "the correction was wrong" in state_of(ahead.publish(), ahead.game)[1]
    made_with_a_clock_ahead(ahead)
    phase3("release", OFFENSE, str(DAY), "--reason", "it was right")
    ahead.publish()
    assert ahead.table(OFFENSE, ahead.game)[0]["assists"] in {row["assists"] for row in ahead.of(TEAM_BOX)}
    assert verify(ahead.warehouse, DAY, DAY, published_tables()) == []


@pytest.mark.long
def test_a_waiver_is_taken_back(make_world):
    world = make_world(1)
    world.drop(TEAM_BOX)
    world.drop("nbac_gamebook_player_stats")
    world.reload_and_publish()
    phase3("waive", world.game.game_id, "--reason", "lost")
    made_with_a_clock_ahead(world)
    phase3("waive", world.game.game_id, "--reason", "found", "--undo")
    assert state_of(world.publish(), world.game)[0] == "waiting"


@pytest.mark.long
def test_what_is_missing_or_no_game_is_told_once_and_so_is_its_end(make_world):
    """Two games of a date long past: of one no rows, the other listed as pre-season."""
    world = make_world(2)
    missing, excluded = world.games
    kept = {table: list(rows) for table, rows in world.rows.items()}
    world.drop(TEAM_BOX, missing)
    world.drop("nbac_gamebook_player_stats", missing)
    of_league, pre_season = excluded.nba_game_id, "001" + excluded.nba_game_id[3:]
    rename(world, of_league, pre_season)
    publish_twice(world)
    made_with_a_clock_ahead(world)
    world.rows = kept
    rename(world, pre_season, of_league)
    publish_twice(world)
    told = Counter(event["event_type"] for event in world.events())
    per_table = {"game_incomplete": len(SUMMARIES), "game_completed": len(SUMMARIES)}
    assert told == {**per_table, "game_excluded": 1, "game_no_longer_excluded": 1}


def rename(world: World, nba_game_id: str, to: str) -> None:
    """List a game under another id of the league's."""
    for row in world.rows["nbac_schedule"]:
        if row["game_id"] == nba_game_id:
            row["game_id"] = to


def publish_twice(world: World) -> None:
    for _ in range(2):
        world.reload_and_publish()
