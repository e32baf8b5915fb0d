"""One thing that `phase3 doctor` looked at.

What belongs here: the finding. What doesn't: looking (examine.py and the modules beside it).
"""

from dataclasses import dataclass

OK, WARNING, ERROR = "ok", "warning", "error"


@dataclass(frozen=True)
class Diagnosis:
    """One thing that was looked at."""

    level: str
    """ok, warning or error."""
    subject: str
    found: str
    remedy: str = ""
