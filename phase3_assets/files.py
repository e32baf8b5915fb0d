"""Writing files: each is complete or absent, and only its owner may read it.

What belongs here: writing a file in one step, and the one switch for permissions. What doesn't: where files are
(settings/locations.py), what is in them.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


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
    with whole_file(path, overwrite=True) as file:
        file.write(text.encode())


@contextmanager
def whole_file(path: Path, overwrite: bool) -> Iterator[BinaryIO]:
    """An open file that takes the place of `path` when the block ends, and vanishes if the block raises.

    It is written beside `path`, as `.NAME.*.part`, and is on the disk before it gets its name. A kill in the midst
    leaves such a part, and `path` as it was. A link is followed: the file that it leads to is replaced.

    Raises FileExistsError where `path` exists and is not to be overwritten, even if it came to exist meanwhile; OSError
    where the file cannot be written.
    """
    import tempfile  # the command line imports this module, and most commands write no file

    target = Path(os.path.realpath(path))
    with tempfile.NamedTemporaryFile(
        dir=target.parent, prefix=f".{target.name[:100]}.", suffix=".part", delete=False
    ) as file:
        temporary = Path(file.name)
        try:
            yield file  # type: ignore[misc]
            file.flush()
            os.fsync(file.fileno())
            if overwrite:
                temporary.replace(target)
            else:
                _name_unless_taken(temporary, target)
        finally:
            temporary.unlink(missing_ok=True)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _name_unless_taken(temporary: Path, target: Path) -> None:
    """Give the file its name. Raises FileExistsError where another file has it."""
    try:
        os.link(temporary, target)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS):
            raise
        # A file system without hard links: another file of that name can come between the look and the step.
        if target.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target)) from error
        temporary.replace(target)
