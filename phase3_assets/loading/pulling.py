"""Copying a range of one warehouse into a local DuckDB file, so that a production night can be looked at on a laptop.

What belongs here: which rows are copied, and how many bytes that reads. What doesn't: reading and writing them
(warehouse/).
"""

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from phase3_assets.catalog.contracts import Contract, raw_contracts
from phase3_assets.catalog.parameters import date_parameters
from phase3_assets.catalog.tables import all_contracts
from phase3_assets.warehouse.costs import bytes_of
from phase3_assets.warehouse.interface import Row, Warehouse
from phase3_assets.warehouse.schema import initialise

_WHOLE_SEASON = ("nbac_schedule",)
"""Raw tables copied for whole seasons, since other dates matter: a game is void if its id is scheduled again later."""


@dataclass(frozen=True)
class Part:
    """One table's rows from `first` to `last`, and the bytes that reading them takes."""

    contract: Contract
    first: date
    last: date
    bytes_read: int


def parts(source: Warehouse, start: date, end: date, with_published: bool) -> list[Part]:
    """The parts that a pull would copy, with the bytes it would read, from dry runs: no rows are read.

    Raises the errors of costs.bytes_of().
    """
    season = date_parameters(start, end)
    found = []
    with source.session(read_only=True) as session:
        live = session.live_columns()
        for contract in [*raw_contracts().values(), *(all_contracts() if with_published else ())]:
            if contract.full_name not in live:
                continue
            is_whole = contract.name in _WHOLE_SEASON
            first = season["season_start_date"] if is_whole else start
            last = season["season_end_date"] if is_whole else end
            size = bytes_of(session, contract, contract.column_names, first, last)
            found.append(Part(contract, first, last, size))
    return found


def pull(source: Warehouse, target: Warehouse, wanted: list[Part], progress: Callable[[str], None]) -> None:
    """Copy the parts. In the target they replace the raw dates and the published games that they contain."""
    initialise(target)
    for part in wanted:
        contract = part.contract
        with source.session(read_only=True) as session:
            rows = session.query(
                f"SELECT {', '.join(contract.column_names)} FROM {contract.full_name} "
                f"WHERE {contract.partition} BETWEEN @start_date AND @end_date",
                {"start_date": part.first, "end_date": part.last},
            )
        if rows and contract.dataset == "nba_raw":
            _load(target, contract, rows)
        elif rows:
            _replace(target, part, rows)
        progress(f"{contract.full_name}: {len(rows)} rows")


def _load(target: Warehouse, contract: Contract, rows: list[Row]) -> None:
    with tempfile.TemporaryDirectory() as folder, target.session() as session:
        path = Path(folder) / f"{contract.name}.ndjson"
        with path.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(row, default=str) + "\n" for row in rows)
        session.load_file(contract, path, ())


def _replace(target: Warehouse, part: Part, rows: list[Row]) -> None:
    if "game_id" not in part.contract.column_names:
        _replace_dates(target, part, rows)
        return
    games = sorted({row["game_id"] for row in rows if row["game_id"]})
    with target.session() as session, session.unit():
        session.replace_games(part.contract, games, part.first, part.last, rows)


def _replace_dates(target: Warehouse, part: Part, rows: list[Row]) -> None:
    contract = part.contract
    key = ", ".join(contract.key)
    present = f"SELECT {key} FROM {contract.full_name} WHERE {contract.partition} BETWEEN @start_date AND @end_date"
    with target.session() as session, session.unit():
        session.remove_rows(contract, contract.key, present, {"start_date": part.first, "end_date": part.last})
        session.append(contract, rows)
