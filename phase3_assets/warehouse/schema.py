"""Creating and migrating the tables, views and functions that this project owns: `phase3 init`.

What belongs here: comparing the live schema with the contracts, and adding what is missing. What doesn't: the contracts
(sql/), how an engine creates a table (warehouse/).
"""

import re
from collections.abc import Collection, Mapping, Sequence

from phase3_assets.catalog.contracts import Contract, raw_contracts
from phase3_assets.catalog.queries import prepared, sql_text, views_in_order, views_read
from phase3_assets.catalog.tables import all_contracts, published_tables
from phase3_assets.catalog.versions import AS_OF_ARGUMENTS, function_sql
from phase3_assets.errors import ConfigurationError, SchemaDriftError
from phase3_assets.settings.calendar import FIRST_DATE
from phase3_assets.settings.locations import DATASET_VARIABLES
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.interface import Session, Warehouse

VIEW_DATASET = "nba_phase3"
RAW_DATASET = "nba_raw"
_LAST_DATE = "9999-12-01"
"""The end of the calendar for views: a text may add some days to it, and no date is later than 9999-12-31."""
_MARK = "publication_id"
"""The column that identifies a published table as ours: nobody else has publications."""


def initialise(warehouse: Warehouse, adopt: Collection[str] = ()) -> list[str]:
    """Create what is missing: tables, columns, views, functions. Idempotent; returns what was done, a line each.

    A table that somebody else made in the place of a published table is left alone, and the error compares it with the
    contract. If `adopt` names it, it gets the columns it lacks, and its rows stay until a publication replaces them.

    Raises SchemaDriftError, with nothing changed, for such a table that `adopt` does not name, and where only a
    destructive step would help: a column of another type, a column of one of our tables that is not in the contract, a
    table that is not partitioned by day. Raises ConfigurationError if `adopt` names no published table.
    """
    unknown = sorted(set(adopt) - {table.name for table in published_tables()})
    if unknown:
        raise ConfigurationError(f"{', '.join(unknown)} is no published table; nothing was changed")
    with warehouse.session() as session:
        live = session.live_columns()
        _require_ours(live, adopt)
        done = _create(session, live, [*raw_contracts().values(), *all_contracts()])
        done += _create_views(session) + _create_functions(session)
    return done


def initialise_raw(warehouse: Warehouse) -> list[str]:
    """Create the raw tables and columns that are missing and touch nothing else; loading raw files needs no more.

    Idempotent; returns what was done, a line each. Raises SchemaDriftError as initialise() does, for raw tables.
    """
    with warehouse.session() as session:
        return _create(session, session.live_columns(RAW_DATASET), list(raw_contracts().values()))


def _create(session: Session, live: Mapping[str, Mapping[str, str]], contracts: Sequence[Contract]) -> list[str]:
    """Create the contracts' tables and columns that are missing; returns a line for each.

    Raises SchemaDriftError before anything is created.
    """
    problems = [
        f"{contract.full_name}.{column.name} is {found}, its contract says {column.type}"
        for contract in contracts
        for column in contract.columns
        if (found := live.get(contract.full_name, {}).get(column.name, column.type)) != column.type
    ]
    problems += [f"{name} {kept}, its contract says by day" for name, kept in session.partition_faults().items()]
    problems += [f"{name} is in no contract" for name in columns_of_others(live)]
    if problems:
        raise SchemaDriftError(
            "only a destructive step would help, and init takes none; nothing was changed:\n  " + "\n  ".join(problems)
        )
    done = []
    for contract in contracts:
        columns = live.get(contract.full_name)
        if columns is None:
            session.create_table(contract)
            done.append(f"created table {contract.full_name}")
            continue
        for column in contract.columns:
            if column.name not in columns:
                session.add_column(contract, column.name)
                done.append(f"added column {contract.full_name}.{column.name} {column.type}")
    return done


def _require_ours(live: Mapping[str, Mapping[str, str]], adopt: Collection[str]) -> None:
    """Raise SchemaDriftError, with a comparison of columns, if somebody else made a table that is not in `adopt`."""
    contracts = [table.contract for table in published_tables() if table.name not in adopt]
    others = [c for c in contracts if _MARK not in live.get(c.full_name, {_MARK: ""})]
    if others:
        variables = dict.fromkeys(DATASET_VARIABLES[contract.dataset] for contract in others)
        raise SchemaDriftError(
            "there are tables that this project did not make, in the place of its own; nothing was changed:\n  "
            + "\n  ".join(_compared(contract, live[contract.full_name]) for contract in others)
            + f"\nPublish beside them: {' and '.join(variables)} can name another dataset (on DuckDB, "
            "PHASE3_DUCKDB_PATH another file). Or take them over: `phase3 init "
            + " ".join(f"--adopt {contract.name}" for contract in others)
            + "` adds what is missing and changes no row. docs/bigquery.md, Cut-over, says what to look at first"
        )


