"""Closing and opening lines: which of a player's many quotes ends up on the published row.

What belongs here: prop rows in, line columns of player_game_summary out. What doesn't: whether lines are plausible
(test_rules.py).

Every case has a player of its own, so that one publication serves them all and no case can lean on another.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from random import Random
from statistics import median
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phase3_assets.catalog.contracts import raw_contracts
from phase3_assets.catalog.parameters import date_parameters
from phase3_assets.catalog.queries import prepared, sql_text
from phase3_assets.demo.season import Line, Player, Row, SimulatedGame, simulate_season
from phase3_assets.publishing.survey import survey
from phase3_assets.warehouse.duckdb.warehouse import DuckDBSession, DuckDBWarehouse
from phase3_assets_tests.support.games import DAY, PLAYERS, World, report_of

PROPS = "odds_api_player_points_props"
SAME: Any = object()


@dataclass(frozen=True)
class Quote:
    """One line one book showed at one moment; `before` is minutes before tip-off, negative during the game."""

    line: float | str = 20.5
    book: str = "draftkings"
    before: float = 60
    minutes: Any = SAME
    """minutes_before_tipoff as the row says it; by default what `before` says."""
    starts: float | None = 0
    """The row's game_start_time, in minutes after the schedule's tip-off; None where the row does not say."""
    processed: float | None = 1
    """Hours after tip-off at which the row was loaded; None where unknown."""

    def row(self, game: SimulatedGame, player: Line, **columns: Any) -> Row:
        return {
            "game_id": game.nba_game_id,
            "odds_api_event_id": f"{game.number:032x}",
            "game_date": game.game_date,
            "game_start_time": None if self.starts is None else game.tip_off + timedelta(minutes=self.starts),
            "home_team_abbr": game.home,
            "away_team_abbr": game.away,
            "snapshot_timestamp": game.tip_off - timedelta(minutes=self.before),
            "minutes_before_tipoff": int(self.before) if self.minutes is SAME else self.minutes,
            "bookmaker": self.book,
            "player_name": player.player.name,
            "player_lookup": player.player.lookup,
            "points_line": self.line,
            "processed_at": None if self.processed is None else game.tip_off + timedelta(hours=self.processed),
            **columns,
        }


@dataclass(frozen=True)
class Case:
    """Quotes of one player, and the line his published row must show: (line, book, opening line), or None for none."""

    name: str
    quotes: Sequence[Quote]
    expected: tuple[float, str, float] | None
    where: str = "any"
    """any game, `phoenix` (PHX plays), `untimed` (the schedule has no tip-off), or `bench` for one who did not play."""
    columns: Callable[[SimulatedGame, Line], Row] = lambda game, player: {}
    is_relative: bool = False
    """Lines are counted from the points the player scored."""


def clock(line: float, before: float, starts: float | None = 0) -> Quote:
    """A quote of an old row, which does not say how many minutes it was before tip-off."""
    return Quote(line, before=before, minutes=None, starts=starts)


def opened_and_closed(opening: float, closing: float) -> list[Quote]:
    return [Quote(opening, before=600), Quote(closing, before=5)]


def foreign(name: str) -> str:
    """The same name in the letters of another press box."""
    return name.translate(str.maketrans("aeioucAEIOUC", "áéıøüčÂÈÍØÙČ"))


SECOND = 1 / 60
CASES = [
    Case(
        "draftkings is preferred",
        [Quote(21.5, "fanduel"), Quote(20.5), Quote(22.5, "betmgm")],
        (20.5, "draftkings", 20.5),
    ),
    Case(
        "draftkings is preferred although older",
        [Quote(20.5, before=600), Quote(21.5, "fanduel", 5)],
        (20.5, "draftkings", 20.5),
    ),
    Case("fanduel comes second", [Quote(22.5, "betmgm", 5), Quote(21.5, "fanduel", 600)], (21.5, "fanduel", 21.5)),
    Case(
        "the others alphabetically",
        [Quote(21.5, "caesars"), Quote(22.5, "bovada"), Quote(23.5, "betrivers")],
        (23.5, "betrivers", 23.5),
    ),
    Case("alphabetically in lower case", [Quote(21.5, "Williamhill"), Quote(22.5, "espnbet")], (22.5, "espnbet", 22.5)),
    Case(
        "preferred in any spelling", [Quote(21.5, "fanduel"), Quote(20.5, " DraftKings ")], (20.5, "draftkings", 20.5)
    ),
    Case(
        "a book in two spellings is one book",
        [Quote(18.5, "FANDUEL", 600), Quote(21.5, "fanduel", 5)],
        (21.5, "fanduel", 18.5),
    ),
    Case(
        "the latest before tip-off",
        [Quote(20.5, before=600), Quote(23.5, before=5), Quote(21.5, before=60)],
        (23.5, "draftkings", 20.5),
    ),
    Case(
        "never a line of the game itself",
        [*opened_and_closed(20.5, 21.5), Quote(9.5, before=-30)],
        (21.5, "draftkings", 20.5),
    ),
    Case(
        "a lesser book before an in-game draftkings",
        [Quote(9.5, before=-30), Quote(21.5, "betmgm", 60)],
        (21.5, "betmgm", 21.5),
    ),
    Case("only in-game lines", [Quote(9.5, before=-1), Quote(8.5, "fanduel", -60)], None),
    Case("minutes 0 is not before", [Quote(9.5, before=0)], None),
    Case("minutes 1 is before", [Quote(9.5, before=1)], (9.5, "draftkings", 9.5)),
    Case(
        "known minutes outweigh a snapshot after the start",
        [Quote(9.5, before=-10, minutes=10)],
        (9.5, "draftkings", 9.5),
    ),
    Case("known minutes outweigh a snapshot before the start", [Quote(9.5, before=10, minutes=-10)], None),
    Case("without minutes: a second before the row's start", [clock(9.5, SECOND)], (9.5, "draftkings", 9.5)),
    Case("without minutes: at the row's start", [clock(9.5, 0)], None),
    Case("without minutes: after the row's start", [clock(9.5, -SECOND)], None),
    Case("the row's start outweighs a later schedule", [clock(9.5, 30, starts=-60)], None),
    Case("the row's start outweighs an earlier schedule", [clock(9.5, -30, starts=60)], (9.5, "draftkings", 9.5)),
    Case("by the schedule: a second before tip-off", [clock(9.5, SECOND, None)], (9.5, "draftkings", 9.5)),
    Case("by the schedule: at tip-off", [clock(9.5, 0, None)], None),
    Case("by the schedule: after tip-off", [clock(9.5, -SECOND, None)], None),
    Case("an unknown time is never before", [clock(9.5, 600, None)], None, "untimed"),
    Case(
        "minutes suffice where the schedule has no time", [Quote(9.5, starts=None)], (9.5, "draftkings", 9.5), "untimed"
    ),
    Case(
        "the row's start suffices where the schedule has no time", [clock(9.5, 5)], (9.5, "draftkings", 9.5), "untimed"
    ),
    Case(
        "of alternate lines the latest processed",
        [Quote(26.5, processed=1), Quote(0.5, processed=2), Quote(26.5, "fanduel"), Quote(26.5, "betmgm")],
        (0.5, "draftkings", 0.5),
    ),
    Case(
        "an unknown processing time is the oldest",
        [Quote(26.5, processed=1), Quote(0.5, processed=None), Quote(0.5, "fanduel"), Quote(0.5, "betmgm")],
        (26.5, "draftkings", 26.5),
    ),
    Case(
        "of alternate lines the nearest to the median",
        [Quote(0.5), Quote(26.5), Quote(44.5), Quote(25.5, "fanduel"), Quote(27.5, "betmgm")],
        (26.5, "draftkings", 26.5),
    ),
    Case(
        "the median is of every book and snapshot",
        [
            Quote(10.5),
            Quote(26.5),
            Quote(26.5, before=600),
            *(Quote(9.5, book, 90) for book in ("fanduel", "betmgm", "bovada")),
        ],
        (10.5, "draftkings", 26.5),
    ),
    Case(
        "in-game lines are not in the median",
        [Quote(10.5), Quote(26.5), Quote(26.5, "fanduel"), *(Quote(9.5, before=-minute) for minute in range(1, 9))],
        (26.5, "draftkings", 26.5),
    ),
    Case("equally near: the lower", [Quote(22.5), Quote(20.5), Quote(21.5, "fanduel")], (20.5, "draftkings", 20.5)),
    Case(
        "the opening is of the closing book",
        [Quote(15.5, "fanduel", 900), *opened_and_closed(19.5, 21.5)],
        (21.5, "draftkings", 19.5),
    ),
    Case("the opening is before tip-off", [clock(18.5, -30), Quote(21.5)], (21.5, "draftkings", 21.5)),
    Case(
        "of alternate opening lines the latest processed",
        [Quote(26.5, before=600), Quote(0.5, before=600, processed=2), Quote(26.5, before=5), Quote(26.5, "fanduel")],
        (26.5, "draftkings", 0.5),
    ),
    Case(
        "of alternate opening lines the nearest to the median",
        [Quote(0.5, before=600), Quote(25.5, before=600), Quote(26.5, before=5), Quote(26.5, "fanduel")],
        (26.5, "draftkings", 25.5),
    ),
    Case(
        "equally near opening lines: the lower",
        [Quote(22.5, before=600), Quote(20.5, before=600), Quote(21.5, before=5)],
        (21.5, "draftkings", 20.5),
    ),
    Case("a line that fell", opened_and_closed(24.5, 22.0), (22.0, "draftkings", 24.5)),
    Case(
        "mass duplicates",
        [*opened_and_closed(24.5, 22.0), Quote(0.5, before=5), Quote(23.5, "fanduel")] * 40,
        (22.0, "draftkings", 24.5),
    ),
    Case(
        "mass duplicates of an alternate line alone",
        [Quote(26.5), *[Quote(0.5)] * 40, Quote(26.5, "fanduel"), Quote(25.5, "betmgm")],
        (26.5, "draftkings", 26.5),
    ),
    Case("scored more", [Quote(-0.5)], (-0.5, "draftkings", -0.5), is_relative=True),
    Case("scored less", [Quote(0.5)], (0.5, "draftkings", 0.5), is_relative=True),
    Case("scored exactly that", [Quote(0)], (0, "draftkings", 0), is_relative=True),
    Case("a player who did not play", opened_and_closed(20.5, 21.5), (21.5, "draftkings", 20.5), "bench"),
    Case("NaN is no line", [Quote("NaN", before=5), Quote(20.5)], (20.5, "draftkings", 20.5)),
    Case(
        "infinite is no line",
        [Quote("Infinity", before=5), Quote("-Infinity", before=4), Quote(20.5)],
        (20.5, "draftkings", 20.5),
    ),
    Case("nothing but NaN", [Quote("NaN"), Quote("Infinity", "fanduel")], None),
    Case(
        "NaN does not disturb the median",
        [Quote(0.5), Quote(26.5), *(Quote(x, "fanduel") for x in ("NaN", 25.5, 26.5))],
        (26.5, "draftkings", 26.5),
    ),
    Case("NaN is no opening", [Quote("NaN", before=900), *opened_and_closed(20.5, 21.5)], (21.5, "draftkings", 20.5)),
    Case(
        "accents, the key missing",
        [Quote()],
        (20.5, "draftkings", 20.5),
        columns=lambda game, player: {"player_lookup": None, "player_name": foreign(player.player.name)},
    ),
    Case(
        "accents, the key blank",
        [Quote()],
        (20.5, "draftkings", 20.5),
        columns=lambda game, player: {"player_lookup": " ", "player_name": foreign(player.player.name).upper()},
    ),
    Case(
        "accents and punctuation in the key itself",
        [Quote()],
        (20.5, "draftkings", 20.5),
        columns=lambda game, player: {"player_lookup": foreign(player.player.name), "player_name": "?"},
    ),
    Case(
        "another book's raw game id",
        [Quote()],
        (20.5, "draftkings", 20.5),
        columns=lambda game, player: {"game_id": "0000000000"},
    ),
    Case(
        "home and away swapped",
        [Quote()],
        (20.5, "draftkings", 20.5),
        columns=lambda game, player: {"home_team_abbr": game.away, "away_team_abbr": game.home},
    ),
    *(
        Case(
            f"Phoenix as {code} the {side} team",
            [Quote()],
            (20.5, "draftkings", 20.5),
            "phoenix",
            lambda game, player, code=code, side=side: _phoenix_as(game, code, side),
        )
        for code in ("PHO", " phx ")
        for side in ("home", "away")
    ),
    Case("the lines of another game's teams", [Quote()], None, columns=lambda game, player: {"home_team_abbr": "XXX"}),
]


def _phoenix_as(game: SimulatedGame, code: str, side: str) -> Row:
    """Phoenix, written like that, on that side of the prop row; the truth may be the other one."""
    other = game.away if game.home == "PHX" else game.home
    return {"home_team_abbr": other, "away_team_abbr": other, f"{side}_team_abbr": code}


def slate() -> list[SimulatedGame]:
    """Five games of one date, Phoenix's first."""
    for seed in range(100):
        games = simulate_season(seed, DAY, 1)
        phoenix = [game for game in games if "PHX" in (game.home, game.away)]
        if phoenix and len(games) >= 5:
            return [*phoenix, *(game for game in games if game not in phoenix)][:5]
    raise AssertionError("no simulated date has Phoenix and four more games")


