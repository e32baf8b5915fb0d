"""Game lines: which book's which snapshot, whose side, and what of the rest is left out.

What belongs here: made-up quotes and the lines that the view makes of them. What doesn't: the columns that the table
makes of these (test_upcoming_team_games.py), players' points lines (test_closing_lines.py).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from phase3_assets.demo.season import Row, SimulatedGame, simulate_season
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets_tests.support.games import DAY, World

LINES = "odds_api_game_lines"
NAMES = {
    "ATL": "Atlanta Hawks",
    "BKN": "Brooklyn Nets",
    "BOS": "Boston Celtics",
    "CHA": "Charlotte Hornets",
    "CHI": "Chicago Bulls",
    "CLE": "Cleveland Cavaliers",
    "DAL": "Dallas Mavericks",
    "DEN": "Denver Nuggets",
    "DET": "Detroit Pistons",
    "GSW": "Golden State Warriors",
    "HOU": "Houston Rockets",
    "IND": "Indiana Pacers",
    "LAC": "LA Clippers",
    "LAL": "Los Angeles Lakers",
    "MEM": "Memphis Grizzlies",
    "MIA": "Miami Heat",
    "MIL": "Milwaukee Bucks",
    "MIN": "Minnesota Timberwolves",
    "NOP": "New Orleans Pelicans",
    "NYK": "New York Knicks",
    "OKC": "Oklahoma City Thunder",
    "ORL": "Orlando Magic",
    "PHI": "Philadelphia 76ers",
    "PHX": "Phoenix Suns",
    "POR": "Portland Trail Blazers",
    "SAC": "Sacramento Kings",
    "SAS": "San Antonio Spurs",
    "TOR": "Toronto Raptors",
    "UTA": "Utah Jazz",
    "WAS": "Washington Wizards",
}


@dataclass(frozen=True)
class Quote:
    """One row: a side's point at a book at one moment; `before` is minutes before the row's own tip-off."""

    side: str
    point: float | None
    book: str = "draftkings"
    before: float = 60
    processed: float | None = 1
    """Hours after tip-off at which the row was loaded; None where unknown."""
    starts: float = 0
    """The row's commence_time, in minutes after the schedule's tip-off."""
    columns: tuple[tuple[str, Any], ...] = ()
    """Columns that say something else; text may name {home} and {away}."""

    def row(self, game: SimulatedGame) -> Row:
        commence = game.tip_off + timedelta(minutes=self.starts)
        names = {"home": NAMES[game.home], "away": NAMES[game.away], "over": "Over", "under": "Under"}
        row = {
            "snapshot_timestamp": commence - timedelta(minutes=self.before),
            "game_id": f"{game.number:032x}",
            "commence_time": commence,
            "game_date": game.game_date,
            "home_team": names["home"],
            "away_team": names["away"],
            "home_team_abbr": game.home,
            "away_team_abbr": game.away,
            "bookmaker_key": self.book,
            "market_key": "spreads" if self.side in ("home", "away") else "totals",
            "outcome_name": names[self.side],
            "outcome_point": self.point,
            "processed_at": None if self.processed is None else game.tip_off + timedelta(hours=self.processed),
        }
        said = {"home": game.home, "away": game.away}
        told = {k: v.format(**said) if isinstance(v, str) else v for k, v in self.columns}
        if "days" in told:
            told["game_date"] = game.game_date + timedelta(days=told.pop("days"))
        return row | told


def spread(point: float, *args: Any, **options: Any) -> list[Quote]:
    """Both sides of a spread; `point` is the home team's."""
    return [Quote("home", point, *args, **options), Quote("away", -point, *args, **options)]


def total(point: float, *args: Any, **options: Any) -> list[Quote]:
    """Both sides of a total."""
    return [Quote("over", point, *args, **options), Quote("under", point, *args, **options)]


@dataclass(frozen=True)
class Case:
    """Quotes of a game, and the home team's lines: (spread, opening, book), (total, opening, book), None for none."""

    name: str
    quotes: Sequence[Quote]
    spread: tuple[float, float, str] | None = None
    total: tuple[float, float, str] | None = None
    differ: bool = False
    is_untimed: bool = False
    """Whether the schedule has no tip-off."""


