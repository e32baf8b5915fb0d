"""Which code this is: the package's version, the commit of its repository, and since when it is installed.

What belongs here: telling one state of the code from another. What doesn't: what the SQL of one table says, which has a
hash of its own (catalog/tables.py: code_version), and judging who runs which code (health/code.py).
"""

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from phase3_assets.errors import ConfigurationError

_PACKAGE = Path(__file__).parents[1]
_COMMIT = re.compile(r"[0-9A-Za-z._-]{1,64}")
_COMMIT_LENGTH = 12


@dataclass(frozen=True)
class Software:
    """One state of the code."""

    name: str
    """`0.1.0+fb2cbd4a91c2`: the package's version and the commit; `0.1.0+files-9c1f03aa27be`, with a hash of the
    files, where nothing tells the commit.
    """
    since: datetime
    """When its newest file, or the checkout's commit, came to be where it is."""


def installed() -> Software:
    """The code as it lies on the disk now; a process that started earlier may still run another (running()).

    The commit comes from PHASE3_COMMIT (a container image sets it), else from the checkout. Raises ConfigurationError
    where PHASE3_COMMIT cannot be a commit.
    """
    files = sorted(_files())
    stamps = [path.stat().st_mtime for path in files]
    commit = _said_by_environment()
    if commit is None:
        checkout = _checkout(_PACKAGE.parent / ".git")
        if checkout is None:
            commit = f"files-{_hash_of(files)}"
        else:
            commit, moment = checkout
            stamps.append(moment)
    try:
        package = version("phase3_assets")
    except PackageNotFoundError:
        package = "0"  # the folder alone, as a notebook may put it on its path
    return Software(f"{package}+{commit}", datetime.fromtimestamp(max(stamps), UTC))


@cache
def running() -> str:
    """The name of the code that this process has loaded: that of its first call, early in the process's life."""
    return installed().name


def _said_by_environment() -> str | None:
    commit = os.environ.get("PHASE3_COMMIT")
    if not commit:
        return None
    if not _COMMIT.fullmatch(commit):
        raise ConfigurationError(
            f"PHASE3_COMMIT is {commit!r}; it is the commit that the code was built from: letters, digits, . _ -, "
            f"64 at most"
        )
    return commit[:_COMMIT_LENGTH]


def _files() -> Iterator[Path]:
    """The package's Python and SQL; a wheel has the SQL inside the package, a checkout beside it."""
    inside = _PACKAGE / "sql"
    yield from _PACKAGE.rglob("*.py")
    yield from (inside if inside.is_dir() else _PACKAGE.parent / "sql").rglob("*.sql")


def _hash_of(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:_COMMIT_LENGTH]


def _checkout(git: Path) -> tuple[str, float] | None:
    """The commit that a checkout stands at, and when it came to; None where there is no checkout that can be read.

    Git itself is not asked: it may not be installed, and starting it takes longer than everything else here.
    """
    try:
        if git.is_file():  # a worktree: a file that names the folder
            git = (git.parent / git.read_text(encoding="utf-8").removeprefix("gitdir:").strip()).resolve()
        head = git / "HEAD"
        said, moment = head.read_text(encoding="utf-8").strip(), head.stat().st_mtime
        if not said.startswith("ref:"):
            return said[:_COMMIT_LENGTH], moment
        name = said.removeprefix("ref:").strip()
        shared = git / "commondir"
        common = (git / shared.read_text(encoding="utf-8").strip()).resolve() if shared.exists() else git
        loose, packed = common / name, common / "packed-refs"
        if loose.exists():
            return loose.read_text(encoding="utf-8").strip()[:_COMMIT_LENGTH], max(moment, loose.stat().st_mtime)
        for line in packed.read_text(encoding="utf-8").splitlines():
            if line.endswith(f" {name}"):
                return line[:_COMMIT_LENGTH], max(moment, packed.stat().st_mtime)
    except (OSError, UnicodeDecodeError):
        return None  # not a checkout, or one that another user owns: the files' hash tells as much
    return None
