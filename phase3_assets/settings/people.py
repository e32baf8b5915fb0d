"""Whom the UI names for a table, and where it finds the source code.

What belongs here: reading PHASE3_OWNERS and PHASE3_CODE_URL. What doesn't: showing either (defs/labels.py).
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from phase3_assets.errors import ConfigurationError

_OWNER = re.compile(r"[^@\s,]+@[^@\s,]+\.[^@\s,]+|team:[A-Za-z0-9_]+")
_ADDRESS = re.compile(r"https?://[^\s]+")


@dataclass(frozen=True)
class People:
    """Who owns the tables, and where their code is for people to read."""

    owners: tuple[str, ...] = ()
    """E-mail addresses, or teams as `team:name`; empty where nobody is named."""
    code_url: str | None = None
    """The folder of the project in a repository's web pages; None for the files on this machine."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "People":
        """Read PHASE3_OWNERS (separated by commas) and PHASE3_CODE_URL.

        Raises ConfigurationError naming the variable, its value and what it may be.
        """
        variables = os.environ if environment is None else environment
        owners = tuple(owner.strip() for owner in variables.get("PHASE3_OWNERS", "").split(",") if owner.strip())
        for owner in owners:
            if not _OWNER.fullmatch(owner):
                raise ConfigurationError(
                    f"PHASE3_OWNERS names {owner!r}; an owner is an e-mail address, or team:name with letters, digits "
                    "and underscores; several are separated by commas"
                )
        address = variables.get("PHASE3_CODE_URL") or None
        if address and not _ADDRESS.fullmatch(address):
            raise ConfigurationError(
                f"PHASE3_CODE_URL is {address!r}; it is the address of the project's folder in a repository, such as "
                "https://git.example.org/team/project/blob/main"
            )
        return cls(owners, address.rstrip("/") if address else None)
