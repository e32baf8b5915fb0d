"""What readers saw at a moment: held against the log of a reader who really looked, whatever had happened.

What belongs here: random walks, and the single cases that a walk would be too coarse for. What doesn't: putting
versions back (test_rollback.py), what prune lets go of (test_prune.py).

PHASE3_TEST_EXAMPLES says how many walks are taken (1 of each kind).
"""

import json
import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from phase3_assets.catalog.table_names import TABLE_NAMES
from phase3_assets.catalog.tables import published_table, published_tables
from phase3_assets.cli import main
from phase3_assets.clock import utc_now
from phase3_assets.demo.season import Row, SimulatedGame, simulate_season
from phase3_assets.errors import ConfigurationError, PublicationError, WarehouseRequestError
from phase3_assets.publishing import rollback
from phase3_assets.publishing.as_of import as_of
from phase3_assets.publishing.drift import verify
from phase3_assets.publishing.interventions import release
from phase3_assets.publishing.prune import prune
from phase3_assets.settings.calendar import parse_moment
from phase3_assets.settings.retention import Retention
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets_tests.support.games import DAY, OFFENSE, PLAYERS, World

SCHEDULE, TEAM_BOX, GAMEBOOK = "nbac_schedule", "nbac_team_boxscore", "nbac_gamebook_player_stats"
DAYS = (DAY, DAY + timedelta(days=1))
WALKS = range(int(os.environ.get("PHASE3_TEST_EXAMPLES", "1")))
AN_INSTANT = timedelta(microseconds=1)

Seen = dict[tuple[str, str], list[Row]]
"""All rows of each game of each table, by table and game."""


def two_nights() -> list[SimulatedGame]:
    """Two games on each of two dates."""
    season = simulate_season(7, DAY, 2)
    return [game for day in DAYS for game in [one for one in season if one.game_date == day][:2]]


def by_game(table: str, rows: list[Row]) -> Seen:
    found: Seen = {}
    for row in sorted(rows, key=repr):
        found.setdefault((table, row["game_id"]), []).append(row)
    return found


@dataclass
class Walk:
    """A world to which things happen, and a reader who notes what he sees after each."""

    world: World
    chance: random.Random
    log: list[tuple[datetime, Seen]] = field(default_factory=list)
    spoiled: set[tuple[str, str]] = field(default_factory=set)
    """Tables and publications of which somebody changed rows by hand."""
    let_go: datetime = datetime(2000, 1, 1, tzinfo=UTC)
    """What was replaced before this moment may be gone."""
    told: list[str] = field(default_factory=list)

    def note(self) -> None:
        """The reader looks at everything."""
        seen: Seen = {}
        with self.world.warehouse.session(read_only=True) as session:
            for table in TABLE_NAMES:
                seen |= by_game(table, session.query(f"SELECT * FROM {published_table(table).contract.full_name}"))
        self.log.append((utc_now(), seen))

    def happen(self, what: Callable[["Walk"], None]) -> None:
        self.told.append(what.__name__)
        what(self)
        self.note()

    def any_game(self) -> SimulatedGame:
        """The first game half of the time, so that something becomes of one game often."""
        return self.chance.choice([*self.world.games, *[self.world.game] * 2])


def correct(walk: Walk) -> None:
    """The league corrects a figure of a game."""
    table, column = walk.chance.choice([(TEAM_BOX, "turnovers"), (TEAM_BOX, "steals"), (GAMEBOOK, "assists")])
    for row in walk.world.of(table, walk.any_game()):
        row[column] = None if row[column] is None else row[column] + 1
    walk.world.reload_and_publish()


def correct_the_first(walk: Walk) -> None:
    """The league corrects the first game's team rows, which all tables are made of."""
    for row in walk.world.of(TEAM_BOX):
        row["turnovers"] += 1
    walk.world.reload_and_publish()


def hold_back(walk: Walk) -> None:
    """Sources contradict each other, or agree again."""
    game = walk.any_game()
    walk.world.contradict(game, by=walk.chance.choice([9, -9]))
    walk.world.reload_and_publish()


