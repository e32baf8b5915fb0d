"""What `phase3 doctor` found out about one thing.

What belongs here: the finding. What doesn't: looking (examine.py and the modules beside it).
"""

from dataclasses import dataclass

OK, WARNING, ERROR = "ok", "warning", "error"


@dataclass(frozen=True)
class Diagnosis:
    """The finding about one subject, with a remedy where one is known."""

    level: str
    """ok, warning or error."""
    subject: str
    found: str
    remedy: str = ""
