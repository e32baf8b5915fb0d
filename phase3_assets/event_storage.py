"""The former place of BatchingSqliteEventLogStorage, which an older dagster.yaml may name.

What belongs here: that name, and a warning. What doesn't: the class (instance/event_storage.py).
"""

import logging

from phase3_assets.instance.event_storage import BatchingSqliteEventLogStorage as BatchingSqliteEventLogStorage

logging.getLogger(__name__).warning(
    "dagster.yaml names the module %s, which still works; write phase3_assets.instance.event_storage instead", __name__
)