def call_off(walk: Walk) -> None:
    """A game is postponed, or on again."""
    for row in walk.world.of(SCHEDULE, walk.any_game()):
        row["game_status_text"] = "Final" if row["game_status_text"] == "Postponed" else "Postponed"
    walk.world.reload_and_publish()


def lose_a_source(walk: Walk) -> None:
    """Only the worse source of a game is left: its rows are kept."""
    walk.world.drop(GAMEBOOK, walk.any_game())
    walk.world.reload_and_publish()


def roll_back(walk: Walk) -> None:
    """A person puts an earlier version of a date back, where there is one."""
    table, day = published_table(walk.chance.choice(TABLE_NAMES)), walk.chance.choice(DAYS)
    versions = [row["publication_id"] for row in rollback.history(walk.world.warehouse, table, day)]
    try:
        to = walk.chance.choice(versions)
        rollback.rollback(walk.world.warehouse, table, day, to, (), "a walk", Thresholds(), "run")
    except (IndexError, PublicationError):
        walk.told.append("nothing to go back to")


def let_loose(walk: Walk) -> None:
    """Every hold is lifted, and what follows is published."""
    for table in TABLE_NAMES:
        for day in DAYS:
            release(walk.world.warehouse, table, day, (), "a walk", "run")
    walk.world.publish()


def change_by_hand(walk: Walk) -> None:
    """Somebody changes, or deletes, a row of a game."""
    _, seen = walk.log[-1]
    (table, game_id), rows = walk.chance.choice([item for item in seen.items() if len(item[1]) > 1])
    contract = published_table(table).contract
    column = next(column.name for column in contract.computed_columns if column.type == "INT64" and column.required)
    of_row = f"game_id = '{game_id}' AND data_hash = '{rows[0]['data_hash']}'"
    change = walk.chance.choice(
        [f"UPDATE {contract.full_name} SET {column} = {column} + 40", f"DELETE FROM {contract.full_name}"]
    )
    walk.world.tamper(f"{change} WHERE {of_row}")
    walk.spoiled.add((table, rows[0]["publication_id"]))


def find_out(walk: Walk) -> None:
    """What was changed by hand is found and recorded."""
    verify(walk.world.warehouse, *DAYS, published_tables())


def repair(walk: Walk) -> None:
    """What was changed by hand is put right."""
    walk.world.publish(repair=True)


def forget(walk: Walk) -> None:
    """What was replaced before some moment is let go of."""
    since, _ = walk.chance.choice(walk.log)
    days = (utc_now() - since) / timedelta(days=1)
    prune(walk.world.warehouse, Retention(history_days=days, events_days=0))
    # Prune counts back from its own clock, which has gone on since we looked at ours.
    walk.let_go = max(walk.let_go, since + timedelta(seconds=5))


EVENTS = [
    *[correct] * 3,
    *[hold_back] * 2,
    *[call_off] * 2,
    lose_a_source,
    *[roll_back] * 2,
    let_loose,
    change_by_hand,
    find_out,
    repair,
]
"""What happens in a walk, in any order."""


@pytest.fixture
def make_walk(warehouse: DuckDBWarehouse) -> Callable[[int], Walk]:
    def make(seed: int) -> Walk:
        walk = Walk(World(warehouse, two_nights()), random.Random(seed))
        walk.note()
        walk.world.reload_and_publish()
        walk.note()
        return walk

    return make


def told_as_of(walk: Walk, moment: datetime) -> tuple[Seen, set[tuple[str, str]]]:
    """What as_of says of every table and both dates: rows, and the games it does not know."""
    rows: Seen = {}
    unknown: set[tuple[str, str]] = set()
    for table in published_tables():
        for day in DAYS:
            answer = as_of(walk.world.warehouse, table, day, moment)
            assert all(tuple(row) == table.contract.column_names for row in answer.rows)
            rows |= by_game(table.name, answer.rows)
            unknown |= {(table.name, game_id) for game_id in answer.unknown}
    return rows, unknown


