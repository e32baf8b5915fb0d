"""BigQuery for Dagster: dagster-gcp's resource, with the credentials of our settings.

What belongs here: handing the one client to Dagster. What doesn't: what is done with it
(warehouse/bigquery/warehouse.py). Imported only where BigQuery is the warehouse: dagster_gcp takes a second or two.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from dagster_gcp import BigQueryResource
from google.cloud import bigquery

from phase3_assets.errors import ConfigurationError
from phase3_assets.settings.locations import BigQuerySettings, Settings
from phase3_assets.warehouse.bigquery.client import connect


class Phase3BigQueryResource(BigQueryResource):
    """A client as the environment's settings make it: impersonation and the emulator included."""

    @contextmanager
    def get_client(self) -> Iterator[bigquery.Client]:
        """The client. Raises ConfigurationError where there are no credentials."""
        yield connect(_settings())


def bigquery_resource() -> Phase3BigQueryResource:
    """The resource for the environment's project and location."""
    settings = _settings()
    return Phase3BigQueryResource(project=settings.project, location=settings.location)


def _settings() -> BigQuerySettings:
    settings = Settings.from_environment().bigquery
    if settings is None:
        raise ConfigurationError("PHASE3_WAREHOUSE is not bigquery; there is no BigQuery resource")
    return settings
