"""docs/reasons.md: every reason and finding, with an example as a user meets it, what is wrong and what to do.

What belongs here: the games that are bent to show each word, and the page (`make reasons`). What doesn't: what a word
means and what to do about it (phase3_assets/runbook), where it comes from (sql/views/game_sources.sql, sql/*/checks,
publishing/publish.py), and whether it comes when it should (publishing/test_readiness.py, sql/test_rules.py,
publishing/test_publish.py).

The examples are not written by hand: games are bent, published, and asked. project/test_reasons.py holds the page
against the code, so that a new reason without an explanation fails.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from phase3_assets.catalog.tables import published_table, published_tables
from phase3_assets.demo.season import SimulatedGame, simulate_season
from phase3_assets.publishing import survey as readiness
from phase3_assets.publishing.audit import Finding
from phase3_assets.publishing.check import check_description, check_published
from phase3_assets.publishing.drift import verify
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.publishing.rollback import rollback
from phase3_assets.publishing.states import reader_state
from phase3_assets.runbook.book import CHECK, EVENT, REASON, link, paragraph
from phase3_assets.runbook.events import EVENTS
from phase3_assets.runbook.reasons import AFTERWARDS, WAITING
from phase3_assets.runbook.rules import RULES
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets.warehouse.schema import initialise
from phase3_assets_tests.sql.rule_bench import benched
from phase3_assets_tests.sql.rules import CAUGHT
from phase3_assets_tests.support.bends import HELD, final_row
from phase3_assets_tests.support.games import DAY, OFFENSE, PLAYERS, World

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "docs" / "reasons.md"
SCHEDULE, TEAM_BOX = "nbac_schedule", "nbac_team_boxscore"
GAMEBOOK, EVENING = "nbac_gamebook_player_stats", "nbac_player_boxscores"
Bend = Callable[[World, SimulatedGame], None]


def _held(case: str) -> Bend:
    bend: Bend = HELD[case][0]
    return bend


def _team_against_itself(world: World, game: SimulatedGame) -> None:
    world.drop(GAMEBOOK, game)
    world.of(TEAM_BOX, game)[0]["total_rebounds"] += 9


def _dated_a_day_later(world: World, game: SimulatedGame) -> None:
    world.drop(GAMEBOOK, game)
    for row in world.of(EVENING, game):
        row["game_date"] += timedelta(days=1)


def _another_game_of_the_team(world: World, game: SimulatedGame) -> None:
    """One that comes first, by the order in which a team that two games claim is given to one of them."""
    row = final_row(world, game)
    others = sorted({"ATL", "BOS"} - {game.away, game.home})
    world.rows[SCHEDULE].append(
        {**row, "game_id": "0022500000", "away_team_tricode": game.home, "home_team_tricode": others[0]}
    )


WAITING_BENDS: dict[str, Bend] = {
    "no_final_score": _held("no score"),
    "tip_off_on_another_date": _held("dated a day late, as by UTC"),
    "team_in_two_games": _another_game_of_the_team,
    "no_team_boxscore": _held("no team row"),
    "one_sided_team_boxscore": _held("one team row"),
    "placeholder_team_boxscore": _held("placeholders on both sides"),
    "unreadable_team_boxscore": _held("a negative figure"),
    "conflicting_home_flags": _held("two home teams"),
    "team_boxscore_contradicted": _team_against_itself,
    "no_player_rows": _dated_a_day_later,
    "roster_only_gamebook": _held("roster-only gamebook"),
    "one_sided_gamebook": _held("one side of the gamebook"),
    "placeholder_gamebook": _held("a gamebook of zeros"),
    "one_sided_player_boxscore": _held("one side of the evening rows"),
    "placeholder_player_boxscore": _held("evening rows of zeros"),
}
"""How a game is bent so that it waits for the reason (WAITING of phase3_assets/runbook)."""


def _moved(world: World, game: SimulatedGame) -> None:
    for table in (TEAM_BOX, GAMEBOOK, EVENING):
        world.drop(table, game)
    for row in world.of(SCHEDULE, game):
        row.update(home_team_score=None, away_team_score=None, game_status=1, game_status_text="7:30 pm ET")
        row["game_date"] += timedelta(days=1)
        row["game_date_est"] += timedelta(days=1)


def _called_off(world: World, game: SimulatedGame) -> None:
    for row in world.of(SCHEDULE, game):
        row.update(game_status=1, game_status_text="PPD", home_team_score=None, away_team_score=None)


def _taken_off_the_schedule(world: World, game: SimulatedGame) -> None:
    world.drop(SCHEDULE, game)


def _without_team_rows(world: World, game: SimulatedGame) -> None:
    world.drop(TEAM_BOX, game)


def _scores_exchanged(world: World, game: SimulatedGame) -> None:
    row = final_row(world, game)
    row["home_team_score"], row["away_team_score"] = row["away_team_score"], row["home_team_score"]


def _by_hand(world: World, game: SimulatedGame) -> None:
    """Somebody writes to the published table, and `phase3 verify` finds it."""
    change = f"UPDATE nba_analytics.{OFFENSE} SET assists = assists + 1 WHERE game_id = '{game.game_id}'"
    world.tamper(change)
    verify(world.warehouse, game.game_date, game.game_date, published_tables())


def _inverted_formula(world: World, game: SimulatedGame) -> None:
    """Somebody writes to the published table, and the checks find it."""
    change = f"UPDATE nba_analytics.{PLAYERS} SET usage_rate = 1228 WHERE game_id = '{game.game_id}' AND points > 9"
    world.tamper(change)
    check_published(world.warehouse, game.game_date, game.game_date, published_tables(), Thresholds())


def _rolled_back(world: World, game: SimulatedGame) -> None:
    first = world.query(
        "SELECT publication_id FROM nba_phase3.publications WHERE game_id = @game AND table_name = @table",
        game=game.game_id,
        table=OFFENSE,
    )[0]["publication_id"]
    world.of(TEAM_BOX, game)[0]["assists"] += 1
    world.load(TEAM_BOX)
    publish(world.warehouse, Request(game.game_date, game.game_date))
    table = published_table(OFFENSE)
    rollback(
        world.warehouse, table, game.game_date, first, [game.game_id], "a wrong correction", Thresholds(), "manual"
    )


AFTERWARDS_BENDS: dict[str, Bend] = {
    "PPD": _called_off,
    "moved_to": _moved,
    "its source is gone": _taken_off_the_schedule,
    "better_source_published": _without_team_rows,
    "quarantined": _scores_exchanged,
    "drift": _by_hand,
    "check failed": _inverted_formula,
    "held": _rolled_back,
}
"""How a published game is bent so that the reason is given (AFTERWARDS of phase3_assets/runbook)."""
_DONE_BY_SOMEBODY = ("drift", "check failed", "held")
"""Of these, what no load of raw rows brings about."""
_SIMILAR = re.compile(r"\d+(\.\d+)?|\b[A-Z]{3}\b")
_EXAMPLES_PER_RULE = 4
_STAMP = re.compile(r"\d{8}T\d{6}-[0-9a-f]{8}")
"""A publication's id, which is another one each time."""