def assert_told_as_seen(walk: Walk, moment: datetime, *seen: Seen) -> set[tuple[str, str]]:
    """Of every game, what one of the looks saw; not known only where rows were changed by hand, or may be let go of.

    Returns the games that are not known.
    """
    rows, unknown = told_as_of(walk, moment)
    games = [(table, game.game_id) for table in TABLE_NAMES for game in walk.world.games]
    assert set(rows) | unknown <= set(games)
    for game in games:
        looks = [look.get(game, []) for look in seen]
        if game in unknown:
            assert game not in rows
            spoiled = any((game[0], row["publication_id"]) in walk.spoiled for look in looks for row in look)
            assert spoiled or moment < walk.let_go, f"{game} at {moment} could be told: {walk.told}"
        else:
            assert rows.get(game, []) in looks, f"{game} at {moment} is not as it was seen: {walk.told}"
    return unknown


def assert_function_agrees(walk: Walk, moment: datetime) -> None:
    """The function for a console gives the same rows of both dates, or refuses where a game is not known."""
    rows, unknown = told_as_of(walk, moment)
    for table in TABLE_NAMES:
        asked = (
            f"SELECT * FROM nba_phase3.{table}_as_of("
            f"DATE '{DAYS[0]}', DATE '{DAYS[1]}', TIMESTAMP '{moment:%Y-%m-%d %H:%M:%S.%f}+00:00')"
        )
        not_known = {game for of_table, game in unknown if of_table == table}
        if not_known:
            with pytest.raises(WarehouseRequestError, match="|".join(not_known)):
                walk.world.query(asked)
        else:
            of_table = {game: each for game, each in rows.items() if game[0] == table}
            assert by_game(table, walk.world.query(asked)) == of_table


@pytest.mark.slow
@pytest.mark.timeout(0)
@pytest.mark.parametrize("seed", WALKS)
@pytest.mark.long
def test_every_moment_is_told_as_a_reader_saw_it(make_walk, seed):
    walk = make_walk(seed)
    events = walk.chance.sample(EVENTS, len(EVENTS))
    for event in events:
        walk.happen(event)
    for moment, seen in some_of(walk):
        assert_told_as_seen(walk, moment, seen)
    for (earlier, before), (later, after) in walk.chance.sample(list(pairwise(walk.log)), 3):
        assert_told_as_seen(walk, earlier + walk.chance.random() * (later - earlier), before, after)
    assert_a_publication_counts_from_its_record(walk)
    for moment, _ in walk.chance.sample(walk.log, 1):
        assert_function_agrees(walk, moment)


def some_of(walk: Walk) -> list[tuple[datetime, Seen]]:
    """Some of the moments that were noted, in their order."""
    chosen = sorted(walk.chance.sample(range(len(walk.log)), min(6, len(walk.log))))
    return [walk.log[number] for number in chosen]


def assert_a_publication_counts_from_its_record(walk: Walk) -> None:
    """From its very moment on and not an instant earlier."""
    records = walk.world.query(
        "SELECT table_name, game_date, game_id, finished_at FROM nba_phase3.publications "
        "WHERE visible_publication_id = publication_id OR outcome = 'withdrawn'"
    )
    for record in walk.chance.sample(records, 4):
        moment, game = record["finished_at"], (record["table_name"], record["game_id"])
        number = next(n for n, (noted, _) in enumerate(walk.log) if noted >= moment)
        for at, (_, seen) in ((moment, walk.log[number]), (moment - AN_INSTANT, walk.log[number - 1])):
            answer = as_of(walk.world.warehouse, published_table(game[0]), record["game_date"], at)
            rows = by_game(game[0], answer.rows)
            assert game[1] in answer.unknown or rows.get(game, []) == seen.get(game, []), f"{game} at {at}: {walk.told}"


