"""Writing files: each is complete or absent, and only its owner may read it.

What belongs here: writing a small file in one step, and the one switch for permissions. What doesn't: where files are
(settings/locations.py), what is in them.
"""

import os
import tempfile
from pathlib import Path


def keep_private() -> None:
    """Hide every file that this process and its children create from now on: other users may neither read nor write it.

    This covers the warehouse and its write-ahead log, run history, logs and caches. Files that exist already keep their
    permissions. Every entry point calls it: the command line, and the definitions that Dagster's processes load.
    """
    os.umask(os.umask(0o077) | 0o077)


def write_whole(path: Path, text: str) -> None:
    """Write the file, or replace it, in one step: a kill or a full disk in the middle leaves the old file as it was.

    Raises OSError where the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        temporary = Path(file.name)
    try:
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
