"""Creating and migrating what this project owns: `phase3 init`.

What belongs here: comparing the live schema with the contracts and closing the difference, additively. What doesn't:
the contracts (sql/), how an engine creates a table (warehouse/).
"""

import re
from collections.abc import Mapping

from phase3_assets.contracts import raw_contracts
from phase3_assets.errors import SchemaDriftError
from phase3_assets.partitions import FIRST_DATE
from phase3_assets.queries import prepared, sql_text, views_in_order, views_read
from phase3_assets.tables import all_contracts
from phase3_assets.thresholds import Thresholds
from phase3_assets.warehouse import Session, Warehouse

VIEW_DATASET = "nba_phase3"


def initialise(warehouse: Warehouse) -> list[str]:
    """Create what is missing: tables, columns, views. Idempotent; returns what was done, a line each.

    Raises SchemaDriftError, with nothing changed, where only a destructive step would help: a column of another type,
    a published column that the contract does not know, a table that is not partitioned by day.
    """
    done = []
    with warehouse.session() as session:
        live = session.live_columns()
        ours, raw = all_contracts(), list(raw_contracts().values())
        problems = []
        for contract in [*raw, *ours]:
            columns = live.get(contract.full_name)
            if columns is None:
                continue
            for column in contract.columns:
                if column.name in columns and columns[column.name] != column.type:
                    problems.append(
                        f"{contract.full_name}.{column.name} is {columns[column.name]}, its contract says {column.type}"
                    )
        problems += [f"{name} {kept}, its contract says by day" for name, kept in session.partition_faults().items()]
        problems += [f"{name} is in no contract" for name in columns_of_others(live)]
        if problems:
            raise SchemaDriftError(
                "only a destructive step would help, and init takes none; nothing was changed:\n  "
                + "\n  ".join(problems)
            )
        for contract in [*raw, *ours]:
            columns = live.get(contract.full_name)
            if columns is None:
                session.create_table(contract)
                done.append(f"created table {contract.full_name}")
                continue
            for column in contract.columns:
                if column.name not in columns:
                    session.add_column(contract, column.name)
                    done.append(f"added column {contract.full_name}.{column.name} {column.type}")
        done += _create_views(session)
    return done


def columns_of_others(live: Mapping[str, Mapping[str, str]]) -> list[str]:
    """`dataset.table.column` of the columns that our tables have and no contract knows, given Session.live_columns."""
    return [
        f"{contract.full_name}.{name}"
        for contract in all_contracts()
        for name in live.get(contract.full_name, ())
        if name not in contract.column_names
    ]


def _create_views(session: Session) -> list[str]:
    """The views as a person queries them: over the whole calendar instead of a run's range, with today's thresholds."""
    whole = {
        **{f"@{name}": f"{value:g}" for name, value in Thresholds.from_environment().parameters().items()},
        "@start_date": f"DATE '{FIRST_DATE}'",
        "@end_date": "DATE '9999-12-31'",
        "@season_start_date": f"DATE '{FIRST_DATE}'",
        "@season_end_date": "DATE '9999-12-31'",
    }
    for view in views_in_order():
        sql = _reading_each_view_once(sql_text(f"views/{view}"))
        statement = prepared(sql)
        for parameter, value in whole.items():
            statement = re.sub(rf"{parameter}\b", value, statement)
        session.create_view(f"{VIEW_DATASET}.{view}", statement)
    return [f"views in {VIEW_DATASET}: {', '.join(views_in_order())}"]


def _reading_each_view_once(text: str) -> str:
    """The text with one mention of every view it reads: of views of views an engine works out each mention."""
    views = [f"{name} AS (SELECT * FROM {VIEW_DATASET}.{name})" for name in views_read(text)]
    return f"WITH {', '.join(views)}\nSELECT * FROM (\n{text}\n) AS rows_of_it" if views else text
