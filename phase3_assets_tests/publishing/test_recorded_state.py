"""What decides is recorded in columns: no text that raw data may hold, and no rewording, changes what is done.

What belongs here: raw values that read like our own reasons, the columns that hold a decision's state, and decisions
of before there were such columns. What doesn't: the sentences (project/test_reasons.py), columns added to published
tables (warehouse/test_migration.py).
"""

import json
import re

from phase3_assets.catalog.tables import bookkeeping_contracts, published_tables
from phase3_assets.publishing.check import check_published
from phase3_assets.publishing.drift import verify
from phase3_assets.publishing.vocabulary import RECORDED_OUTCOMES, Outcome
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets_tests.support.games import DAY, OFFENSE, PLAYERS, World, state_of

GAMEBOOK = "nbac_gamebook_player_stats"
AS_OURS = "12; duplicates: x; check failed: y; drift: 3 rows present"
"""What a raw `minutes` may hold: text that reads like a reason of ours."""


def make_unreadable(world: World, minutes: str = AS_OURS) -> None:
    world.of(GAMEBOOK)[0]["minutes"] = minutes
    world.drop("nbac_player_boxscores")


def test_a_raw_text_that_reads_like_a_reason_is_no_claim_on_another_games_key(make_world):
    """A game of the date that is published anew would have it judged again, and noted as a change each time."""
    world = make_world(2)
    make_unreadable(world)
    publication = world.reload_and_publish()
    state, reason = state_of(publication, world.game)
    assert state == "quarantined" and AS_OURS in reason
    assert not publication.games[world.game.game_id].decisions[PLAYERS].is_contested


def test_a_raw_text_that_reads_like_a_failed_check_is_none_that_recovers(world):
    """A check that passes would have cut the reason off, with an event of a recovery."""
    make_unreadable(world)
    reason = state_of(world.reload_and_publish(), world.game)[1]
    check_published(world.warehouse, DAY, DAY, published_tables(), Thresholds())
    assert world.events("check_recovered") == []
    assert state_of(world.publish(), world.game)[1] == reason


def test_a_raw_text_that_reads_like_drift_hides_no_drift(world):
    """Rows of an earlier version are deleted by hand while the newer one is held back with such a text."""
    make_unreadable(world, f"12; drift: 0 rows present, {len(world.table(PLAYERS, world.game))} published")
    world.reload_and_publish()
    with world.warehouse.session() as session:
        session._connection.execute(f"DELETE FROM nba_analytics.{PLAYERS} WHERE game_id = '{world.game.game_id}'")
    verify(world.warehouse, DAY, DAY, published_tables())
    assert [event["game_id"] for event in world.events("drift")] == [world.game.game_id]


def test_the_state_is_in_columns_and_the_sentence_is_made_of_it(world):
    """Held back while what readers see fails a check too: both are told, each in a column of its own."""
    with world.warehouse.session() as session:
        session._connection.execute(
            f"UPDATE nba_analytics.{OFFENSE} SET points_scored = points_scored + 1 "
            f"WHERE game_id = '{world.game.game_id}'"
        )
    check_published(world.warehouse, DAY, DAY, published_tables(), Thresholds())
    world.contradict()
    _, sentence = state_of(world.reload_and_publish(), world.game)
    *_, record = world.query(
        "SELECT outcome, reason, blocked_by, published_rows_failing FROM nba_phase3.publications "
        f"WHERE table_name = '{OFFENSE}' AND game_id = '{world.game.game_id}' ORDER BY finished_at"
    )
    blocked_by, failing = json.loads(record["blocked_by"]), json.loads(record["published_rows_failing"])
    assert record["outcome"] == "quarantined" and list(blocked_by) == ["does_not_add_up"] and list(failing) == ["check"]
    assert record["reason"] == f"does_not_add_up: {blocked_by['does_not_add_up']}; check failed: {failing['check']}"
    assert sentence == f"{OFFENSE}: {record['reason']}; the version published before stays"


def test_a_decision_with_nothing_against_it_has_no_state(world):
    records = world.query("SELECT blocked_by, published_rows_failing FROM nba_phase3.publications")
    nothing = {"blocked_by": None, "published_rows_failing": None}
    assert records and records == [nothing] * len(records)


def test_the_contract_names_every_outcome_there_is():
    contract = bookkeeping_contracts()["publications"]
    (description,) = [column.description for column in contract.columns if column.name == "outcome"]
    assert set(re.findall(r"[a-z_]{3,}", description)) == set(RECORDED_OUTCOMES)
    assert set(Outcome) - set(RECORDED_OUTCOMES) == {Outcome.GATED}
