"""Earlier versions: listing, comparing, putting back and holding; waivers. What readers see at every step."""

import json

import pytest
from click.testing import CliRunner

from phase3_assets.cli import main
from phase3_assets_tests.games import TABLES, World, state_of

OFFENSE, _, PLAYER = TABLES


def phase3(*arguments: str):
    return CliRunner().invoke(main, list(arguments), catch_exceptions=False)


def values(rows: list[dict]) -> list[dict]:
    """Rows without what only names their publication."""
    ignored = ("publication_id", "processed_at", "code_version")
    return [{name: value for name, value in row.items() if name not in ignored} for row in rows]


@pytest.fixture
def corrected(world: World) -> World:
    """The first game published, then corrected by its league: more turnovers."""
    for row in world.of("nbac_team_boxscore"):
        row["turnovers"] += 2
    world.reload_and_publish()
    return world


def publications(world: World, table: str) -> list[str]:
    day = world.game.game_date.isoformat()
    return [row["publication_id"] for row in json.loads(phase3("history", table, day, "--json").output)]


def test_history_lists_what_each_publication_did(corrected):
    day = corrected.game.game_date.isoformat()
    output = phase3("history", OFFENSE, day).output
    assert "published: 3 games, +6 ~0 -0 rows" in output
    assert "published: 1 games, +0 ~2 -0 rows" in output


def test_diff_names_key_column_and_both_values(corrected):
    day = corrected.game.game_date.isoformat()
    found = json.loads(phase3("diff", OFFENSE, day, "--json").output)
    assert {difference["game_id"] for difference in found} == {corrected.game.game_id}
    for difference in found:
        before, after = difference["columns"]["turnovers"]
        assert after == before + 2
    first, last = publications(corrected, OFFENSE)
    backwards = json.loads(phase3("diff", OFFENSE, day, "--from", last, "--to", first, "--json").output)
    assert backwards[0]["columns"]["turnovers"] == found[0]["columns"]["turnovers"][::-1]


def test_publish_then_rollback_is_identity_and_touches_no_other_game(world):
    before = {table: world.table(table) for table in TABLES}
    (first,) = publications(world, OFFENSE)
    for row in world.of("nbac_team_boxscore"):
        row["turnovers"] += 2
    world.reload_and_publish()
    day = world.game.game_date.isoformat()
    result = phase3("rollback", OFFENSE, day, "--to", first, "--reason", "wrong correction")
    assert result.exit_code == 0 and f"{world.game.game_id}  rolled back and held" in result.output
    assert values(world.table(OFFENSE)) == values(before[OFFENSE])
    others = [row for row in world.table(OFFENSE) if row["game_id"] != world.game.game_id]
    assert others == [row for row in before[OFFENSE] if row["game_id"] != world.game.game_id]


def test_later_runs_do_not_undo_a_rollback_until_it_is_released(corrected):
    first, _ = publications(corrected, OFFENSE)
    day = corrected.game.game_date.isoformat()
    phase3("rollback", OFFENSE, day, "--to", first, "--reason", "wrong correction")
    rolled_back = corrected.table(OFFENSE)
    publication = corrected.publish()
    assert corrected.table(OFFENSE) == rolled_back
    assert any("held" in (outcome.reason or "") for outcome in publication.reports[0].games)
    corrected.publish(repair=True)
    assert corrected.table(OFFENSE) == rolled_back
    assert "1 holds lifted" in phase3("release", OFFENSE, day, "--reason", "it was right").output
    corrected.publish()
    turnovers = {row["team_abbr"]: row["turnovers"] for row in corrected.table(OFFENSE, corrected.game)}
    raw = {row["team_abbr"]: row["turnovers"] for row in corrected.of("nbac_team_boxscore")}
    assert turnovers == raw
    kinds = [event["event_type"] for event in corrected.events()]
    assert kinds.count("rollback") == 1 and kinds.count("hold_released") == 1


def test_players_follow_a_rollback_of_their_team_rows(world):
    usage = {row["player_lookup"]: row["usage_rate"] for row in world.table(PLAYER)}
    (first,) = publications(world, OFFENSE)
    for row in world.of("nbac_team_boxscore"):
        row["turnovers"] += 5
    world.reload_and_publish()
    assert {row["player_lookup"]: row["usage_rate"] for row in world.table(PLAYER)} != usage
    phase3("rollback", OFFENSE, world.game.game_date.isoformat(), "--to", first, "--reason", "wrong correction")
    publication = world.publish()
    assert publication.reports[2].count("published") == 1
    assert {row["player_lookup"]: row["usage_rate"] for row in world.table(PLAYER)} == usage


def test_an_unknown_publication_is_an_error_and_changes_nothing(corrected):
    before = corrected.table(OFFENSE)
    day = corrected.game.game_date.isoformat()
    result = phase3("rollback", OFFENSE, day, "--to", "20200101T000000-00000000", "--reason", "x")
    assert result.exit_code == 2 and "phase3 history" in result.output
    assert corrected.table(OFFENSE) == before


def test_rows_that_would_fail_todays_audit_are_not_put_back(corrected):
    first, _ = publications(corrected, OFFENSE)
    with corrected.warehouse.session() as session:
        session._connection.execute("UPDATE nba_phase3.team_offense_game_summary__history SET fg_makes = 0")
    before = corrected.table(OFFENSE)
    day = corrected.game.game_date.isoformat()
    result = phase3("rollback", OFFENSE, day, "--to", first, "--reason", "x")
    assert result.exit_code == 1 and "would not pass" in result.output
    assert corrected.table(OFFENSE) == before


def test_a_waived_game_leaves_completeness_is_shown_and_is_never_retried(make_world):
    world = make_world(2)
    world.drop("nbac_team_boxscore")
    world.drop("nbac_gamebook_player_stats")
    world.reload_and_publish()
    day, game_id = world.game.game_date.isoformat(), world.game.game_id
    assert phase3("checks", day).exit_code == 1, "old and not published"
    assert phase3("waive", game_id, "--reason", "the arena lost power").exit_code == 0
    assert phase3("checks", day).exit_code == 0
    assert "waived" in phase3("status", day).output
    world.rows = World(world.warehouse, world.games).rows
    publication = world.reload_and_publish()
    assert state_of(publication, world.game) == ("waived", "the arena lost power")
    assert publication.held_back == [] and world.table(PLAYER, world.game) == []
    assert phase3("waive", game_id, "--undo", "--reason", "it came after all").exit_code == 0
    assert state_of(world.publish(), world.game) == ("published", None)
    kinds = [event["event_type"] for event in world.events()]
    assert kinds.count("game_waived") == kinds.count("game_waiver_undone") == 1


def test_what_readers_see_cannot_be_waived(world):
    result = phase3("waive", world.game.game_id, "--reason", "x")
    assert result.exit_code == 2 and "nothing to waive" in result.output


def test_a_game_seen_waiting_for_longer_than_the_limit_is_waived_by_itself(make_world):
    world = make_world(2)
    world.drop("nbac_team_boxscore")
    world.drop("nbac_gamebook_player_stats")
    world.reload_and_publish()
    assert state_of(world.publish(), world.game)[0] == "waiting", "an old date alone is no reason"
    with world.warehouse.session() as session:
        session._connection.execute("UPDATE nba_phase3.game_readiness SET updated_at = updated_at - INTERVAL 15 DAY")
    state, reason = state_of(world.publish(), world.game)
    assert state == "waived" and "14 days" in reason
    assert state_of(world.publish(), world.games[1]) == ("published", None)
    assert len(world.events("game_waived")) == 1
