"""What stands against a new decision, and for how long: another game's claim, a better source, a hold, a waiver.

What belongs here: games held back for another's fault, and published rows that stay although something newer is there;
that each is said, and ends with its cause. What doesn't: rolling back (test_rollback.py), one game's audits alone
(test_publish.py).
"""

from collections.abc import Callable

import pytest
from click.testing import CliRunner

from phase3_assets.catalog.tables import published_tables
from phase3_assets.cli import main
from phase3_assets.demo.season import Row
from phase3_assets.publishing.check import check_published
from phase3_assets.publishing.drift import verify
from phase3_assets.publishing.plan import due_steps, plan
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.publishing.survey import survey
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets_tests.support.commands import publications
from phase3_assets_tests.support.games import (
    DAY,
    DEFENSE,
    OFFENSE,
    PLAYERS,
    SUMMARIES,
    World,
    report_of,
    state_of,
    stored_state,
)
from phase3_assets_tests.support.people import empty_box_score, identity, who_played
from phase3_assets_tests.support.sampling import first_in_ci

pytestmark = pytest.mark.slow

SCHEDULE, TEAM_BOX, GAMEBOOK = "nbac_schedule", "nbac_team_boxscore", "nbac_gamebook_player_stats"


def phase3(*arguments: str) -> str:
    result = CliRunner().invoke(main, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def seconds_played(row: Row) -> int:
    minutes, seconds = row["minutes"].split(":")
    return 60 * int(minutes) + int(seconds)


def assert_settled(world: World) -> None:
    """Nothing is due, and publishing again records nothing."""
    with world.warehouse.session(read_only=True) as session:
        games = survey(session, DAY, DAY).values()
        assert [step for game in games for step in due_steps(game) if step.table in SUMMARIES] == []
    recorded = "SELECT COUNT(*) AS n FROM nba_phase3.publications"
    before, events = world.query(recorded), world.events()
    world.publish()
    assert (world.query(recorded), world.events()) == (before, events)


def readers_see(world: World, player: str) -> set[str]:
    return {row["game_id"] for row in world.table(PLAYERS) if row["player_lookup"] == player}


# Two games of a date that claim one key


@pytest.fixture
def both_claim(make_world: Callable[..., World]) -> tuple[World, Row, Row]:
    """Two games of three list one player as having played; the row that is wrong, in the second, and whose it is."""
    world = make_world(3)
    wrong = who_played(world, world.games[1])
    right = identity(wrong)
    wrong.update(identity(who_played(world, world.games[0])))
    publication = world.reload_and_publish()
    for game in world.games[:2]:
        state, reason = state_of(publication, game)
        assert state == "quarantined" and f"duplicates: {wrong['player_lookup']}" in reason
    assert state_of(publication, world.games[2]) == ("published", None)
    assert_settled(world)
    return world, wrong, right


def test_both_are_let_go_once_one_of_them_is_corrected(both_claim):
    world, wrong, right = both_claim
    claimed = wrong["player_lookup"]
    wrong.update(right)
    publication = world.reload_and_publish()
    assert {state_of(publication, game) for game in world.games} == {("published", None)}
    assert readers_see(world, claimed) == {world.games[0].game_id}
    assert_settled(world)


@pytest.mark.parametrize("why", first_in_ci(["postponed", "its players are gone"]))
def test_one_is_let_go_once_the_other_is_not_ready_any_more(both_claim, why):
    world, wrong, _ = both_claim
    other = world.games[1]
    if why == "postponed":
        for row in world.of(SCHEDULE, other):
            row["game_status_text"] = "Postponed"
    else:
        world.drop(GAMEBOOK, other)
        world.drop("nbac_player_boxscores", other)
    publication = world.reload_and_publish()
    assert state_of(publication, world.games[0]) == ("published", None)
    assert state_of(publication, other)[0] == ("void" if why == "postponed" else "waiting")
    assert readers_see(world, wrong["player_lookup"]) == {world.games[0].game_id}
    assert_settled(world)


@pytest.mark.parametrize("alone", first_in_ci([True, False]))
@pytest.mark.long
def test_players_exchanged_in_two_arrivals_end_where_they_belong(world, alone):
    """Each of two published games waits for the other's old row to go, also where each is published alone first."""
    one, other, _ = world.games
    first, second = who_played(world, one), who_played(world, other)
    one_player, other_player = identity(first), identity(second)
    for position, (row, player, game) in enumerate([(first, other_player, one), (second, one_player, other)]):
        row.update(player)
        world.load()
        publication = world.publish(game_ids=frozenset({game.game_id}) if alone else None)
        if alone or position == 0:
            assert state_of(publication, game)[0] == "quarantined"
    publication = world.publish()
    assert {state_of(publication, game) for game in world.games} == {("published", None)}
    assert readers_see(world, one_player["player_lookup"]) == {other.game_id}
    assert readers_see(world, other_player["player_lookup"]) == {one.game_id}
    assert_settled(world)


# A better source's rows


@pytest.fixture
def kept(world: World) -> World:
    """Published gold; the box score is a placeholder since, and a rebuild is offered."""
    empty_box_score(world)
    publication = world.reload_and_publish()
    reason = f"{OFFENSE}: better_source_published: gold stays, silver offered"
    assert state_of(publication, world.game) == ("published", reason)
    assert_settled(world)
    return world


def tiers(world: World, table: str) -> set[str]:
    return {row["quality_tier"] for row in world.table(table, world.game)}


@pytest.mark.parametrize("damage", first_in_ci(["assists = assists + 40", None]))
def test_rows_of_a_better_source_that_were_changed_by_hand_stay_no_longer(kept, damage):
    true = {row["team_abbr"]: row["assists"] for row in kept.table(OFFENSE, kept.game)}
    of_game = f"nba_analytics.{OFFENSE} {{}} WHERE game_id = '{kept.game.game_id}'"
    kept.tamper(f"UPDATE {of_game.format(f'SET {damage}')}" if damage else f"DELETE FROM {of_game.format('')}")
    assert verify(kept.warehouse, DAY, DAY, published_tables())
    publication = kept.publish()
    assert state_of(publication, kept.game) == ("published", None)
    assert {row["team_abbr"]: row["assists"] for row in kept.table(OFFENSE, kept.game)} == true
    assert tiers(kept, OFFENSE) == tiers(kept, DEFENSE) == {"silver"}
    assert verify(kept.warehouse, DAY, DAY, published_tables()) == []
    assert_settled(kept)


def test_rows_of_a_better_source_that_are_contradicted_are_replaced_at_once_by_those_that_pass(kept):
    """The league corrects the score, and the gamebook with it; the box score never comes."""
    scorer = next(row for row in kept.of(GAMEBOOK) if row["team_abbr"] == kept.game.home and row["points"])
    for name in ("points", "free_throws_made", "free_throws_attempted"):
        scorer[name] += 1
    for row in kept.of(SCHEDULE):
        if row.get("home_team_score"):
            row["home_team_score"] += 1
    assert state_of(kept.reload_and_publish(), kept.game) == ("published", None)
    assert tiers(kept, OFFENSE) == {"silver"}
    assert_settled(kept)


def test_a_worse_source_that_fails_its_audit_holds_nothing_back(kept):
    row = next(row for row in kept.of(GAMEBOOK) if row["points"])
    row["steals"] = row["turnovers"] = 700
    publication = kept.reload_and_publish()
    assert report_of(publication, OFFENSE).count("quarantined") == 0
    assert tiers(kept, OFFENSE) == {"gold"}


def test_what_is_held_back_is_said_before_what_is_kept(kept):
    who_played(kept, kept.game).update(identity(who_played(kept, kept.games[1])))
    state, reason = state_of(kept.reload_and_publish(), kept.game)
    assert state == "quarantined" and f"{PLAYERS}: duplicates" in reason


@pytest.mark.long
def test_a_source_that_is_back_is_said_to_be_and_so_is_its_second_loss(world):
    rows = world.rows[TEAM_BOX], world.rows[GAMEBOOK]
    for times in (1, 2):
        world.rows[TEAM_BOX], world.rows[GAMEBOOK] = [], []
        assert "no_team_boxscore" in state_of(world.reload_and_publish(), world.game)[1]
        assert len(world.events("game_kept")) == times * len(SUMMARIES) * len(world.games)
        world.rows[TEAM_BOX], world.rows[GAMEBOOK] = rows
        assert state_of(world.reload_and_publish(), world.game) == ("published", None)
        assert_settled(world)


# Holds


@pytest.fixture
def held(world: World) -> World:
    """The first game's team rows, corrected, rolled back and held."""
    for row in world.of(TEAM_BOX):
        row["assists"] += 1
    world.reload_and_publish()
    first, _ = publications(world, OFFENSE)
    phase3("rollback", OFFENSE, str(DAY), "--to", first, "--reason", "the correction was wrong")
    world.publish()
    return world


def assists(world: World) -> set[int]:
    return {row["assists"] for row in world.table(OFFENSE, world.game)}


def corrected_assists(world: World) -> set[int]:
    return {row["assists"] for row in world.of(TEAM_BOX)}


def test_a_hold_is_said_in_the_state_and_in_the_plan(held):
    state, reason = state_of(held.publish(), held.game)
    assert state == "published" and f"{OFFENSE} is held" in reason and "the correction was wrong" in reason
    with held.warehouse.session(read_only=True) as session:
        steps = plan(survey(session, DAY, DAY).values(), published_tables())
    [step] = [step for step in steps if (step.game_id, step.table) == (held.game.game_id, OFFENSE)]
    assert step.action == "nothing" and step.reason.startswith("held: ")
    assert_settled(held)


def wrong_score(world: World) -> None:
    for row in world.of(SCHEDULE):
        if row.get("home_team_score"):
            row["home_team_score"] += 1


def source_lost(world: World) -> None:
    world.drop(TEAM_BOX)
    world.drop(GAMEBOOK)


@pytest.mark.parametrize("meanwhile", first_in_ci([wrong_score, source_lost]))
@pytest.mark.long
def test_whatever_happens_meanwhile_a_hold_holds_and_its_release_releases(held, meanwhile):
    kept_rows, rows = assists(held), {table: [dict(row) for row in of_table] for table, of_table in held.rows.items()}
    meanwhile(held)
    for _ in range(2):
        held.reload_and_publish()
    held.rows = rows
    held.reload_and_publish()
    held.publish()
    assert_settled(held)
    assert assists(held) == kept_rows != corrected_assists(held)
    one, other = [row for row in held.of(GAMEBOOK) if row["steals"] and row["team_abbr"] == held.game.home][:2]
    one["steals"], other["steals"] = one["steals"] + 1, other["steals"] - 1
    held.reload_and_publish()
    seen = {row["player_lookup"]: row["steals"] for row in held.table(PLAYERS, held.game)}
    assert seen == {row["player_lookup"]: row["steals"] for row in held.of(GAMEBOOK)}, "players follow what is held"
    assert "1 holds lifted" in phase3("release", OFFENSE, str(DAY), "--reason", "it was right")
    assert state_of(held.publish(), held.game) == ("published", None)
    assert assists(held) == corrected_assists(held)


@pytest.mark.long
def test_a_hold_ends_when_what_it_holds_is_withdrawn(held):
    rows = [dict(row) for row in held.rows[SCHEDULE]]
    for row in held.of(SCHEDULE):
        row["game_status_text"] = "Postponed"
    assert state_of(held.reload_and_publish(), held.game)[0] == "void"
    [event] = held.events("hold_released")
    assert (event["game_id"], event["table_name"]) == (held.game.game_id, OFFENSE)
    held.rows[SCHEDULE] = rows
    assert state_of(held.reload_and_publish(), held.game) == ("published", None)
    assert assists(held) == corrected_assists(held)
    assert_settled(held)


@pytest.mark.long
def test_a_held_version_changed_by_hand_stops_downstream_and_says_what_helps(held):
    held.tamper(f"UPDATE nba_analytics.{OFFENSE} SET assists = 99 WHERE game_id = '{held.game.game_id}'")
    assert verify(held.warehouse, DAY, DAY, published_tables())
    publication = held.publish(repair=True)
    [outcome] = [o for o in report_of(publication, OFFENSE).games if o.game_id == held.game.game_id]
    assert outcome.is_held_back and "roll back to that version again, or release it" in outcome.reason
    assert "drift" in state_of(publication, held.game)[1]
    assert_settled(held)
    first, *_ = publications(held, OFFENSE)
    phase3("rollback", OFFENSE, str(DAY), "--to", first, "--reason", "once more")
    assert 99 not in assists(held)
    assert verify(held.warehouse, DAY, DAY, published_tables()) == []


@pytest.mark.long
def test_team_rows_rolled_back_to_a_worse_source_are_followed_by_what_reads_them(world):
    """The table that reads them has no source of its own to prefer."""
    gold = [dict(row) for row in world.of(TEAM_BOX)]
    world.drop(TEAM_BOX)
    with world.warehouse.session() as session:
        for table in (*(f"nba_analytics.{name}" for name in SUMMARIES), "nba_phase3.publications"):
            session._connection.execute(f"DELETE FROM {table}")
    world.reload_and_publish()
    silver, steals = publications(world, OFFENSE)[-1], {row["team_abbr"]: row["steals"] for row in gold}
    for row in gold:
        row["steals"] += 5
    world.rows[TEAM_BOX] += gold
    world.reload_and_publish()
    phase3("rollback", OFFENSE, str(DAY), "--to", silver, "--reason", "the box score counts too many")
    world.publish()
    seen = {row["defending_team_abbr"]: row["steals"] for row in world.table(DEFENSE, world.game)}
    assert seen == {row["team_abbr"]: row["steals"] for row in world.table(OFFENSE, world.game)} == steals


# Waivers


@pytest.mark.long
def test_a_waived_game_of_which_an_older_version_is_visible_says_so(world):
    world.contradict()
    world.reload_and_publish()
    phase3("waive", world.game.game_id, "--reason", "never")
    world.contradict(by=-8)
    state, reason = state_of(world.reload_and_publish(), world.game)
    assert state == "published" and "waived (never); the version published before stays" in reason
    assert assists(world) != corrected_assists(world)


def changed_by_hand(world: World) -> tuple[str, str | None]:
    """The state that readers are shown once the first game's team rows were changed and it was noticed."""
    world.tamper(f"UPDATE nba_analytics.{OFFENSE} SET assists = 99 WHERE game_id = '{world.game.game_id}'")
    runner = CliRunner().invoke(main, ["verify", str(DAY)])
    assert "1 games are not what was published" in runner.output
    return stored_state(world)


def test_a_waived_game_says_that_the_rows_readers_see_of_it_were_changed_by_hand(both_claim):
    """Its players were held back, and it was given up; its team rows are there."""
    world, *_ = both_claim
    phase3("waive", world.game.game_id, "--reason", "never")
    state, reason = changed_by_hand(world)
    assert state == "waived" and reason.startswith("never; ") and f"{OFFENSE}: drift: changed by hand" in reason


def test_a_game_whose_source_is_gone_says_that_its_rows_were_changed_by_hand(world):
    source_lost(world)
    world.reload_and_publish()
    state, reason = changed_by_hand(world)
    assert state == "published" and "its source is gone" in reason and f"{OFFENSE}: drift: changed by hand" in reason


# Thresholds


def publish_within(world: World, limits: Thresholds, **options: bool) -> tuple[str, str | None]:
    publication = publish(world.warehouse, Request(DAY, DAY, **options), thresholds=limits)
    return state_of(publication, world.game)


@pytest.mark.parametrize("is_published", first_in_ci([True, False]))
@pytest.mark.long
def test_what_a_threshold_holds_back_is_let_go_by_a_run_once_the_threshold_is_looser(make_world, is_published):
    world, strict = make_world(2), Thresholds(usage_coverage_error=1, usage_coverage_warning=1)
    game = world.game
    short, other = sorted(
        (row for row in world.of(GAMEBOOK) if row["team_abbr"] == game.home and row["points"]), key=seconds_played
    )[:2]
    left = seconds_played(short) - 5  # too short for a usage rate; the team's total stays
    for row, seconds in ((short, 5), (other, seconds_played(other) + left)):
        row.update(minutes=f"{seconds // 60}:{seconds % 60:02}", minutes_decimal=None)
    world.load()
    if is_published:
        assert publish_within(world, Thresholds()) == ("published", None)
        check_published(world.warehouse, DAY, DAY, published_tables(), strict)
        assert "check failed: usage_rate" in stored_state(world)[1]
    for _ in range(2):
        state, reason = publish_within(world, strict)
        assert state == "quarantined" and "usage_rate" in reason
    events, records = world.events(), world.query("SELECT COUNT(*) AS n FROM nba_phase3.publications")
    publish_within(world, strict, is_automatic=True)
    publish_within(world, strict)
    assert (world.events(), world.query("SELECT COUNT(*) AS n FROM nba_phase3.publications")) == (events, records)
    assert publish_within(world, Thresholds()) == ("published", None)
    assert world.game.game_id in {row["game_id"] for row in world.table(PLAYERS)}
    assert [event["game_id"] for event in world.events("game_released")] == [world.game.game_id]
    assert_settled(world)
