"""What is said of why a cell has its value, and why a row is not there.

What belongs here: explanations held against what is published, and against the shown formulas, which are computed once
more. What doesn't: the formulas themselves (sql/).
"""

import json
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from click.testing import CliRunner
from sqlglot import exp

from phase3_assets.catalog.parser import parse
from phase3_assets.catalog.queries import prepared
from phase3_assets.catalog.table_names import TABLE_NAMES
from phase3_assets.catalog.tables import published_table, published_tables
from phase3_assets.cli import main
from phase3_assets.demo.play_by_play import play_by_play_rows
from phase3_assets.demo.season import simulate_season
from phase3_assets.errors import ConfigurationError
from phase3_assets.explaining.explain import explain, subject_column
from phase3_assets.explaining.formula import formulas
from phase3_assets.explaining.numbers import Calculated, literal
from phase3_assets.publishing.survey import survey_with
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


def below(one: Calculated) -> list[Calculated]:
    return [one, *(step for inner in one.inputs for step in below(inner))]


def with_wide_numbers(sql: str) -> str:
    """BigQuery's whole numbers have 64 bits, as written; DuckDB gives those that stand in a text 32."""

    def wide(node: exp.Expr) -> exp.Expr:
        return exp.cast(node, "INT64") if isinstance(node, exp.Literal) and node.is_int else node

    return parse(sql).transform(wide).sql(dialect="bigquery")


def is_same(one: Any, other: Any) -> bool:
    if isinstance(one, (int, float, Decimal)) and isinstance(other, (int, float, Decimal)):
        return float(one) == pytest.approx(float(other), rel=1e-9)
    return (
        list(one) == list(other)
        if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple))
        else one == other
    )


@pytest.mark.parametrize("table", TABLE_NAMES)
def test_every_shown_formula_gives_the_published_value_when_it_is_computed(season, table):
    """Each column of a row, each step below it, and each function that a step calls."""
    row = max(on_last_day(season, table), key=lambda row: sum(value is not None for value in row.values()))
    found = explain(season.warehouse, published_table(table), DAY, row[subject_column(published_table(table))])
    computed = [cell for cell in found.cells if cell.calculated]
    assert {cell.column for cell in computed} == {c.name for c in published_table(table).contract.computed_columns}
    assert all(is_same(cell.value, cell.calculated.value) and cell.is_current for cell in computed)
    shown = {one.formula: one.value for cell in computed for one in below(cell.calculated) if one.formula}
    columns = ", ".join(f"{text} AS c{number}" for number, text in enumerate(shown))
    (again,) = season.query(with_wide_numbers(prepared(f"SELECT {columns}")))
    different = {text: (value, again[f"c{n}"]) for n, (text, value) in enumerate(shown.items())}
    assert {text: pair for text, pair in different.items() if not is_same(*pair)} == {}
    assert len(shown) > 10


@pytest.mark.parametrize("table", [table.name for table in published_tables() if "GROUP BY" in table.select])
def test_counted_rows_give_the_value_when_they_are_counted_again(season, table):
    subject = published_table(table)
    taken_apart = formulas(table, [column.name for column in subject.contract.computed_columns])
    steps = {step.column: step for root in taken_apart.steps.values() for step in root.every() if step.group}
    with season.warehouse.session(read_only=True) as session:
        surveyed = survey_with(session, DAY, DAY, {}, tables=[subject])
        rows = session.query(taken_apart.sql, surveyed.parameters)
        values = max(rows, key=lambda row: sum(value is not None for value in row.values()))
        counted = 0
        for step in steps.values():
            arguments = {one.sql(dialect="bigquery"): f"counted.a{n}" for n, one in enumerate(step.group.counted)}
            text = step.definition.sql(dialect="bigquery")
            for argument in sorted(arguments, key=len, reverse=True):
                text = text.replace(f"({argument}", f"({arguments[argument]}")
            text = re.sub(r"ORDER BY [\w.]+", "ORDER BY counted.a0", text)
            if any(values[key] is None for key in step.group.keys):
                continue
            counted += 1
            keys = [f"counted.k{n} = {literal(values[key]).sql()}" for n, key in enumerate(step.group.keys)]
            sql = f"SELECT {text} AS value FROM (\n{step.group.rows_sql}\n) AS counted WHERE {' AND '.join(keys)}"
            (again,) = session.query(prepared(sql), surveyed.parameters)
            assert is_same(again["value"], values[step.column]), (step.name, text)
    assert counted > 3


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
        "nbac_gamebook_player_stats: field_goals_attempted",
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
