"""The bytes that BigQuery would read for a range, per table, estimated by dry runs: nothing is read or billed.

What belongs here: which columns and partitions of each table a run looks at. What doesn't: making the dry run
(warehouse/), what a run would do (publishing/plan.py).

The estimate excludes two things, and tells people so: staging tables, which do not exist before a run and are small
compared with raw tables, and second and later looks at a published table.
"""

import re
from dataclasses import dataclass
from datetime import date

from phase3_assets.catalog.contracts import Contract, raw_contracts
from phase3_assets.catalog.parameters import date_parameters
from phase3_assets.catalog.queries import relations_read, sql_text, view_names
from phase3_assets.catalog.tables import all_contracts
from phase3_assets.errors import ConfigurationError
from phase3_assets.warehouse.interface import Session


@dataclass(frozen=True)
class Cost:
    """The bytes that one look at a table's range reads."""

    table: str
    first: date
    last: date
    bytes_read: int


def estimate(session: Session, start: date, end: date) -> list[Cost]:
    """The cost of each table that a run from `start` to `end` looks at, raw tables first.

    Raises ConfigurationError on a warehouse that does not count bytes.
    """
    seasons = date_parameters(start, end)
    costs = []
    for contract in [*raw_contracts().values(), *all_contracts()]:
        texts = [text for text in _view_texts() if contract.full_name in relations_read(text)]
        if contract.dataset == "nba_raw" and not texts:
            continue
        is_seasonal = any("@season_start_date" in text for text in texts)
        first = seasons["season_start_date"] if is_seasonal else start
        last = seasons["season_end_date"] if is_seasonal else end
        costs.append(
            Cost(contract.full_name, first, last, bytes_of(session, contract, _columns(contract, texts), first, last))
        )
    return costs


def bytes_of(session: Session, contract: Contract, columns: tuple[str, ...], first: date, last: date) -> int:
    """The bytes in these columns of a table's partitions from `first` to `last`. Raises as estimate() does."""
    found = session.estimate(
        f"SELECT {', '.join(columns)} FROM {contract.full_name} "
        f"WHERE {contract.partition} BETWEEN @start_date AND @end_date",
        {"start_date": first, "end_date": last},
    )
    if found is None:
        raise ConfigurationError("this warehouse reads local files and bills nothing; set PHASE3_WAREHOUSE=bigquery")
    return found


def readable(count: int) -> str:
    """A number of bytes as a person reads it: 1.5 GiB."""
    size = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} TiB"


def _view_texts() -> list[str]:
    return [sql_text(f"views/{view}") for view in view_names()]


def _columns(contract: Contract, texts: list[str]) -> tuple[str, ...]:
    """The columns that the texts name; every column if there are no texts, as for a table that no view reads."""
    words = {word for text in texts for word in re.findall(r"\w+", text)}
    return tuple(name for name in contract.column_names if not texts or name in words)
