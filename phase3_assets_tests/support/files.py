"""Raw rows as the files that people load: made as Parquet, CSV or JSON, and what of them is stored.

What belongs here: writing files, and reading back what a load made of them. What doesn't: games (games.py).
"""

import csv
import io
import json
from datetime import date, datetime
from pathlib import Path

import duckdb

from phase3_assets.catalog.contracts import raw_contracts
from phase3_assets.demo.season import Row
from phase3_assets.warehouse.duckdb.dialect import duckdb_type
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets_tests.support.games import DAY, night

SCHEDULE = "nbac_schedule"


def schedule_rows(games: int = 2, day: date = DAY) -> list[Row]:
    """Whole schedule rows, with text that needs care in every format."""
    rows = []
    for game in night(games, day):
        for row in game.schedule_rows():
            whole = {**dict.fromkeys(raw_contracts()[SCHEDULE].column_names), **row}
            whole |= {
                "arena_name": 'The "Old" Hall, Łódź',
                "arena_city": "two\nlines",
                "source_updated_at": row["game_date_est"],
            }
            rows.append(whole)
    return rows


def text(value: object) -> str:
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)


def as_ndjson(rows: list[Row]) -> str:
    return "".join(json.dumps(row, default=text) + "\n" for row in rows)


def as_csv(rows: list[Row]) -> str:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, list(rows[0]))
    writer.writeheader()
    for row in rows:
        writer.writerow({name: None if value is None else text(value) for name, value in row.items()})
    return file.getvalue()


def write_parquet(path: Path, rows: list[Row], table: str = SCHEDULE, **types: str) -> None:
    """The rows as Parquet, typed as the contract says except for `types` (DuckDB's)."""
    known = {c.name: duckdb_type(c.type) for c in raw_contracts()[table].columns} | types
    columns = {name: known.get(name, "VARCHAR") for name in rows[0]}
    plain = path.with_suffix(".rows")
    plain.write_text(as_ndjson(rows), encoding="utf-8")
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(
        "CREATE TABLE t AS SELECT * FROM read_json($path, columns = $columns, format = 'newline_delimited', "
        "hive_partitioning = false)",
        {"path": str(plain).replace("[", "[[]").replace("*", "[*]"), "columns": columns},
    )
    connection.table("t").write_parquet(str(path))
    connection.close()
    plain.unlink()


def write(folder: Path, rows: list[Row], suffix: str, table: str = SCHEDULE) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{table}{suffix}"
    if suffix == ".parquet":
        write_parquet(path, rows, table)
    else:
        path.write_text(as_csv(rows) if suffix == ".csv" else as_ndjson(rows), encoding="utf-8", newline="")
    return path


def stored(warehouse: DuckDBWarehouse, table: str = SCHEDULE) -> list[Row]:
    with warehouse.session(read_only=True) as session:
        return session.query(f"SELECT * FROM nba_raw.{table} ORDER BY game_date, game_id, processed_at")


def change(warehouse: DuckDBWarehouse, *statements: str) -> None:
    with warehouse.session() as session:
        for statement in statements:
            session._connection.execute(statement)