def game_examples(folder: Path) -> dict[str, tuple[str, str | None]]:
    """State and reason of a game bent for every entry of WAITING and AFTERWARDS."""
    path = folder / "games.duckdb"
    initialise(DuckDBWarehouse(path))
    # One game a date: no bend touches another.
    games = list({game.game_date: game for game in simulate_season(11, DAY, 24)}.values())
    world = World(DuckDBWarehouse(path), games[: len(AFTERWARDS)])
    world.reload_and_publish()
    bent = dict(zip(AFTERWARDS, world.games, strict=True))
    for name in (name for name in AFTERWARDS if name not in _DONE_BY_SOMEBODY):
        AFTERWARDS_BENDS[name](world, bent[name])
    games_now = world.reload_and_publish().games
    shown = {name: reader_state(games_now[game.game_id]) for name, game in bent.items()}
    for name in _DONE_BY_SOMEBODY:
        AFTERWARDS_BENDS[name](world, bent[name])
    shown |= _states(world, {name: bent[name] for name in _DONE_BY_SOMEBODY})
    path.unlink()
    initialise(DuckDBWarehouse(path))
    world = World(DuckDBWarehouse(path), games[: len(WAITING)])
    bent = dict(zip(WAITING, world.games, strict=True))
    for name, game in bent.items():
        WAITING_BENDS[name](world, game)
    world.reload_and_publish()
    return shown | _states(world, bent)


