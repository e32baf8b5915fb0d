"""One paragraph of the runbook.

What belongs here: its shape. What doesn't: what it says (the modules beside this one), finding it (book.py).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Paragraph:
    """What a person needs who has met one word of ours. DATE, GAME_ID and TABLE stand for the ones at hand."""

    means: str
    urgency: str
    """Begins with `Now`, `Today`, `This week` or `Not urgent`."""
    to_do: str
    undo: str
    """How to take back what `to_do` does, or why there is nothing to take back."""


NOTHING_DONE = "Nothing was done that could be undone."
LOADED = (
    "A load replaces the dates that its files contain: load the former files again. What was published meanwhile is in "
    "history: `phase3 history TABLE DATE`, `phase3 rollback`."
)
REPUBLISHED = (
    "`phase3 history TABLE DATE` names the publication before; `phase3 rollback TABLE DATE --to ID "
    "--reason ...` brings "
    "its rows back and holds them."
)
