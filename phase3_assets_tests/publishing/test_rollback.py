"""Earlier versions: listing, comparing, putting back and holding; waivers. What readers see at every step."""

import json

import pytest
from click.testing import CliRunner

from phase3_assets.catalog.tables import published_tables
from phase3_assets.cli import main
from phase3_assets.publishing.prune import prune
from phase3_assets.settings.retention import Retention
from phase3_assets_tests.support.commands import publications
from phase3_assets_tests.support.games import (
    OFFENSE,
    PLAYERS,
    SUMMARIES,
    World,
    report_of,
    state_of,
    stored_state,
    values,
)
from phase3_assets_tests.support.sampling import first_in_ci


def phase3(*arguments: str):
    return CliRunner().invoke(main, list(arguments), catch_exceptions=False)


@pytest.fixture
def corrected(world: World) -> World:
    """The first game published, then corrected by its league: more turnovers."""
    for row in world.of("nbac_team_boxscore"):
        row["turnovers"] += 2
    world.reload_and_publish()
    return world


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


@pytest.mark.slow
def test_publish_then_rollback_is_identity_and_touches_no_other_game(world):
    before = {table: world.table(table) for table in SUMMARIES}
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


@pytest.mark.slow
@pytest.mark.long
def test_later_runs_do_not_undo_a_rollback_until_it_is_released(corrected):
    first, _ = publications(corrected, OFFENSE)
    day = corrected.game.game_date.isoformat()
    phase3("rollback", OFFENSE, day, "--to", first, "--reason", "wrong correction")
    assert "held" in stored_state(corrected)[1] and "wrong correction" in stored_state(corrected)[1]
    rolled_back = corrected.table(OFFENSE)
    publication = corrected.publish()
    assert corrected.table(OFFENSE) == rolled_back
    assert any("held" in (outcome.reason or "") for outcome in report_of(publication, OFFENSE).games)
    corrected.publish(repair=True)
    assert corrected.table(OFFENSE) == rolled_back
    assert "wrong correction" in stored_state(corrected)[1]
    assert "1 holds lifted" in phase3("release", OFFENSE, day, "--reason", "it was right").output
    assert "wrong correction" not in (stored_state(corrected)[1] or "")
    corrected.publish()
    turnovers = {row["team_abbr"]: row["turnovers"] for row in corrected.table(OFFENSE, corrected.game)}
    raw = {row["team_abbr"]: row["turnovers"] for row in corrected.of("nbac_team_boxscore")}
    assert turnovers == raw
    kinds = [event["event_type"] for event in corrected.events()]
    assert kinds.count("rollback") == 1 and kinds.count("hold_released") == 1


@pytest.mark.slow
def test_players_follow_a_rollback_of_their_team_rows(world):
    usage = {row["player_lookup"]: row["usage_rate"] for row in world.table(PLAYERS)}
    (first,) = publications(world, OFFENSE)
    for row in world.of("nbac_team_boxscore"):
        row["turnovers"] += 5
    world.reload_and_publish()
    assert {row["player_lookup"]: row["usage_rate"] for row in world.table(PLAYERS)} != usage
    phase3("rollback", OFFENSE, world.game.game_date.isoformat(), "--to", first, "--reason", "wrong correction")
    publication = world.publish()
    assert report_of(publication, PLAYERS).count("published") == 1
    assert {row["player_lookup"]: row["usage_rate"] for row in world.table(PLAYERS)} == usage


@pytest.mark.slow
def test_an_unknown_publication_is_an_error_and_changes_nothing(corrected):
    before = corrected.table(OFFENSE)
    day = corrected.game.game_date.isoformat()
    result = phase3("rollback", OFFENSE, day, "--to", "20200101T000000-00000000", "--reason", "x")
    assert result.exit_code == 2 and "phase3 history" in result.output
    assert corrected.table(OFFENSE) == before


def test_rows_that_would_fail_todays_audit_are_not_put_back(world):
    (first,) = publications(world, OFFENSE)
    for row in world.of("nbac_team_boxscore"):
        for column in ("points", "ft_made", "ft_attempted"):
            row[column] += 1
    for row in world.of("nbac_schedule"):
        for column in ("home_team_score", "away_team_score"):
            row[column] = row[column] + 1 if row.get(column) else None
    world.reload_and_publish()
    before = world.table(OFFENSE)
    result = roll_back(world, OFFENSE, first)
    assert result.exit_code == 1 and "would not pass" in result.output and "the schedule says" in result.output
    assert world.table(OFFENSE) == before


