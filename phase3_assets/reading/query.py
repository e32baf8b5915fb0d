"""query(): the answer to a question in SQL that can only read.

What belongs here: the function. What doesn't: what makes it read-only (warehouse/), showing the answer (formats.py).
"""

from typing import Any

from phase3_assets.reading.arguments import chosen, require_engine
from phase3_assets.reading.read import as_pandas
from phase3_assets.warehouse.interface import Warehouse


def query(sql: str, engine: str = "pandas", native: bool = False, warehouse: Warehouse | None = None) -> Any:
    """The rows of one SELECT over the warehouse's tables, as a pandas.DataFrame or a pyarrow.Table ("arrow").

    The SELECT is in BigQuery's dialect on both warehouses, with the names that `phase3 describe` gives
    (nba_analytics.player_game_summary). With `native` it is in the warehouse's own dialect. It reads what is in the
    tables, as any other client would; read() leaves out what no publication vouches for.

    It can change nothing. Raises ConfigurationError, with nothing run, for anything but one SELECT, and for one that
    the warehouse refuses. On BigQuery PHASE3_BIGQUERY_MAX_BYTES_BILLED limits it.
    """
    require_engine(engine)
    with chosen(warehouse).session(read_only=True) as session:
        found = session.ask(sql, native)
    return found if engine == "arrow" else as_pandas(found)
