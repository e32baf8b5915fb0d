"""How the cells of a published row are computed, from what is loaded now.

What belongs here: asking the warehouse for the values of formulas, and following those that are read from another
published row of the game. What doesn't: formulas (formula.py), what is recorded about cells (records.py).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from phase3_assets.catalog.tables import PublishedTable, published_table
from phase3_assets.explaining.formula import formulas
from phase3_assets.explaining.numbers import Calculated, calculated, is_same
from phase3_assets.explaining.records import Origin, RawRow, Version
from phase3_assets.warehouse.interface import Parameters, Row, Session


@dataclass
class CellExplained:
    """One column of the row."""

    column: str
    description: str
    value: Any
    calculated: Calculated | None
    """How it is computed from what is loaded now; None for a column that the publication adds."""
    origins: list[Origin] = field(default_factory=list)
    """The cell itself, and every cell of the game's published rows that it is computed of."""
    raw: list[RawRow] = field(default_factory=list)
    versions: list[Version] = field(default_factory=list)
    checks: list[Row] = field(default_factory=list)
    """What the checks that read the column have measured on the date."""

    @property
    def is_current(self) -> bool:
        """Whether the SELECT gives the published value from what is loaded now."""
        return self.calculated is None or is_same(self.value, self.calculated.value)


def cells_of(
    session: Session, table: PublishedTable, found: Row, columns: Sequence[str], parameters: Parameters
) -> list[CellExplained]:
    """Columns of a row, each with how it is computed now: down to the views, through other published rows of the game.

    Without `columns`, every column of the row, without the rows that are counted and without other published rows.
    """
    contract = table.contract
    key = found[contract.subject]
    wanted = columns or contract.column_names
    computed = {column.name for column in contract.computed_columns}
    taken_apart = formulas(table.name, [name for name in wanted if name in computed], with_rows=bool(columns))
    row_of = {**parameters, "game_id": found["game_id"], "subject": key}
    staged = session.stage(f"{table.name}__explained", taken_apart.sql, row_of)
    queries = {"values": taken_apart.values_sql(staged)}
    # An answer's name becomes the name of a table.
    names = {group.name: f"rows_{number}" for number, (group, _) in enumerate(taken_apart.lists)}
    queries |= {names[group]: sql for group, sql in taken_apart.rows_sql(staged).items()}
    answers = session.query_all({name: (sql, {}) for name, sql in queries.items()})
    listed = {group: answers[name] for group, name in names.items()}
    now = answers["values"]
    cells = []
    for name in wanted:
        step = taken_apart.steps.get(name)
        how = calculated(step, now[0], listed, key) if step is not None and now else None
        origin = Origin(table.name, key, name)
        cells.append(CellExplained(name, contract.column(name).description or "", found[name], how, [origin]))
    if columns:
        _follow(session, found["game_id"], cells, parameters)
    return cells


def _follow(session: Session, game_id: str, cells: Sequence[CellExplained], parameters: Parameters) -> None:
    """Explain the values that are read from other published rows of the game, and put that below them."""
    read: dict[tuple[str, str], list[tuple[CellExplained, Calculated]]] = {}
    for cell in cells:
        for one in every(cell.calculated):
            if one.row_of is not None:
                read.setdefault((one.relation.partition(".")[2], one.row_of), []).append((cell, one))
    for (name, key), inputs in read.items():
        table = published_table(name)
        row = {"game_id": game_id, table.contract.subject: key, **{one.column: one.value for _, one in inputs}}
        columns = list(dict.fromkeys(one.column for _, one in inputs))
        there = {cell.column: cell for cell in cells_of(session, table, row, columns, parameters)}
        for cell, one in inputs:
            below = there[one.column]
            one.inputs = [below.calculated] if below.calculated else []
            cell.origins += [origin for origin in below.origins if origin not in cell.origins]


def every(root: Calculated | None) -> Iterator[Calculated]:
    """A value and all that it is computed of."""
    if root is not None:
        yield root
        for one in root.inputs:
            yield from every(one)
