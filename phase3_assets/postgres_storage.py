"""The former place of BatchingPostgresEventLogStorage, which an older dagster.yaml may name.

What belongs here: that name, and a warning. What doesn't: the class (instance/postgres_storage.py).
"""

import logging

from phase3_assets.instance.postgres_storage import BatchingPostgresEventLogStorage as BatchingPostgresEventLogStorage

logging.getLogger(__name__).warning(
    "dagster.yaml names the module %s, which still works; write phase3_assets.instance.postgres_storage instead",
    __name__,
)