def cast(games: list[SimulatedGame]) -> dict[str, tuple[SimulatedGame, Line]]:
    """A player of his own for every case."""
    phoenix, untimed, *others = games

    def players(some: list[SimulatedGame], played: bool) -> Iterator[tuple[SimulatedGame, Line]]:
        # Two points at least, so that a line may be below what he scored.
        return (
            (g, line)
            for g in some
            for line in g.lines
            if bool(line.seconds) == played and line.counts.get("points", 2) > 1
        )

    free = {
        "phoenix": players([phoenix], True),
        "untimed": players([untimed], True),
        "bench": players(others, False),
        "any": players([*others, phoenix], True),
    }
    taken: set[str] = set()
    parts = {}
    for case in CASES:
        parts[case.name] = next(part for part in free[case.where] if part[1].player.lookup not in taken)
        taken.add(parts[case.name][1].player.lookup)
    return parts


@pytest.fixture(scope="module")
def published(_initialised_file: bytes, tmp_path_factory: pytest.TempPathFactory) -> tuple[World, dict[str, Row]]:
    """Every case's quotes, shuffled together, published at once; and the player rows by player."""
    path = tmp_path_factory.mktemp("lines") / "warehouse.duckdb"
    path.write_bytes(_initialised_file)
    world = World(DuckDBWarehouse(path, wait_seconds=10), slate())
    for row in world.of("nbac_schedule", world.games[1]):
        row["game_date_est"] = None
    rows = []
    for case in CASES:
        game, player = cast(world.games)[case.name]
        base = player.counts["points"] if case.is_relative else 0
        for quote in case.quotes:
            columns = case.columns(game, player)
            if case.is_relative:
                columns["points_line"] = base + float(quote.line)
            rows.append(quote.row(game, player, **columns))
    nobody = Line(Player("Nobody Atall", 1.0), world.game.home, 1)
    rows += [Quote(line, book).row(world.game, nobody) for line in (3.5, 4.5) for book in ("draftkings", "fanduel")]
    Random(1).shuffle(rows)
    world.rows[PROPS] = rows
    world.reload_and_publish()
    return world, {row["player_lookup"]: row for row in world.table("player_game_summary")}


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name.replace(" ", "_")) for case in CASES])
def test_the_published_line_is(published, case):
    world, rows = published
    game, player = cast(world.games)[case.name]
    row = rows[player.player.lookup]
    assert row["game_id"] == game.game_id
    points = player.counts["points"] if player.seconds else None
    base = points if case.is_relative and points is not None else 0
    line, book, opening = case.expected or (None, None, None)
    closing = None if line is None else base + line
    assert (row["points_line"], row["points_line_source"]) == (closing, book)
    assert row["opening_line"] == (None if opening is None else base + opening)
    assert row["opening_line_source"] == book
    assert row["line_movement"] == (None if line is None or opening is None else line - opening)
    if closing is None or points is None:
        assert (row["over_under_result"], row["margin"]) == (None, None)
    else:
        verdict = "OVER" if points > closing else "UNDER" if points < closing else "PUSH"
        assert (row["over_under_result"], row["margin"]) == (verdict, points - closing)


