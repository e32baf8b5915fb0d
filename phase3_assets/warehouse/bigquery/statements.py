"""Every statement that this package writes for BigQuery, as text: pure functions of contracts, without a client.

What belongs here: DDL, the publishing MERGE, inserts, metadata queries. What doesn't: the texts under `sql/` and those
made of them (publishing/stage.py, publishing/audit.py, publishing/survey.py), running anything (jobs.py).

Texts name datasets as `sql/` does; names.py translates them to the project's names. Values are always parameters;
names come from contracts. Every statement that writes has no further effect when it is run a second time. So a job
whose answer was lost, or a script that failed half-way, may simply be run again.
"""

import json
import re
from collections.abc import Mapping, Sequence

from phase3_assets.catalog.contracts import Column, Contract
from phase3_assets.catalog.queries import STAGING_DATASET

_DATES = "BETWEEN @start_date AND @end_date"


def create_table(contract: Contract) -> str:
    """Create the contract's table if it is missing: types, NOT NULL, key, partition, cluster, descriptions, labels."""
    lines = [_column_definition(column) for column in contract.columns]
    if contract.key:
        lines.append(f"PRIMARY KEY ({', '.join(contract.key)}) NOT ENFORCED")
    labels = ", ".join(f'("{name}", "{value}")' for name, value in (("owner", "phase3"), *contract.labels))
    options = [f"description={_literal(contract.description)}", f"labels=[{labels}]"]
    if contract.require_partition_filter:
        options.append("require_partition_filter=TRUE")
    cluster = f"CLUSTER BY {', '.join(contract.cluster)}\n" if contract.cluster else ""
    columns = ",\n  ".join(lines)
    return (
        f"CREATE TABLE IF NOT EXISTS {contract.full_name} (\n  {columns}\n)\n"
        f"PARTITION BY {contract.partition}\n{cluster}OPTIONS({', '.join(options)})"
    )


def add_column(contract: Contract, column: str) -> str:
    """Add one column of the contract; it is NULL in existing rows."""
    added = contract.column(column)
    options = f" OPTIONS(description={_literal(added.description)})" if added.description else ""
    return f"ALTER TABLE {contract.full_name} ADD COLUMN IF NOT EXISTS {added.name} {added.type}{options}"


def drop_not_null(contract: Contract, column: str) -> str:
    """Allow NULL in a required column: a file may be loaded without the column if a person asks for it."""
    return f"ALTER TABLE {contract.full_name} ALTER COLUMN {contract.column(column).name} DROP NOT NULL"


def create_view(name: str, sql: str) -> str:
    """Create or replace a view."""
    return f"CREATE OR REPLACE VIEW {name} AS\n{sql}"


def create_function(name: str, arguments: Mapping[str, str], sql: str) -> str:
    """Create or replace a table function: a SELECT whose parameters are the arguments."""
    body = sql
    for argument in arguments:
        body = re.sub(rf"@{argument}\b", argument, body)
    typed = ", ".join(f"{argument} {kind}" for argument, kind in arguments.items())
    return f"CREATE OR REPLACE TABLE FUNCTION {name}({typed})\nAS\n{body}"


def stage(name: str, sql: str, hours: int) -> str:
    """Keep a SELECT's rows in a staging table that expires after `hours`."""
    expiration = f"TIMESTAMP_ADD(CURRENT_TIMESTAMP(), INTERVAL {hours} HOUR)"
    return (
        f"CREATE OR REPLACE TABLE {STAGING_DATASET}.{name}\n"
        f'OPTIONS(expiration_timestamp={expiration}, labels=[("owner", "phase3")])\nAS\n{sql}'
    )


def answers(name: str, queries: Sequence[str], hours: int) -> str:
    """Keep the rows of several SELECTs in one staging table, until they are read.

    The n-th SELECT's rows are in the column answer_column(n), each as one STRUCT. As one statement the SELECTs run side
    by side, and a table that several of them read is billed once.
    """
    parts = []
    for number, sql in enumerate(queries):
        columns = [f"{'answer' if n == number else 'NULL'} AS {answer_column(n)}" for n in range(len(queries))]
        parts.append(f"SELECT {number} AS number, {', '.join(columns)}\nFROM (\n{sql}\n) AS answer")
    return stage(name, "\nUNION ALL\n".join(parts), hours)


def answer_column(number: int) -> str:
    """The column of the number-th SELECT in a staging table of answers; counted from 0, as in its column `number`."""
    return f"answer_{number}"


def replace_games(target: Contract, source: str) -> str:
    """Swap the rows of @game_ids for those of the staging table `source`, in one atomic statement.

    ON FALSE matches nothing, so the games' present rows are deleted and their staged rows are inserted. The date range
    is constant, so only its partitions are read.
    """
    columns = ", ".join(target.column_names)
    staged = (
        f"SELECT {columns} FROM {source} AS source\n"
        f"  WHERE source.{target.partition} {_DATES} AND source.game_id IN UNNEST(@game_ids)"
    )
    return _swap(target, staged, "AND target.game_id IN UNNEST(@game_ids)")


def replace_games_by_rows(target: Contract) -> str:
    """Swap the rows of @game_ids for @rows (a JSON array of objects), in one atomic statement."""
    return _swap(target, _unpacked(target), "AND target.game_id IN UNNEST(@game_ids)")


def replace_dates(target: Contract, source: str) -> str:
    """Swap the rows of @dates for those of the staging table `source`, in one atomic statement."""
    staged = f"SELECT {', '.join(target.column_names)} FROM {source} AS source WHERE source.{target.partition} {_DATES}"
    return _swap(target, staged, f"AND target.{target.partition} IN UNNEST(@dates)")


