"""Who may read what this project writes: its owner alone.

What belongs here: the one switch. What doesn't: where files are (settings.py, home.py), making them.
"""

import os


def keep_private() -> None:
    """What this process and its children create from now on, others may neither read nor write.

    The warehouse and its write-ahead log, run history, logs, caches. What exists already keeps its permissions. Every
    entry point calls it: the command line, and the definitions that Dagster's processes load.
    """
    os.umask(os.umask(0o077) | 0o077)
