"""What somebody may have meant by a name that does not exist.

What belongs here: finding the likely names among the known ones, and saying them. What doesn't: which names there are.
"""

from collections.abc import Iterable

_LIKENESS = 0.6
"""How alike two texts must be, from 0 to 1, as difflib measures it."""
_AS_GOOD = 0.05
"""A name this much less like the text than the likeliest one is not suggested: the games of a date are all alike."""
_MOST = 3


def did_you_mean(text: str, known: Iterable[str]) -> str:
    """`; did you mean A or B?` with the known names that are most like the text; empty where none is like it.

    Capital and small letters count as the same.
    """
    from difflib import SequenceMatcher, get_close_matches

    wanted, names = text.casefold(), {name.casefold(): name for name in known}
    near = get_close_matches(wanted, names, _MOST, _LIKENESS)
    likeness = [SequenceMatcher(None, name, wanted).ratio() for name in near]
    near = [names[name] for name, alike in zip(near, likeness, strict=True) if alike >= likeness[0] - _AS_GOOD]
    return f"; did you mean {' or '.join(near)}?" if near else ""


def did_you_mean_or_all(text: str, known: Iterable[str]) -> str:
    """did_you_mean(); where no name is like the text, `; there are ` and all of them."""
    names = list(known)
    return did_you_mean(text, names) or f"; there are {', '.join(names)}"