@pytest.mark.slow
@pytest.mark.timeout(0)
@pytest.mark.parametrize("seed", WALKS)
@pytest.mark.long
def test_what_is_let_go_of_is_refused_and_everything_else_told(make_walk, seed):
    walk = make_walk(100 + seed)
    without_hands = [event for event in EVENTS if event not in (change_by_hand, find_out, repair)]
    for event in walk.chance.sample(without_hands, len(without_hands)):
        walk.happen(event)
        if walk.chance.random() < 0.2:
            walk.happen(forget)
    for _ in range(3):
        walk.happen(correct_the_first)
    walk.happen(forget)
    for moment, seen in some_of(walk):
        assert_told_as_seen(walk, moment, seen)
    prune(walk.world.warehouse, Retention(history_days=1e-9))
    walk.let_go = utc_now()
    unknown = [assert_told_as_seen(walk, moment, seen) for moment, seen in walk.log]
    assert any(unknown), "nothing was let go of: the walk was too short to show anything"
    assert unknown[-1] == set(), "what readers see is never let go of"
    for moment, _ in walk.chance.sample(walk.log, 1):
        assert_function_agrees(walk, moment)


# --- Single cases -----------------------------------------------------------------------------------------------------


def phase3(*arguments: str):
    return CliRunner().invoke(main, list(arguments), catch_exceptions=False)


def at(moment: datetime) -> str:
    return moment.isoformat()


@pytest.fixture
def corrected(world: World) -> tuple[World, datetime]:
    """A published night and a moment after it; then the first game was corrected."""
    moment = utc_now()
    for row in world.of(TEAM_BOX):
        row["turnovers"] += 2
    world.reload_and_publish()
    return world, moment


def test_the_command_prints_a_line_per_row_and_json_for_programs(corrected):
    world, moment = corrected
    day, table = DAY.isoformat(), published_table(OFFENSE)
    printed = phase3("as-of", OFFENSE, day, "--at", at(moment))
    assert printed.exit_code == 0
    *lines, last = printed.output.splitlines()
    before = {row["team_abbr"]: row["turnovers"] - 2 for row in world.table(OFFENSE, world.game)}
    for team, turnovers in before.items():
        (line,) = [line for line in lines if line.startswith(f"{world.game.game_id}  {team}  ")]
        assert f"turnovers {turnovers}," in line
    assert last.startswith("6 rows of 3 games, as readers saw them at ") and last.endswith((" EST", " EDT"))
    answer = json.loads(phase3("as-of", OFFENSE, day, "--at", at(moment), "--json").output)
    assert [tuple(row) for row in answer["rows"]] == [table.contract.column_names] * 6 and answer["unknown"] == {}
    eastern = moment.astimezone(ZoneInfo("America/New_York")).replace(tzinfo=None)
    same = json.loads(phase3("as-of", OFFENSE, day, "--at", at(eastern), "--json").output)
    assert same == answer, "without a zone a moment is Eastern"


def test_before_anything_was_published_readers_saw_nothing(world):
    result = phase3("as-of", OFFENSE, DAY.isoformat(), "--at", "2020-01-01T00:00Z")
    assert result.exit_code == 0 and result.output.startswith("0 rows of 0 games, ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("team_offence", "2026-02-03", "--at", "2026-02-04T00:00Z"), "there is no published table"),
        ((OFFENSE, "2026-02-30", "--at", "2026-02-04T00:00Z"), "is not a date"),
        ((OFFENSE, "1999-02-03", "--at", "2026-02-04T00:00Z"), "outside the calendar"),
        ((OFFENSE, "2026-02-03", "--at", "9999-01-01T00:00Z"), "still to come"),
        ((OFFENSE, "2026-02-03", "--at", "last night"), "is not a moment"),
        ((OFFENSE, "2026-02-03", "--at", "9999-12-31T23:00"), "is not a moment"),
        ((OFFENSE, "2026-02-03", "--at", "2026-02-03"), "is a whole date; add the time of day"),
        ((OFFENSE, "2026-02-03", "--at", "2025-11-02T01:30"), "add the offset"),
        ((OFFENSE, "2026-02-03", "--at", "2026-03-08T02:30"), "add the offset"),
        ((OFFENSE, "2026-02-03"), "--at"),
    ],
)
def test_what_cannot_be_asked_is_said_in_a_sentence(warehouse, arguments, said):
    result = phase3("as-of", *arguments)
    assert result.exit_code == 2 and said in result.output


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-02-03T22:15", "2026-02-04T03:15"),
        ("2026-02-03 22:15:30", "2026-02-04T03:15:30"),
        ("2025-11-02T01:30-05:00", "2025-11-02T06:30"),
        ("2025-07-01T12:00", "2025-07-01T16:00"),
        ("2026-02-04T03:15Z", "2026-02-04T03:15"),
    ],
)
def test_a_moment_is_eastern_unless_it_names_its_zone(text, utc):
    assert parse_moment(text) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