WITHOUT_CODES = (("home_team_abbr", None), ("away_team_abbr", None))
CASES = [
    Case("both markets", [*spread(-5.5), *total(221.5)], (-5.5, -5.5, "draftkings"), (221.5, 221.5, "draftkings")),
    Case("a favoured visitor", spread(7), (7, 7, "draftkings")),
    Case(
        "draftkings, then fanduel, then the alphabet, each market by itself",
        [
            *spread(-3, "betmgm", 5),
            *spread(-4, "FanDuel", 600),
            *spread(-6, "Caesars", 1),
            *total(220, "williamhill"),
            *total(223, "Bovada"),
        ],
        (-4, -4, "fanduel"),
        (223, 223, "bovada"),
    ),
    Case(
        "the best book's latest before tip-off, its earliest the opening",
        [*spread(-4, before=600), *spread(-5, before=90), *spread(-6, before=30), *spread(-9, "fanduel", 5)],
        (-6, -4, "draftkings"),
    ),
    Case(
        "a book without a line before tip-off is not the best",
        [*spread(-20, before=-30), *spread(-6, "fanduel")],
        (-6, -6, "fanduel"),
    ),
    Case("at tip-off is not before", [*spread(-6, before=0), *total(200, before=0)]),
    Case("a second before is before", spread(-6, before=1 / 60), (-6, -6, "draftkings")),
    Case(
        "the row's tip-off counts, not an earlier one of the schedule",
        spread(-6, before=5, starts=30),
        (-6, -6, "draftkings"),
    ),
    Case("the row's tip-off counts, not a later one of the schedule", spread(-6, before=-5, starts=-30)),
    Case("where the schedule has no time, the row has", spread(-6), (-6, -6, "draftkings"), is_untimed=True),
    Case("the home side alone", [Quote("home", -2.5)], (-2.5, -2.5, "draftkings")),
    Case("the visitors' side alone", [Quote("away", -2.5)], (2.5, 2.5, "draftkings")),
    Case("one side of a total alone", [Quote("under", 230)], total=(230, 230, "draftkings")),
    Case(
        "sides that do not cancel: the newer",
        [Quote("home", -5, processed=1), Quote("away", 6, processed=2)],
        (-6, -6, "draftkings"),
        differ=True,
    ),
    Case(
        "the other way round",
        [Quote("home", -5, processed=2), Quote("away", 6, processed=1)],
        (-5, -5, "draftkings"),
        differ=True,
    ),
    Case(
        "sides that did not cancel in an earlier snapshot",
        [Quote("home", -5, before=90), Quote("away", 6, before=90, processed=2), *spread(-7)],
        (-7, -6, "draftkings"),
    ),
    Case(
        "the latest snapshot has one side, an earlier one both",
        [*spread(-5, before=90), Quote("away", 6)],
        (-6, -5, "draftkings"),
    ),
    Case(
        "of alternates the latest processed",
        [*spread(-5, processed=1), *spread(-12, processed=2)],
        (-12, -12, "draftkings"),
    ),
    Case(
        "of alternates the nearest to the median of all books",
        [*spread(-12), *spread(-5), *spread(2), *spread(-4, "fanduel"), *spread(-6, "betmgm")],
        (-5, -5, "draftkings"),
    ),
    Case(
        "equally near: the lower of the home team's",
        [*spread(-4), *spread(-6), *spread(-5, "fanduel")],
        (-6, -6, "draftkings"),
    ),
    Case(
        "of alternate totals too",
        [*total(190), *total(221), *total(250), *total(222, "fanduel")],
        total=(221, 221, "draftkings"),
    ),
    Case(
        "lines after tip-off are not in the median",
        [*spread(-12), *spread(-5), *spread(-5, "fanduel"), *(q for n in range(1, 9) for q in spread(-12, before=-n))],
        (-5, -5, "draftkings"),
    ),
    Case(
        "impossible lines are left out",
        [*spread(-60.5), *spread(-4, "fanduel"), *total(99.5), *total(400.5, before=5), *total(230, "fanduel")],
        (-4, -4, "fanduel"),
        (230, 230, "fanduel"),
    ),
    Case(
        "the furthest possible ones are not",
        [*spread(60), *total(100, before=90), *total(400)],
        (60, 60, "draftkings"),
        (400, 100, "draftkings"),
    ),
    Case("without a point", [Quote("home", None), Quote("over", None)]),
    Case("another market", [Quote("over", 110, columns=(("market_key", "team_totals"),))]),
    Case("without codes by full names", spread(-8, columns=WITHOUT_CODES), (-8, -8, "draftkings")),
    Case(
        "a side that nobody can tell",
        spread(-8, columns=(("home_team", "Home"), ("away_team", "Away"), ("outcome_name", "Nobody"))),
    ),
    Case(
        "a side that is told by its code",
        [Quote("away", -8, columns=(("outcome_name", "{away}"),))],
        (8, 8, "draftkings"),
    ),
    Case(
        "home and away exchanged",
        [
            Quote("home", -8, columns=(("home_team_abbr", "{away}"), ("away_team_abbr", "{home}"), ("home_team", "x"))),
        ],
        (-8, -8, "draftkings"),
    ),
    Case(
        "a row under the next date is of the Eastern date of its tip-off",
        spread(-8, columns=(("days", 1),)),
        (-8, -8, "draftkings"),
    ),
    Case("under the date before too", spread(-8, columns=(("days", -1),)), (-8, -8, "draftkings")),
    Case("under a date further away no more", spread(-8, columns=(("days", 2),))),
    Case("of another date", spread(-8, starts=24 * 60)),
    Case("of other teams", spread(-8, columns=(("home_team_abbr", "{away}"), ("away_team_abbr", "{away}")))),
    Case("a row loaded twice", [*spread(-8), *spread(-8)], (-8, -8, "draftkings")),
]