def _compared(contract: Contract, live: Mapping[str, str]) -> str:
    """A comparison of a table's columns with its contract's, in one line."""
    same = [c.name for c in contract.columns if live.get(c.name) == c.type]
    other = [f"{c.name} {live[c.name]} (not {c.type})" for c in contract.columns if live.get(c.name, c.type) != c.type]
    missing = [name for name in contract.column_names if name not in live]
    unknown = [name for name in live if name not in contract.column_names]
    kinds = {"missing": missing, "of another type": other, "in no contract": unknown}
    told = [f"{len(names)} {kind}: {', '.join(names)}" for kind, names in kinds.items() if names]
    return f"{contract.full_name}: " + "; ".join([f"{len(same)} columns as its contract says", *told])


def columns_of_others(live: Mapping[str, Mapping[str, str]]) -> list[str]:
    """The columns of our tables in no contract, as `dataset.table.column`; `live` is Session.live_columns()."""
    return [
        f"{contract.full_name}.{name}"
        for contract in all_contracts()
        for name in live.get(contract.full_name, ())
        if name not in contract.column_names
    ]


def _create_views(session: Session) -> list[str]:
    """Create the views for people: over the whole calendar instead of a run's range, with the present thresholds."""
    whole = {
        **{f"@{name}": f"{value:g}" for name, value in Thresholds.from_environment().parameters().items()},
        "@start_date": f"DATE '{FIRST_DATE}'",
        "@end_date": f"DATE '{_LAST_DATE}'",
        "@season_start_date": f"DATE '{FIRST_DATE}'",
        "@season_end_date": f"DATE '{_LAST_DATE}'",
    }
    for view in views_in_order():
        sql = _reading_each_view_once(sql_text(f"views/{view}"))
        statement = prepared(sql)
        for parameter, value in whole.items():
            statement = re.sub(rf"{parameter}\b", value, statement)
        session.create_view(f"{VIEW_DATASET}.{view}", statement)
    return [f"views in {VIEW_DATASET}: {', '.join(views_in_order())}"]


def _create_functions(session: Session) -> list[str]:
    """Create, for people in a console, a function per published table: the rows that readers saw at a moment."""
    names = [f"{table.name}_as_of" for table in published_tables()]
    for name, table in zip(names, published_tables(), strict=True):
        session.create_function(f"{VIEW_DATASET}.{name}", AS_OF_ARGUMENTS, function_sql(table))
    return [f"functions in {VIEW_DATASET}: {', '.join(names)}"]


def _reading_each_view_once(text: str) -> str:
    """The text rewritten to mention every view it reads once, in a WITH.

    An engine computes each mention of a view separately; with views of views this multiplies.
    """
    views = [f"{name} AS (SELECT * FROM {VIEW_DATASET}.{name})" for name in views_read(text)]
    return f"WITH {', '.join(views)}\nSELECT * FROM (\n{text}\n) AS rows_of_it" if views else text


def check_schema(session: Session) -> None:
    """Compare every table that a run reads or writes with its contract, before any work.

    Raises SchemaDriftError, naming the table and column, for one that is missing or of another type than the contract
    says, and for a table that is not partitioned by day.
    """
    live = session.live_columns()
    needed = {name for table in published_tables() for name in table.raw_tables}
    read = [contract for name, contract in raw_contracts().items() if name in needed]
    for contract in [*read, *all_contracts()]:
        columns = live.get(contract.full_name)
        if columns is None:
            raise SchemaDriftError(f"table {contract.full_name} does not exist; `phase3 init` creates it")
        for column in contract.columns:
            if column.name not in columns:
                raise SchemaDriftError(
                    f"{contract.full_name} has no column {column.name} ({column.type}); nothing was done. "
                    + _mend(contract.dataset)
                )
            if columns[column.name] != column.type:
                raise SchemaDriftError(
                    f"{contract.full_name}.{column.name} should be {column.type}, found {columns[column.name]}; "
                    "nothing was done. " + _mend(contract.dataset)
                )
    faults = session.partition_faults()
    misshapen = [f"{c.full_name} {faults[c.full_name]}" for c in [*read, *all_contracts()] if c.full_name in faults]
    if misshapen:
        raise SchemaDriftError(
            f"{'; '.join(misshapen)}: it should be by day, since days are what is read, paid for and watched; nothing "
            "was done. docs/bigquery.md says how to move the rows (Cut-over)"
        )


def _mend(dataset: str) -> str:
    if dataset == "nba_raw":
        return "Load the raw table in the shape of its contract (sql/raw); `phase3 init` adds a missing column, empty."
    return "`phase3 init` adds missing columns."