def _states(world: World, bent: dict[str, SimulatedGame]) -> dict[str, tuple[str, str | None]]:
    """What a reader is told of the games now."""
    days = [game.game_date for game in world.games]
    with world.warehouse.session(read_only=True) as session:
        games = readiness.survey(session, min(days), max(days))
    return {name: reader_state(games[game.game_id]) for name, game in bent.items()}


def rule_examples(folder: Path) -> dict[tuple[str, str], list[Finding]]:
    """By table and rule, what the rule says of rows that were bent for sql/rules/: of each kind of text one."""
    path = folder / "rules.duckdb"
    initialise(DuckDBWarehouse(path))
    shown: dict[tuple[str, str], list[Finding]] = {}
    with benched(DuckDBWarehouse(path)) as bench:
        for (table, rule), examples in CAUGHT.items():
            kinds = {_SIMILAR.sub("", example.says[0].problem): example for example in reversed(examples)}
            found = shown.setdefault((table, rule), [])
            for example in list(reversed(kinds.values()))[:_EXAMPLES_PER_RULE]:
                with bench.changed(table, example.change):
                    found.append(next(finding for finding in bench.find(table) if finding.rule == rule))
    return shown


def text() -> str:
    """The page."""
    with TemporaryDirectory() as folder:
        games, rules = game_examples(Path(folder)), rule_examples(Path(folder))
    lines = [
        "# Every reason, and what to do",
        "",
        "Written by `make reasons`, which bends simulated games and asks what a user is told; do not edit.",
        "",
        "## Why a game waits",
        "",
        "`phase3 status DATE`, `nba_phase3.game_readiness`. The game is final and in no table; it is",
        "published by itself once what is missing is there. `phase3 waive GAME --reason ...`",
        "gives up on it: it is `waived` then.",
        "",
        *_games(WAITING, games),
        "",
        "## What happens to a game that was published",
        "",
        *_games(AFTERWARDS, games),
        "",
        "## What the rules say",
        "",
        "Of staged rows (an error holds the game back, a warning lets it pass) and of published ones (asset checks).",
        "A reason names the rule, the worst offender, and how many more there are, and not what only follows from it.",
    ]
    for rule in sorted({rule for table in published_tables() for rule in (*table.rules, *table.published_rules)}):
        lines += ["", f"### {rule}", "", f"**What to do.** {RULES[rule].to_do} ({_read_on(CHECK, rule)})", ""]
        for table in published_tables():
            if rule in (*table.rules, *table.published_rules):
                lines.append(f"* `{table.name}`: {check_description(table, rule, Thresholds())}")
                for finding in rules.get((table.name, rule), ()):
                    lines.append(f"  * {finding.severity} `{finding.subject}: {finding.problem}`")
    lines += [
        "",
        "### games_complete",
        "",
        f"**What to do.** {RULES['games_complete'].to_do} ({_read_on(CHECK, 'games_complete')})",
        "",
        "* Every table: every final game of the date is published; else a warning, and after some hours an error.",
        "",
        "## Quality events",
        "",
        "`phase3 events`, `nba_phase3.data_quality_events`, alerts: one per change of state, never one per run.",
        "",
        "| event | what it tells |",
        "|---|---|",
        *(f"| {_read_on(EVENT, name)} | {paragraph.means} |" for name, paragraph in sorted(EVENTS.items())),
    ]
    return "\n".join(lines) + "\n"


def _games(entries: Iterable[str], shown: dict[str, tuple[str, str | None]]) -> Iterator[str]:
    yield "| reason | for example | what is wrong | what to do |"
    yield "|---|---|---|---|"
    for name in entries:
        entry, (state, reason) = paragraph(REASON, name), shown[name]
        told = _STAMP.sub("20260204T061512-3f9c01ab", reason or "")
        yield f"| {_read_on(REASON, name)} | {state}: `{told}` | {entry.means} | {entry.to_do} |"


def _read_on(kind: str, name: str) -> str:
    """The name, as a link to its paragraph of the runbook."""
    return f"[`{name}`]({link(kind, name).removeprefix('docs/')})"


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