def test_all_three_results_occur(published):
    _, rows = published
    assert {row["over_under_result"] for row in rows.values()} == {"OVER", "UNDER", "PUSH", None}


def test_lines_keep_one_decimal(published):
    _, rows = published
    lines = [row["points_line"] for row in rows.values() if row["points_line"] is not None]
    assert lines and all(isinstance(line, Decimal) and line.as_tuple().exponent == -1 for line in lines)


def test_many_books_and_unknown_players_add_no_rows(published):
    world, rows = published
    for game in world.games:
        listed = sorted(line.player.lookup for line in game.lines)
        assert [row["player_lookup"] for row in world.table("player_game_summary", game)] == listed
    assert "nobodyatall" not in rows


@pytest.mark.slow
def test_a_line_taken_during_the_game_changes_no_published_row(world):
    player = world.game.lines[0]
    world.rows[PROPS] = [Quote(20.5).row(world.game, player)]
    world.reload_and_publish()
    before = world.table("player_game_summary")
    world.rows[PROPS] += [Quote(3.5, before=-30).row(world.game, player), Quote(2.5, "fanduel").row(world.game, player)]
    publication = world.reload_and_publish()
    assert report_of(publication, PLAYERS).count("unchanged") == len(world.games)
    assert world.table("player_game_summary") == before

    world.rows[PROPS] += [Quote(22.5, before=5).row(world.game, player)]
    publication = world.reload_and_publish()
    changed = {o.game_id: o.rows_changed for o in report_of(publication, PLAYERS).games if o.outcome == "published"}
    assert changed == {world.game.game_id: 1}
    after = {row["player_lookup"]: row for row in world.table("player_game_summary", world.game)}
    assert float(after[player.player.lookup]["points_line"]) == 22.5
    assert float(after[player.player.lookup]["line_movement"]) == 2.0