CHANGES = {
    "edited": "UPDATE nba_analytics.{table} SET points = points + 1 WHERE {of_game}",
    "deleted": "DELETE FROM nba_analytics.{table} WHERE {of_game}",
    "one row deleted": "DELETE FROM nba_analytics.{table} WHERE data_hash = (SELECT MIN(data_hash) FROM "
    "nba_analytics.{table} WHERE {of_game})",
    "invented": "INSERT INTO nba_analytics.{table} SELECT * REPLACE ('nobody' AS player_lookup) FROM "
    "nba_analytics.{table} WHERE {of_game} LIMIT 1",
}


@pytest.mark.slow
@pytest.mark.parametrize("how", CHANGES)
@pytest.mark.long
def test_rows_changed_by_hand_are_never_shown_as_what_was_seen_before(world, how):
    """Neither while they are there nor once they are repaired; the other games are, and later versions."""
    moment, others = utc_now(), {game.game_id for game in world.games[1:]}
    world.tamper(CHANGES[how].format(table=PLAYERS, of_game=f"game_id = '{world.game.game_id}'"))
    for _ in ("changed", "repaired"):
        seen = as_of(world.warehouse, published_table(PLAYERS), DAY, moment)
        assert set(seen.unknown) == {world.game.game_id} and {row["game_id"] for row in seen.rows} == others
        result = phase3("as-of", PLAYERS, DAY.isoformat(), "--at", at(moment))
        assert result.exit_code == 1 and f"{world.game.game_id}  not known: " in result.output
        assert result.output.endswith("; 1 games not known\n")
        world.publish(repair=True)
    now = as_of(world.warehouse, published_table(PLAYERS), DAY, utc_now())
    assert now.unknown == {} and by_game(PLAYERS, now.rows) == by_game(PLAYERS, world.table(PLAYERS))


def test_rows_that_no_publication_wrote_are_not_passed_over(world):
    """Another's table taken over, or rows inserted by hand where nothing was published."""
    world.tamper(f"DELETE FROM nba_phase3.publications WHERE table_name = '{OFFENSE}'")
    seen = as_of(world.warehouse, published_table(OFFENSE), DAY, utc_now())
    assert seen.rows == [] and set(seen.unknown) == {game.game_id for game in world.games}
    assert all("no publication wrote" in reason for reason in seen.unknown.values())


@pytest.mark.slow
def test_a_table_that_was_taken_over_is_not_known_before_its_first_publication(world):
    before = utc_now()
    world.tamper(f"UPDATE nba_analytics.{OFFENSE} SET publication_id = NULL")
    world.tamper(f"DELETE FROM nba_phase3.publications WHERE table_name = '{OFFENSE}'")
    for row in world.of(TEAM_BOX):
        row["turnovers"] += 2
    world.reload_and_publish()
    for let_go in (False, True):
        if let_go:
            world.tamper(f"DELETE FROM nba_phase3.{OFFENSE}__history")
        seen = as_of(world.warehouse, published_table(OFFENSE), DAY, before)
        assert seen.rows == [] and set(seen.unknown) == {game.game_id for game in world.games}
    now = as_of(world.warehouse, published_table(OFFENSE), DAY, utc_now())
    assert now.unknown == {} and by_game(OFFENSE, now.rows) == by_game(OFFENSE, world.table(OFFENSE))


