"""What is said of why a cell has its value, and why a row is not there.

What belongs here: explanations held against what is published, and against the shown formulas, which are computed once
more. What doesn't: the formulas themselves (sql/).
"""

import json
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from sqlglot import exp

from phase3_assets.catalog.parser import parse
from phase3_assets.catalog.queries import prepared
from phase3_assets.catalog.table_names import TABLE_NAMES
from phase3_assets.catalog.tables import published_table
from phase3_assets.cli import main
from phase3_assets.demo.play_by_play import play_by_play_rows
from phase3_assets.demo.season import simulate_season
from phase3_assets.errors import ConfigurationError
from phase3_assets.explaining.cells import every
from phase3_assets.explaining.explain import explain
from phase3_assets.explaining.formula import Step, formulas
from phase3_assets.explaining.numbers import Calculated, is_same
from phase3_assets.explaining.text import as_lines
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets.warehouse.schema import initialise
from phase3_assets_tests.support.games import DAY, OFFENSE, PLAYERS, World

DAYS = 3


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A few nights in every table; nobody changes anything in it."""
    warehouse = DuckDBWarehouse(tmp_path_factory.mktemp("explained") / "warehouse.duckdb")
    initialise(warehouse)
    world = World(warehouse, simulate_season(7, DAY - timedelta(days=DAYS - 1), DAYS), TABLE_NAMES)
    world.rows |= play_by_play_rows(world.games)
    world.reload_and_publish()
    return world


def on_last_day(world: World, table: str) -> list[dict[str, Any]]:
    contract = published_table(table).contract
    rows = world.query(f"SELECT * FROM {contract.full_name}")
    return [row for row in rows if row[contract.partition] == DAY]


def with_wide_numbers(sql: str) -> str:
    """BigQuery's whole numbers have 64 bits, as written; DuckDB gives those that stand in a text 32."""

    def wide(node: exp.Expr) -> exp.Expr:
        return exp.cast(node, "INT64") if isinstance(node, exp.Literal) and node.is_int else node

    return parse(sql).transform(wide).sql(dialect="bigquery")


@pytest.mark.slow
@pytest.mark.parametrize("table", TABLE_NAMES)
def test_every_shown_formula_and_every_counted_row_gives_the_value_when_it_is_computed_again(season, table):
    """Each column of a row that the table computes itself, each step below it, and each function that a step calls."""
    subject = published_table(table)
    row = max(on_last_day(season, table), key=lambda row: sum(value is not None for value in row.values()))
    computed = [column.name for column in subject.contract.computed_columns]
    handed_on = {name for name, step in formulas(table, computed).steps.items() if is_handed_on(step)}
    columns = [name for name in computed if name not in handed_on]
    cells = explain(season.warehouse, subject, DAY, row[subject.contract.subject], columns).cells
    assert [cell.column for cell in cells if not cell.is_current] == []
    steps = [step for cell in cells for step in every(cell.calculated)]

    shown = {one.formula: one.value for one in steps if one.formula}
    selected = ", ".join(f"{text} AS c{number}" for number, text in enumerate(shown))
    (again,) = season.query(with_wide_numbers(prepared(f"SELECT {selected}")))
    different = {text: (value, again[f"c{n}"]) for n, (text, value) in enumerate(shown.items())}
    assert {text: pair for text, pair in different.items() if not is_same(*pair)} == {}

    arithmetic = [(one.arithmetic, one.value) for one in steps if one.arithmetic]
    assert [text for text, value in arithmetic if not is_calculated(text, value)] == []

    counted = {step.name: step for step in steps if step.rows}
    assert {name for name, step in counted.items() if not is_same(counted_again(step), step.value)} == set()
    assert all("game_date" in step.told_by for step in counted.values())
    # What a team allowed is read from the other team's row of the game, and still told by whom the team met.
    allowed = [game for step in counted.values() if step.label == "points_allowed" for game in step.rows]
    assert {game["opponent_team_abbr"] for game in allowed}.isdisjoint({row[subject.contract.subject]})
    assert len(shown) > 5 and (len(counted) > 3 or not subject.looks_back)


def is_handed_on(step: Step) -> bool:
    """Whether a column is nothing but a value of another published row, which that row's table explains."""
    (below,) = step.inputs.values() if len(step.inputs) == 1 else (step,)
    return isinstance(step.definition, exp.Column) and below.row_key is not None


def is_calculated(text: str, value: Any) -> bool:
    """Whether a line of arithmetic, calculated by Python, gives the value to within its rounding."""
    formula, _, exact = text.replace("\u00d7", "*").replace("\u2212", "-").partition(" = ")
    told, _, rounded = exact.partition(", rounded ")
    calculated = eval(formula)
    return float(rounded) == float(value) and abs(calculated - float(told)) < 0.01 and abs(calculated - value) < 0.06


def counted_again(step: Calculated) -> Any:
    """The value of a sum, a count or a window, from the rows that are said to be counted."""
    call = parse(f"SELECT {step.definition}").expressions[0]
    aggregate = call.this if isinstance(call, exp.Window) else call
    added = [row[step.label] for row in step.rows] if step.label else []
    if isinstance(aggregate, (exp.Count, exp.CountIf, exp.RowNumber)):
        return len(step.rows)
    if not added:
        return None
    if isinstance(aggregate, exp.Lag):
        return added[0] if len(added) == 2 else None
    if isinstance(aggregate, exp.GroupConcat):
        return ", ".join(sorted(added))
    return {exp.Sum: sum, exp.Max: max, exp.Min: min, exp.LogicalOr: any}[type(aggregate)](added)


