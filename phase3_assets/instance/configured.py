"""The storage of events that a dagster.yaml configures, read as Dagster reads it.

What belongs here: Dagster's own reading, for modules that may not import `dagster._` (doctor/). What doesn't: judging
it (doctor/history.py), writing a dagster.yaml (home.py).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dagster._config import process_config
from dagster._core.instance.ref import InstanceRef
from dagster._core.storage.config import pg_config


def event_storage(home: Path) -> tuple[str, Mapping[str, Any]]:
    """The name of the class that keeps events, and its configuration as written; "nothing" where none is named.

    Raises dg.DagsterInvalidConfigError where Dagster does not take the file.
    """
    stored = InstanceRef.from_dir(str(home)).event_storage_data
    return (stored.class_name, stored.config_dict) if stored else ("nothing", {})


def postgresql_settings(configuration: Mapping[str, Any]) -> tuple[Mapping[str, Any] | None, list[str]]:
    """The configuration with its environment variables filled in, or None and what is wrong with it."""
    resolved = process_config(pg_config(), dict(configuration))
    return resolved.value, [error.message for error in resolved.errors or ()]
