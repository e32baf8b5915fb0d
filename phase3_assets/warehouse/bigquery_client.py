"""A client of BigQuery from the settings: whose credentials it uses, and how Dagster hands it out.

What belongs here: credentials. What doesn't: anything asked of the client.

No secret passes through this package: Google's client finds its own (application default credentials), and a person
names at most the service account to act as.
"""

from typing import Any

import google.auth
from google.auth import exceptions as auth_exceptions
from google.auth import impersonated_credentials
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from phase3_assets.errors import ConfigurationError
from phase3_assets.settings import BigQuerySettings

_SCOPE = "https://www.googleapis.com/auth/cloud-platform"


def connect(settings: BigQuerySettings) -> bigquery.Client:
    """A client for the settings' project and location. Raises ConfigurationError where there are no credentials."""
    options = {"api_endpoint": settings.emulator} if settings.emulator else None
    return bigquery.Client(
        project=settings.project,
        location=settings.location,
        credentials=AnonymousCredentials() if settings.emulator else _credentials(settings),  # type: ignore[no-untyped-call]
        client_options=options,
    )


def _credentials(settings: BigQuerySettings) -> Any:
    try:
        found, _ = google.auth.default(scopes=[_SCOPE])
    except auth_exceptions.DefaultCredentialsError as error:
        raise ConfigurationError(
            "there are no Google credentials here; nothing was done. `gcloud auth application-default login`, set "
            "GOOGLE_APPLICATION_CREDENTIALS to a key file, or run where a service account is attached"
        ) from error
    if settings.impersonate is None:
        return found
    return impersonated_credentials.Credentials(  # type: ignore[no-untyped-call]
        source_credentials=found, target_principal=settings.impersonate, target_scopes=[_SCOPE], lifetime=3600
    )