def closing_line(session: DuckDBSession, rows: Sequence[Row]) -> tuple[float, str, float] | None:
    """The view's answer if these were all the quotes there are."""
    connection = session._connection
    connection.execute("BEGIN TRANSACTION")
    try:
        connection.execute(f"DELETE FROM nba_raw.{PROPS}")
        session.append(raw_contracts()[PROPS], rows)
        found = session.query(prepared(sql_text("views/closing_lines")), date_parameters(DAY, DAY))
    finally:
        connection.execute("ROLLBACK")
    assert len(found) <= 1
    if not found:
        return None
    return found[0]["points_line_x100"] / 100, found[0]["bookmaker"], found[0]["opening_line_x100"] / 100


def by_the_book(quotes: Sequence[Quote]) -> tuple[float, str, float] | None:
    """The rule as the domain states it, in so many words."""
    usable = [q for q in quotes if (q.before > 0 if q.minutes is SAME else q.before > -(q.starts or 0))]
    if not usable:
        return None
    middle = median(float(q.line) for q in usable)
    best = min((q.book.lower() for q in usable), key=lambda book: (book != "draftkings", book != "fanduel", book))
    of_best = [q for q in usable if q.book.lower() == best]

    def rank(quote: Quote) -> tuple[float, ...]:
        processed = -math.inf if quote.processed is None else quote.processed
        return (-processed, abs(float(quote.line) - middle), float(quote.line))

    closing = min((q for q in of_best if q.before == min(x.before for x in of_best)), key=rank)
    opening = min((q for q in of_best if q.before == max(x.before for x in of_best)), key=rank)
    return float(closing.line), best, float(opening.line)


QUOTES = st.builds(
    Quote,
    line=st.sampled_from([0.5, 20.5, 21.5, 22.5, 44.5]),
    book=st.sampled_from(["draftkings", "FanDuel", "fanduel", "betmgm", "Caesars"]),
    before=st.sampled_from([-30, 0, 20, 20, 45, 600]),
    minutes=st.sampled_from([SAME, SAME, None]),
    starts=st.sampled_from([0, None, -30]),
    processed=st.sampled_from([1, 1, 2, None]),
)


@pytest.mark.slow
def test_whatever_the_quotes_and_their_order_the_rule_decides(published):
    world, _ = published
    some = st.lists(QUOTES, min_size=1, max_size=10, unique_by=lambda q: (q.book.lower(), q.before, q.line))

    @settings(max_examples=60, deadline=None, database=None)
    @given(quotes=some, copies=st.integers(1, 3), order=st.randoms(use_true_random=False))
    def holds(quotes: list[Quote], copies: int, order: Random) -> None:
        rows = [quote.row(world.game, world.game.lines[0]) for quote in quotes] * copies
        order.shuffle(rows)
        assert closing_line(session, rows) == by_the_book(quotes)

    with world.warehouse.session() as session:
        survey(session, DAY, DAY)
        holds()
