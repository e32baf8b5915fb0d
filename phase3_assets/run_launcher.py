"""The former place of WatchfulRunLauncher, which an older dagster.yaml may name.

What belongs here: that name, and a warning. What doesn't: the class (instance/run_launcher.py).
"""

import logging

from phase3_assets.instance.run_launcher import WatchfulRunLauncher as WatchfulRunLauncher

logging.getLogger(__name__).warning(
    "dagster.yaml names the module %s, which still works; write phase3_assets.instance.run_launcher instead", __name__
)