def roll_back(world: World, table: str, to: str, *options: str):
    return phase3("rollback", table, world.game.game_date.isoformat(), "--to", to, "--reason", "x", *options)


BY_HAND = {
    "edited": "UPDATE {table} SET assists = assists + 40 WHERE {of_game}",
    "edited, with another row's hash": "UPDATE {table} SET assists = assists + 40, data_hash = 'x' WHERE {of_game}",
    "deleted": "DELETE FROM {table} WHERE player_lookup = (SELECT MIN(player_lookup) FROM {table} WHERE {of_game})",
    "invented": "INSERT INTO {table} SELECT * REPLACE ('nobody' AS player_lookup) FROM {table} WHERE {of_game} LIMIT 1",
}


@pytest.mark.slow
@pytest.mark.parametrize("how", first_in_ci(BY_HAND))
@pytest.mark.long
def test_rows_that_no_publication_wrote_are_not_put_back(world, how):
    """Repaired since, they are in history under the id of the publication that they were smuggled into."""
    (first,) = publications(world, PLAYERS)
    with world.warehouse.session() as session:
        of_game = f"game_id = '{world.game.game_id}'"
        session._connection.execute(BY_HAND[how].format(table=f"nba_analytics.{PLAYERS}", of_game=of_game))
    world.publish(repair=True)
    for game in world.games[:2]:
        next(row for row in world.of("nbac_gamebook_player_stats", game) if row["minutes"])["assists"] += 1
    world.reload_and_publish()
    before = world.table(PLAYERS)
    result = roll_back(world, PLAYERS, first)
    assert result.exit_code == 1 and world.table(PLAYERS) == before
    assert f"{world.game.game_id} (" in result.output and first in result.output and "Nothing" in result.output
    assert world.games[1].game_id not in result.output, "its rows are as they were published"
    assert roll_back(world, PLAYERS, first, "--game", world.games[1].game_id).exit_code == 0
    compared = phase3("diff", PLAYERS, world.game.game_date.isoformat(), "--from", first)
    assert compared.exit_code == 1 and f"not kept  {world.game.game_id}\n" in compared.output


@pytest.mark.slow
def test_a_copy_made_and_changed_by_hand_does_not_come_back_instead_of_the_row(world):
    (first,) = publications(world, OFFENSE)
    before = values(world.table(OFFENSE))
    with world.warehouse.session() as session:
        for processed_at in ("TIMESTAMP '2001-01-01'", "processed_at"):
            session._connection.execute(
                f"INSERT INTO nba_analytics.{OFFENSE} SELECT * REPLACE (assists + 40 AS assists, {processed_at} AS "
                f"processed_at) FROM nba_analytics.{OFFENSE} WHERE game_id = '{world.game.game_id}'"
            )
    world.publish(repair=True)
    for row in world.of("nbac_team_boxscore"):
        row["turnovers"] += 2
    world.reload_and_publish()
    assert roll_back(world, OFFENSE, first).exit_code == 0
    assert values(world.table(OFFENSE)) == before


@pytest.mark.slow
def test_a_void_game_is_not_revived_by_a_rollback_of_its_date(world):
    (first,) = publications(world, OFFENSE)
    for row in world.of("nbac_schedule"):
        row["game_status_text"] = "Postponed"
    for row in world.of("nbac_team_boxscore", world.games[1]):
        row["turnovers"] += 2
    world.reload_and_publish()
    result = roll_back(world, OFFENSE, first)
    assert f"{world.game.game_id}  left as it is: it is void: postponed\n" in result.output
    assert f"{world.games[1].game_id}  rolled back and held\n" in result.output and result.exit_code == 1
    assert world.table(OFFENSE, world.game) == []


