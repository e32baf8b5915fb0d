"""Answering a query that a person wrote, in an engine that can do nothing but read the warehouse.

What belongs here: what such an engine is forbidden, and running the query in it. What doesn't: translating the query
(dialect.py), showing the answer (reading/).

Three walls stand one behind the other: the file is attached read-only, the engine may touch no other file and load no
extension, and only a single SELECT is run at all. The second one cannot be taken down again, so the engine is closed
afterwards.
"""

import duckdb
import pyarrow

from phase3_assets.errors import ConfigurationError

_WALLS = (
    "SET python_enable_replacements = false",  # a name in the query never means a variable of this process
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)


def answer(connection: duckdb.DuckDBPyConnection, sql: str) -> pyarrow.Table:
    """The rows of one SELECT in DuckDB's dialect.

    Raises ConfigurationError for any other statement, with nothing run, and for a SELECT that DuckDB refuses.
    """
    for wall in _WALLS:
        connection.execute(wall)
    try:
        statements = connection.extract_statements(sql)
        if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
            raise ConfigurationError("the query must be exactly one SELECT; nothing was run")
        return connection.execute(statements[0]).to_arrow_table()
    except (duckdb.FatalException, duckdb.InternalException, duckdb.IOException):
        raise  # not the person's fault
    except duckdb.Error as error:
        raise ConfigurationError(f"DuckDB refused the query: {_reason(error)}") from error


def _reason(error: duckdb.Error) -> str:
    """The error's message without the excerpt of the text, which people did not write in this form."""
    return " ".join(str(error).partition("\nLINE ")[0].split())