def test_an_average_lists_the_games_it_is_made_of_and_whom_they_were_against(season):
    """Held against the published games, which are read here in another way. The cache hands on its context's figure."""
    table = "player_daily_cache"
    player = max(on_last_day(season, table), key=lambda row: row["games_played_season"])["player_lookup"]
    (cell,) = explain(season.warehouse, published_table(table), DAY, player, ["points_avg_last_5"]).cells
    (total,) = [step for step in every(cell.calculated) if step.label == "points"]
    published = [
        {"game_date": row["game_date"], "opponent_team_abbr": row["opponent_team_abbr"], "points": row["points"]}
        for row in sorted(season.query(f"SELECT * FROM nba_analytics.{PLAYERS}"), key=lambda row: row["game_date"])
        if row["player_lookup"] == player and row["game_date"] < DAY and not row["is_dnp"]
    ]
    assert [{name: row[name] for name in published[0]} for row in total.rows] == published
    assert total.value == sum(game["points"] for game in published)


def test_a_cell_names_its_meaning_its_inputs_their_files_and_its_checks(season):
    row = max(on_last_day(season, PLAYERS), key=lambda row: row["usage_rate"] or 0)
    result = CliRunner().invoke(
        main, ["explain", PLAYERS, str(DAY), row["player_lookup"], "usage_rate"], env=where(season)
    )
    assert result.exit_code == 0, result.output
    (team,) = [one for one in on_last_day(season, OFFENSE) if one["team_abbr"] == row["team_abbr"]]
    for text in (
        f"usage_rate: {row['usage_rate']}",
        published_table(PLAYERS).contract.column("usage_rate").description,
        f"plays_x100({row['fg_attempts']}, {row['ft_attempts']}, {row['turnovers']})",
        f"team.fg_attempts = {team['fg_attempts']} from nba_analytics.{OFFENSE}",
        f"nbac_gamebook_player_stats, {row['player_lookup']}: field_goals_attempted {row['fg_attempts']}",
        "usage_rate: passed; ",
        row["publication_id"],
        "none is broken",
    ):
        assert text in result.output
    told = json.loads(
        CliRunner()
        .invoke(main, ["explain", PLAYERS, str(DAY), row["player_lookup"], "usage_rate", "--json"], env=where(season))
        .output
    )
    assert told["cells"][0]["calculated"]["inputs"] and told["game_id"] == row["game_id"]


def test_sentences_and_formulas_are_folded_once_to_the_width(season):
    row = max(on_last_day(season, PLAYERS), key=lambda row: row["usage_rate"] or 0)
    found = explain(season.warehouse, published_table(PLAYERS), DAY, row["player_lookup"], ["usage_rate"])
    whole = " ".join(" ".join(as_lines(found, False, 10_000)).split())
    for width in (80, 120):
        lines = list(as_lines(found, False, width))
        assert max(map(len, lines)) <= width and " ".join(" ".join(lines).split()) == whole
        (told,) = [number for number, line in enumerate(lines) if line.lstrip().startswith("usage_rate: Usage:")]
        first, then = lines[told], lines[told + 1]
        assert len(f"{first} {then.split()[0]}") > width and then.startswith(" " * 8)


@pytest.mark.long
def test_a_correction_shows_what_readers_saw_before(world):
    before = world.table(OFFENSE, world.game)[0]
    for row in world.of("nbac_team_boxscore"):
        if row["team_abbr"] == before["team_abbr"]:
            row["turnovers"] += 1
    for source in ("nbac_gamebook_player_stats", "nbac_player_boxscores"):
        next(
            row for row in world.of(source) if row["team_abbr"] == before["team_abbr"] and row["turnovers"] is not None
        )["turnovers"] += 1
    world.load()
    (stale,) = explain(world.warehouse, published_table(OFFENSE), DAY, before["team_abbr"], ["turnovers"]).cells
    assert not stale.is_current and stale.calculated.value == before["turnovers"] + 1
    world.publish()
    (cell,) = explain(world.warehouse, published_table(OFFENSE), DAY, before["team_abbr"], ["turnovers"]).cells
    assert cell.is_current
    assert [version.value for version in cell.versions] == [before["turnovers"], before["turnovers"] + 1]
    assert cell.versions[0].replaced_at and cell.versions[1].replaced_at is None


def test_a_row_that_is_not_there_is_explained_by_its_game(make_world):
    world = make_world(1)
    player = next(row for row in world.of("nbac_gamebook_player_stats") if row["team_abbr"] == world.game.home)
    world.contradict()
    world.reload_and_publish()
    for table, key in ((OFFENSE, world.game.home), (PLAYERS, player["player_lookup"])):
        found = explain(world.warehouse, published_table(table), DAY, key)
        assert found.game_id == world.game.game_id and "quarantined" in found.missing, found
        assert found.cells == []


def test_a_mistyped_key_or_column_is_answered_with_the_nearest(season):
    known = on_last_day(season, PLAYERS)[0]["player_lookup"]
    found = explain(season.warehouse, published_table(PLAYERS), DAY, known[:-1])
    assert "did you mean" in found.missing and known in found.missing
    with pytest.raises(ConfigurationError, match="did you mean usage_rate"):
        explain(season.warehouse, published_table(PLAYERS), DAY, known, ["usage_rat"])
    result = CliRunner().invoke(main, ["explain", PLAYERS, "2026-07-01", known], env=where(season))
    assert result.exit_code == 1 and "no game is scheduled" in result.output


def where(world: World) -> dict[str, str]:
    return {"PHASE3_DUCKDB_PATH": str(world.warehouse.path)}
