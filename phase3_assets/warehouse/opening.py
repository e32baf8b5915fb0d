"""Opening the warehouse that the settings name.

What belongs here: the choice, the only place that knows both engines. What doesn't: what an engine does.
"""

from phase3_assets.settings.locations import Settings
from phase3_assets.warehouse.interface import Warehouse


def open_warehouse(settings: Settings) -> Warehouse:
    """The warehouse the settings name. Google's packages are imported only where it is BigQuery."""
    if settings.bigquery is not None:
        from phase3_assets.warehouse.bigquery.warehouse import BigQueryWarehouse

        return BigQueryWarehouse(settings.bigquery, settings.wait_seconds)
    from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse

    return DuckDBWarehouse(settings.duckdb_path, settings.wait_seconds)
