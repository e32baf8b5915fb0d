"""The lean floor: what three tables cost when nothing is done but to fill them (lean_floor.sql).

What belongs here: running those statements over some dates, and counting what differs from the published rows. What
doesn't: measuring (run.py, peers.py).
"""

from datetime import date
from pathlib import Path

import duckdb
from peer_projects import compared_tables

_STATEMENTS = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


def lean_floor(connection: duckdb.DuckDBPyConnection, start: date, end: date) -> None:
    """Fill the three tables for the dates, as temporary tables."""
    dated = _STATEMENTS.replace("@start_date", f"DATE '{start}'").replace("@end_date", f"DATE '{end}'")
    connection.execute(dated)


def differing_rows(connection: duckdb.DuckDBPyConnection, start: date, end: date) -> dict[str, int]:
    """By table, the rows that only the lean floor or only the published table has: 0, or the floor is none."""
    lean_floor(connection, start, end)
    counts = {}
    for table in compared_tables():
        columns = ", ".join(column.name for column in table.contract.computed_columns)
        lean = f"SELECT {columns} FROM temp.main.{table.name}"
        dates = f"game_date BETWEEN '{start}' AND '{end}'"
        ours = f"SELECT {columns} FROM {table.contract.full_name} WHERE {dates}"
        differing = f"({lean} EXCEPT ALL {ours}) UNION ALL ({ours} EXCEPT ALL {lean})"
        found = connection.execute(f"SELECT COUNT(*) FROM ({differing})").fetchone()
        counts[table.name] = found[0] if found else 0
    return counts
