"""Opening the warehouse that the settings name.

What belongs here: choosing the engine; no other module knows both. What doesn't: what an engine does.
"""

from phase3_assets.settings.locations import Settings
from phase3_assets.warehouse.interface import Warehouse


def open_warehouse(settings: Settings) -> Warehouse:
    """The warehouse that the settings name. Google's packages are imported only if it is BigQuery."""
    if settings.bigquery is not None:
        from phase3_assets.warehouse.bigquery.warehouse import BigQueryWarehouse

        return BigQueryWarehouse(settings.bigquery, settings.wait_seconds)
    from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse

    return DuckDBWarehouse(settings.duckdb_path, settings.wait_seconds)
