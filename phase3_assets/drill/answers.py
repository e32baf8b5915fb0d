"""What somebody has typed, taken apart, and whether it is the right command.

What belongs here: reading an answer and comparing it with what a step asks for. What doesn't: the steps (incidents.py).
"""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_WITH_VALUE = ("--to", "--reason", "--game", "--table", "--from", "--at", "--at-least", "--map", "--date-format")


@dataclass(frozen=True)
class Answer:
    """One command line."""

    program: str
    """phase3, ln ..."""
    words: tuple[str, ...]
    """The command and its arguments, without options."""
    options: Mapping[str, str]
    """Option to value; a flag's value is empty."""
    arguments: tuple[str, ...]
    """Everything after the program, as typed."""

    @property
    def command(self) -> str:
        """The first word: `run` of `phase3 run 2026-02-03`."""
        return self.words[0] if self.words else ""

    @classmethod
    def read(cls, text: str) -> "Answer":
        """Take a line apart. Raises ValueError with a sentence where that cannot be done."""
        try:
            parts = shlex.split(text)
        except ValueError as error:
            raise ValueError(f"this cannot be read as a command: {error}") from error
        if parts and parts[0] == "$":
            parts = parts[1:]
        if not parts:
            raise ValueError("nothing was typed")
        words, options, left = [], {}, parts[1:]
        while left:
            part = left.pop(0)
            if not part.startswith("-"):
                words.append(part)
                continue
            name, has_value, value = part.partition("=")
            if name in _WITH_VALUE and not has_value:
                value = left.pop(0) if left else ""
            options[name] = value
        return cls(parts[0], tuple(words), options, tuple(parts[1:]))


@dataclass(frozen=True)
class Wanted:
    """The command that a step asks for."""

    words: tuple[str, ...]
    """The command and its arguments; for `backfill`, the same date may stand once or twice."""
    program: str = "phase3"
    flags: tuple[str, ...] = ()
    """Options that must be there."""
    values: Mapping[str, str] = field(default_factory=dict)
    """Options that must have this value; an empty one means any value but none."""
    harmless: tuple[str, ...] = ("--json",)
    """Options that may be there."""
    instead: Mapping[str, str] = field(default_factory=dict)
    """Another command to why it is not the one."""
    also: tuple[tuple[str, ...], ...] = ()
    """Other words that do the same."""

    @property
    def line(self) -> str:
        """The command, as somebody would type it."""
        values = [f"{name} {shlex.quote(value or 'a drill')}" for name, value in self.values.items()]
        short = [flag[1:] for flag in self.flags if not flag.startswith("--")]
        before = [f"-{''.join(short)}"] if short else []
        after = [flag for flag in self.flags if flag.startswith("--")]
        return " ".join([self.program, *before, *map(shlex.quote, self.words), *values, *after])

    def wrong(self, answer: Answer) -> str | None:
        """Why the answer is not the command; None where it is."""
        if answer.program != self.program:
            return f"this drill's commands begin with {self.program} here"
        if answer.words not in (self.words, *self.also):
            return self._wrong_words(answer)
        for flag in self.flags:
            if not _has(answer, flag):
                return self.instead.get(f"without {flag}", f"{flag} is missing")
        for name, value in self.values.items():
            if not answer.options.get(name, "").strip():
                return f"{name} is missing"
            if value and answer.options[name] != value:
                return self.instead.get(f"other {name}", f"{name} {answer.options[name]} is not the one")
        known = (*self.flags, *self.values, *self.harmless)
        strange = [name for name in answer.options if name not in known and self.program == "phase3"]
        if strange:
            return f"{', '.join(strange)} would do less, or something else"
        return None

    def _wrong_words(self, answer: Answer) -> str:
        if self.program == "phase3" and answer.command != self.words[0]:
            if answer.command in self.instead:
                return self.instead[answer.command]
            return f"`{answer.program} {answer.command}`".rstrip() + " does not put this right"
        return f"the arguments are others: {_difference(self.words, answer.words)}"


def _has(answer: Answer, flag: str) -> bool:
    """Whether a flag is there; short ones may stand together, as in `ln -sfn`."""
    if flag in answer.options:
        return True
    letters = "".join(name[1:] for name in answer.options if not name.startswith("--"))
    return not flag.startswith("--") and set(flag[1:]) <= set(letters)


def _difference(wanted: Sequence[str], given: Sequence[str]) -> str:
    missing = [word for word in wanted if word not in given]
    strange = [word for word in given if word not in wanted]
    said = [f"{', '.join(missing)} is missing"] if missing else []
    said += [f"{', '.join(strange)} is not about this"] if strange else []
    return "; ".join(said) or "their order, or their number"
