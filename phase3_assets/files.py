"""Small files of ours that others read: whoever opens one sees all of it, or the one before.

What belongs here: writing such a file. What doesn't: what is in it (home.py, sql_cache.py).
"""

import tempfile
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Write the file, or replace it, in one step: a kill or a full disk in the middle leaves what was there.

    Raises OSError where it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        temporary = Path(file.name)
    try:
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