@pytest.mark.slow
def test_a_publication_that_was_stopped_before_its_record_is_not_told_as_the_one_before(corrected):
    """BigQuery has no transaction around swap and record: killed between the two, a run leaves rows of no record."""
    world, moment = corrected
    newest = "publication_id = (SELECT MAX(publication_id) FROM nba_analytics." + OFFENSE + ")"
    world.tamper(f"DELETE FROM nba_phase3.publications WHERE table_name = '{OFFENSE}' AND {newest}")
    table = published_table(OFFENSE)
    assert as_of(world.warehouse, table, DAY, moment).unknown == {}, "before it, all is known"
    now = as_of(world.warehouse, table, DAY, utc_now())
    assert set(now.unknown) == {world.game.game_id} and "no record of then" in now.unknown[world.game.game_id]


@pytest.mark.slow
@pytest.mark.long
def test_a_game_that_was_withdrawn_is_not_told_as_seen_however_much_is_let_go_of(world):
    """Published, called off, published, corrected: nothing but the records says that readers saw nothing in between."""
    (game, *_), status = world.games, {id(row): row["game_status_text"] for row in world.of(SCHEDULE)}
    moments = [utc_now()]
    for is_off in (True, False):
        for row in world.of(SCHEDULE, game):
            row["game_status_text"] = "Postponed" if is_off else status[id(row)]
        world.reload_and_publish()
        moments.append(utc_now())
    for _ in range(2):
        for row in world.of(TEAM_BOX, game):
            row["turnovers"] += 1
        world.reload_and_publish()
    prune(world.warehouse, Retention(history_days=1e-9))
    table = published_table(OFFENSE)
    first, off, again = (as_of(world.warehouse, table, DAY, moment) for moment in moments)
    assert game.game_id in first.unknown and "PHASE3_HISTORY_DAYS" in first.unknown[game.game_id]
    assert off.unknown == {} and game.game_id not in {row["game_id"] for row in off.rows}
    assert game.game_id in again.unknown


@pytest.mark.slow
def test_the_function_refuses_whatever_the_condition_is(world):
    """A figure of some of the rows, where others are not known, would be a wrong answer."""
    moment = utc_now()
    world.tamper(f"DELETE FROM nba_analytics.{PLAYERS} WHERE game_id = '{world.game.game_id}'")
    called = f"nba_phase3.{PLAYERS}_as_of(DATE '{DAY}', DATE '{DAY}', TIMESTAMP '{moment:%Y-%m-%d %H:%M:%S.%f}+00:00')"
    for wanted in ("*", "COUNT(*) AS n", "SUM(points) AS n"):
        for condition in ("TRUE", "team_abbr = 'nobody'", "points > 500", "player_lookup IS NULL"):
            with pytest.raises(WarehouseRequestError, match=f"{world.game.game_id} of {PLAYERS}: no rows of"):
                world.query(f"SELECT {wanted} FROM {called} WHERE {condition}")


def test_a_text_with_its_zone_is_what_people_give_the_function(world):
    moment = utc_now()
    eastern = moment.astimezone(ZoneInfo("America/New_York"))
    for text in (at(moment), at(eastern)):
        rows = world.query(f"SELECT * FROM nba_phase3.{OFFENSE}_as_of('{DAY}', '{DAY}', '{text}')")
        assert by_game(OFFENSE, rows) == by_game(OFFENSE, world.table(OFFENSE))


def test_a_moment_to_come_is_refused(world):
    with pytest.raises(ConfigurationError, match="still to come"):
        as_of(world.warehouse, published_table(OFFENSE), DAY, utc_now() + timedelta(hours=1))