@pytest.fixture(scope="module")
def found(_initialised_file: bytes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, list[Row]]]:
    """By case, the view's rows of its game, when the quotes of all cases are loaded together."""
    path = tmp_path_factory.mktemp("lines") / "warehouse.duckdb"
    path.write_bytes(_initialised_file)
    games = [game for game in simulate_season(5, DAY, 12) if not {game.home, game.away} & {"LAC"}]
    # No team plays the day after or before: a line is then of no other game of its teams.
    chosen: list[SimulatedGame] = []
    for game in games:
        near = [g for g in chosen if abs((g.game_date - game.game_date).days) <= 1]
        if not any({g.home, g.away} & {game.home, game.away} for g in near):
            chosen.append(game)
    assert len(chosen) >= len(CASES)
    parts = dict(zip((case.name for case in CASES), chosen, strict=False))
    world = World(DuckDBWarehouse(path, wait_seconds=10), chosen[: len(CASES)])
    world.rows[LINES] = [quote.row(parts[case.name]) for case in CASES for quote in case.quotes]
    for case in CASES:
        if case.is_untimed:
            for row in world.of("nbac_schedule", parts[case.name]):
                row["game_date_est"] = None
    Random(3).shuffle(world.rows[LINES])
    world.load("nbac_schedule", LINES)
    rows = world.query("SELECT * FROM nba_phase3.game_lines")
    yield {name: [row for row in rows if row["game_id"] == game.game_id] for name, game in parts.items()}


def hundredths(figure: float | None) -> int | None:
    return None if figure is None else round(100 * figure)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name.replace(" ", "_")) for case in CASES])
def test_the_lines_are(found, case):
    rows = found[case.name]
    if case.spread is None and case.total is None:
        assert rows == []
        return
    (closing, opening, book), (points, opened, other_book) = (case.spread or (None,) * 3), (case.total or (None,) * 3)
    assert len(rows) == 2
    for row in rows:
        is_home = row["game_id"].endswith(row["team_abbr"])
        sign = 1 if is_home else -1
        assert row["spread_x100"] == (None if closing is None else sign * hundredths(closing))
        assert row["opening_spread_x100"] == (None if opening is None else sign * hundredths(opening))
        assert (row["total_x100"], row["opening_total_x100"]) == (hundredths(points), hundredths(opened))
        assert (row["spread_source"], row["total_source"]) == (book, other_book)
        assert row["spread_sides_differ"] is case.differ
        assert row["updated_at"] < row["known_until"]