def remove_games(target: Contract) -> str:
    """Remove the rows of @game_ids."""
    return (
        f"DELETE FROM {target.full_name} AS target\n"
        f"WHERE target.{target.partition} {_DATES} AND target.game_id IN UNNEST(@game_ids)"
    )


def remove_rows(target: Contract, key: Sequence[str], sql: str) -> str:
    """Remove the rows, from @start_date to @end_date, whose key equals that of a row of the SELECT."""
    same = " AND ".join(f"superseded.{name} = target.{name}" for name in key)
    return f"""DELETE FROM {target.full_name} AS target
WHERE target.{target.partition} {_DATES}
  AND EXISTS (SELECT 1 FROM (
{sql}
) AS superseded WHERE {same})"""


def keep_history(target: Contract) -> str:
    """Copy the present rows of @game_ids to the history table; a second copy for the same @replaced_by is skipped."""
    columns = ", ".join(target.column_names)
    history = target.history().full_name
    return f"""INSERT INTO {history} ({columns}, replaced_by, replaced_at)
SELECT {columns}, @replaced_by, @replaced_at
FROM {target.full_name} AS present
WHERE present.{target.partition} {_DATES}
  AND present.game_id IN UNNEST(@game_ids)
  AND COALESCE(present.publication_id, '') <> @replaced_by
  AND NOT EXISTS (
    SELECT 1 FROM {history} AS kept
    WHERE kept.{target.partition} {_DATES} AND kept.game_id IN UNNEST(@game_ids) AND kept.replaced_by = @replaced_by
  )"""


def append(target: Contract) -> str:
    """Add @rows (a JSON array of objects), all in one statement; a row whose key exists already is not added.

    Keys are looked up from @start_date to @end_date, the dates of the rows.
    """
    columns = ", ".join(target.column_names)
    same = " AND ".join(f"known.{name} = added.{name}" for name in target.key)
    return f"""INSERT INTO {target.full_name} ({columns})
SELECT {columns}
FROM (
{_unpacked(target)}
) AS added
WHERE NOT EXISTS (
  SELECT 1 FROM {target.full_name} AS known
  WHERE known.{target.partition} {_DATES} AND {same}
)"""


def merge(target: Contract, sql: str) -> str:
    """Write the SELECT's rows, each in place of the row with its key, or as a new one, in one atomic statement.

    Keys are looked up from @start_date to @end_date, so only these partitions are read.
    """
    same = "".join(f"\n  AND target.{name} = merged.{name}" for name in target.key)
    changed = ", ".join(f"{name} = merged.{name}" for name in target.column_names if name not in target.key)
    values = ", ".join(f"merged.{name}" for name in target.column_names)
    return f"""MERGE {target.full_name} AS target
USING (
{sql}
) AS merged
ON target.{target.partition} {_DATES}{same}
WHEN MATCHED THEN UPDATE SET {changed}
WHEN NOT MATCHED BY TARGET THEN INSERT ({", ".join(target.column_names)}) VALUES ({values})"""


def guard(sql: str) -> str:
    """Fail with @guard_message if the SELECT returns a row."""
    return (
        f"SELECT IF(EXISTS(SELECT 1 FROM (\n{sql}\n) AS unwanted), ERROR(@guard_message), 'as it should be') AS guard"
    )


def partition_versions(dataset: str) -> str:
    """A version (time of change and row count) of each partition of @table_names, from metadata.

    The range is @first_partition to @last_partition.
    """
    return f"""SELECT
  table_name,
  partition_id,
  CONCAT(CAST(UNIX_MICROS(last_modified_time) AS STRING), '-', CAST(total_rows AS STRING)) AS version
FROM {dataset}.INFORMATION_SCHEMA.PARTITIONS
WHERE table_name IN UNNEST(@table_names) AND partition_id BETWEEN @first_partition AND @last_partition"""


def _swap(target: Contract, source: str, which: str) -> str:
    columns = ", ".join(target.column_names)
    values = ", ".join(f"staged.{name}" for name in target.column_names)
    return f"""MERGE {target.full_name} AS target
USING (
{source}
) AS staged
ON FALSE
WHEN NOT MATCHED BY SOURCE AND target.{target.partition} {_DATES} {which} THEN DELETE
WHEN NOT MATCHED BY TARGET THEN INSERT ({columns}) VALUES ({values})"""


def _unpacked(target: Contract) -> str:
    """@rows as a relation with the table's columns and types."""
    columns = ",\n    ".join(f"{_value(column)} AS {column.name}" for column in target.columns)
    return f"  SELECT\n    {columns}\n  FROM UNNEST(JSON_QUERY_ARRAY(@rows)) AS item"


def _value(column: Column) -> str:
    if column.type == "ARRAY<STRING>":
        return f"JSON_VALUE_ARRAY(item, '$.{column.name}')"
    value = f"JSON_VALUE(item, '$.{column.name}')"
    return value if column.type == "STRING" else f"CAST({value} AS {column.type.partition('(')[0]})"


def _column_definition(column: Column) -> str:
    required = " NOT NULL" if column.required else ""
    options = f" OPTIONS(description={_literal(column.description)})" if column.description else ""
    return f"{column.name} {column.type}{required}{options}"


def _literal(text: str) -> str:
    """A text of our own contracts as an SQL literal, because DDL takes no parameters."""
    return json.dumps(text, ensure_ascii=False)
