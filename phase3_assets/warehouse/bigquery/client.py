"""A BigQuery client made from the settings: its credentials, and how long it waits for one answer.

What belongs here: credentials, and the time limit of every request. What doesn't: the requests themselves, and their
retries (jobs.py).

No secret passes through this package: Google's client finds its own (application default credentials), and a person
names at most the service account to act as.
"""

import os
from typing import Any

import google.auth
from google.api_core.exceptions import RetryError
from google.api_core.retry import Retry
from google.auth import exceptions as auth_exceptions
from google.auth import impersonated_credentials
from google.auth.credentials import AnonymousCredentials
from google.auth.transport.requests import AuthorizedSession
from google.cloud import bigquery

from phase3_assets.errors import ConfigurationError, WarehouseBusyError
from phase3_assets.settings.locations import BigQuerySettings

REQUEST_SECONDS = 60
"""How many seconds a request may wait for its connection, and for the next bytes of its answer."""
METADATA_SECONDS = 60
"""How many seconds we keep asking a metadata server that should exist: one just started may not answer yet."""
_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_METADATA_SERVER_SIGNS = ("K_SERVICE", "CLOUD_RUN_JOB", "GCE_METADATA_HOST", "GCE_METADATA_IP")
"""Environment variables that are set only where Google's metadata server gives credentials."""


def connect(settings: BigQuerySettings) -> bigquery.Client:
    """A client for the settings' project and location.

    Raises ConfigurationError if there are no credentials, WarehouseBusyError if the metadata server that should give
    them does not answer.
    """
    return client(settings, AnonymousCredentials() if settings.emulator else _credentials(settings))  # type: ignore[no-untyped-call]


def client(settings: BigQuerySettings, credentials: Any) -> bigquery.Client:
    """A client with these credentials and a time limit on every request."""
    session = _LimitedSession(credentials)  # type: ignore[no-untyped-call]
    session.configure_mtls_channel()  # type: ignore[no-untyped-call]
    return bigquery.Client(
        project=settings.project,
        location=settings.location,
        credentials=credentials,
        client_options={"api_endpoint": settings.emulator} if settings.emulator else None,
        _http=session,
    )


class _LimitedSession(AuthorizedSession):
    """Google's session with our time limit on every request.

    This includes later pages of rows, polls and token refreshes: the client's own timeout arguments do not reach them,
    or set no limit.
    """

    def request(self, *arguments: Any, **options: Any) -> Any:
        """See AuthorizedSession."""
        return super().request(*arguments, **{**options, "timeout": REQUEST_SECONDS})  # type: ignore[no-untyped-call]


def _credentials(settings: BigQuerySettings) -> Any:
    try:
        found, _ = _wait_for_metadata_server(google.auth.default)(scopes=[_SCOPE])
    except auth_exceptions.DefaultCredentialsError as error:
        raise ConfigurationError(
            "there are no Google credentials here; nothing was done. `gcloud auth application-default login`, set "
            "GOOGLE_APPLICATION_CREDENTIALS to a key file, or run where a service account is attached"
        ) from error
    except (RetryError, auth_exceptions.TransportError) as error:
        raise WarehouseBusyError(
            f"Google's metadata server gave no credentials in {METADATA_SECONDS} s; nothing was done; try again later"
        ) from error
    if settings.impersonate is None:
        return found
    return impersonated_credentials.Credentials(  # type: ignore[no-untyped-call]
        source_credentials=found, target_principal=settings.impersonate, target_scopes=[_SCOPE], lifetime=3600
    )


def _wait_for_metadata_server(request: Any) -> Any:
    return Retry(_is_silent_metadata_server, initial=1, maximum=10, timeout=METADATA_SECONDS)(request)


def _is_silent_metadata_server(error: Exception) -> bool:
    """Whether credentials are missing only because the server that gives them has not answered."""
    if isinstance(error, auth_exceptions.DefaultCredentialsError):
        return any(os.environ.get(name) for name in _METADATA_SERVER_SIGNS) and not os.environ.get(
            "GOOGLE_APPLICATION_CREDENTIALS"
        )
    return isinstance(error, auth_exceptions.TransportError)