@pytest.mark.slow
def test_a_game_that_was_not_there_yet_is_named_and_stays(make_world):
    world = make_world(2)
    late = {name: world.of(name) for name in ("nbac_team_boxscore", "nbac_gamebook_player_stats")}
    for name in late:
        world.drop(name)
    world.reload_and_publish()
    for name, rows in late.items():
        world.rows[name] += rows
    world.reload_and_publish()
    first, second = publications(world, OFFENSE)
    before = world.table(OFFENSE)
    result = roll_back(world, OFFENSE, first)
    assert f"{world.game.game_id}  left as it is: no decision of then is kept" in result.output
    assert result.exit_code == 1 and "nothing differs" not in result.output and world.table(OFFENSE) == before
    compared = phase3("diff", OFFENSE, world.game.game_date.isoformat(), "--from", first, "--to", second)
    assert compared.exit_code == 0 and compared.output.count("added     ") == 2, "new is not pruned"


@pytest.mark.slow
def test_a_version_that_retention_has_pruned_is_named_not_passed_over(corrected):
    for row in corrected.of("nbac_team_boxscore"):
        row["turnovers"] += 2
    corrected.reload_and_publish()
    first, *_ = publications(corrected, OFFENSE)
    prune(corrected.warehouse, Retention(history_days=1e-9))
    before, game_id = corrected.table(OFFENSE), corrected.game.game_id
    result = roll_back(corrected, OFFENSE, first)
    assert result.exit_code == 1 and f"{game_id}  left as it is: " in result.output
    assert "nothing differs" not in result.output and corrected.table(OFFENSE) == before
    compared = phase3("diff", OFFENSE, corrected.game.game_date.isoformat(), "--from", first)
    assert compared.exit_code == 1 and f"not kept  {game_id}\n" in compared.output
    assert compared.output.endswith("0 rows differ; 1 games not compared\n")


def test_a_version_whose_rows_are_gone_is_named(corrected):
    first, _ = publications(corrected, OFFENSE)
    corrected.tamper(f"DELETE FROM nba_phase3.{OFFENSE}__history")
    result = roll_back(corrected, OFFENSE, first)
    assert f"{corrected.game.game_id}  left as it is: no rows of publication {first} are kept\n" in result.output
    assert result.exit_code == 1


@pytest.mark.slow
@pytest.mark.long
def test_a_waived_game_leaves_completeness_is_shown_and_is_never_retried(make_world):
    world = make_world(2)
    world.tables = published_tables()
    world.drop("nbac_team_boxscore")
    world.drop("nbac_gamebook_player_stats")
    world.reload_and_publish()
    day, game_id = world.game.game_date.isoformat(), world.game.game_id
    assert phase3("checks", day).exit_code == 1, "old and not published"
    assert phase3("waive", game_id, "--reason", "the arena lost power").exit_code == 0
    assert phase3("checks", day).exit_code == 0
    assert "waived" in phase3("status", day).output
    assert stored_state(world) == ("waived", "the arena lost power")
    world.rows = World(world.warehouse, world.games).rows
    publication = world.reload_and_publish()
    assert state_of(publication, world.game) == ("waived", "the arena lost power")
    assert publication.held_back == [] and world.table(PLAYERS, world.game) == []
    assert phase3("waive", game_id, "--undo", "--reason", "it came after all").exit_code == 0
    assert stored_state(world)[0] == "ready"
    assert state_of(world.publish(), world.game) == ("published", None)
    kinds = [event["event_type"] for event in world.events()]
    assert kinds.count("game_waived") == kinds.count("game_waiver_undone") == 1


def test_what_readers_see_cannot_be_waived(world):
    result = phase3("waive", world.game.game_id, "--reason", "x")
    assert result.exit_code == 2 and "nothing to waive" in result.output


@pytest.mark.slow
def test_a_game_seen_waiting_for_longer_than_the_limit_is_waived_by_itself(make_world):
    world = make_world(2)
    world.drop("nbac_team_boxscore")
    world.drop("nbac_gamebook_player_stats")
    world.reload_and_publish()
    assert state_of(world.publish(), world.game)[0] == "waiting", "an old date alone is no reason"
    world.tamper("UPDATE nba_phase3.game_readiness SET updated_at = updated_at - INTERVAL 15 DAY")
    state, reason = state_of(world.publish(), world.game)
    assert state == "waived" and "14 days" in reason
    assert state_of(world.publish(), world.games[1]) == ("published", None)
    assert len(world.events("game_waived")) == 1
