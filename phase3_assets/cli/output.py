"""What commands print: lines, tables, JSON and complaints; colour only on a terminal, and never with NO_COLOR.

What belongs here: the form of what is printed. What doesn't: what is printed (the commands), how far work is
(progress.py).

In a pipe a row of a table is one line, whole, with two blanks between its cells, and nothing depends on the width: that
is what scripts read. On a terminal a table has headings and fits the width. Long texts are folded, and where even that
is too wide, each row becomes a block of lines. Nothing is cut off.
"""

import os
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TextIO

import click

if TYPE_CHECKING:
    from rich.console import Console

_GAP = 2
"""Blanks between two columns."""
_NARROWEST = 16
"""Characters below which no column is folded: the length of a game's id, and of a moment."""
_SHORTEST_LINE = 24
"""Characters that a folded text has at least for each of its lines."""
_STYLES = {
    "green": "published passed ok added ready good",
    "yellow": "waiting live WARN WARNING warning changed left compute withdraw look",
    "red": "quarantined ERROR error CRITICAL failed removed leak act",
    "dim": "void waived scheduled nothing INFO",
}
_STYLE_OF = {word: style for style, words in _STYLES.items() for word in words.split()}
"""The colour of a state, a verdict or an action, by its first word."""


@dataclass(frozen=True)
class Column:
    """A column of a table that is printed."""

    heading: str
    """What stands above it on a terminal."""
    width: int = 0
    """Its least width in a pipe, where each row is printed by itself."""
    is_right: bool = False
    """Whether its cells stand to the right, as numbers do."""
    is_state: bool = False
    """Whether its cells are states, verdicts or actions, which have colours."""
    is_stacked: bool = False
    """Whether a terminal breaks the heading after each underscore, since the cells are much narrower."""

    def aligned(self, cell: str, width: int) -> str:
        """The cell, padded to the width."""
        return cell.rjust(width) if self.is_right else cell.ljust(width)


Group = tuple[str | None, Sequence[Sequence[Any]]]
"""A line that stands above some rows, or None, and these rows."""


def is_terminal(stream: TextIO | None) -> bool:
    """Whether the stream is a terminal that can do more than print one line after the other.

    Python has no stream for an output that was closed before it started.
    """
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"


def terminal_width() -> int | None:
    """How many characters a line of the terminal has; None where standard output is none."""
    return _console().width if is_terminal(sys.stdout) else None


def has_colour(stream: TextIO | None) -> bool:
    """Whether to colour what goes to the stream: only on a terminal, and never if NO_COLOR is set (no-color.org)."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR")


def say(line: str, style: str | None = None, to_stderr: bool = False) -> None:
    """Print one line, as it is; on a terminal in this colour, and without signs that a terminal would obey."""
    stream = sys.stderr if to_stderr else sys.stdout
    if is_terminal(stream):
        line = _printable(line)
    if style and has_colour(stream):
        line = click.style(line, fg=style)
    click.echo(line, err=to_stderr, color=has_colour(stream))


def complain(text: str) -> None:
    """Print a sentence about something that is wrong to standard error."""
    name = click.style("phase3:", fg="red", bold=True) if has_colour(sys.stderr) else "phase3:"
    text = _printable(text) if is_terminal(sys.stderr) else text
    click.echo(f"{name} {text}", err=True, color=has_colour(sys.stderr))


def show_json(value: Any) -> None:
    """Print one JSON document; how values are written is json_values.in_json's."""
    import json

    from phase3_assets.json_values import in_json

    click.echo(json.dumps(in_json(value), indent=2, ensure_ascii=not _is_unicode(sys.stdout)))


def show_json_rows(lines: Sequence[str]) -> None:
    """Print one JSON document: an array of these objects, each of them a line."""
    import json

    if not _is_unicode(sys.stdout):
        lines = [json.dumps(json.loads(line)) for line in lines]
    click.echo("[\n" + ",\n".join(f"  {line}" for line in lines) + "\n]" if lines else "[]")


def show_lines(lines: Iterable[str]) -> None:
    """Print lines of text whose last column is long; a terminal folds it below its own beginning."""
    if not is_terminal(sys.stdout):
        for line in lines:
            click.echo(line)
        return
    import textwrap

    width = _console().width
    for line in map(_printable, lines):
        beginning = max((found.end() for found in re.finditer(r"^ +|  +", line)), default=0)
        longest = max(map(len, line[beginning:].split()), default=0)
        indent = " " * (beginning if beginning + max(longest, _SHORTEST_LINE) <= width else 4)
        wrapped = textwrap.wrap(line, width, subsequent_indent=indent, drop_whitespace=True, break_on_hyphens=False)
        click.echo("\n".join(wrapped) if len(line) > width else line)


def show_table(columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> None:
    """Print rows, in the order of the columns. A cell that is None is empty."""
    show_groups(columns, [(None, list(rows))])


def show_groups(columns: Sequence[Column], groups: Sequence[Group], indent: int = 0) -> None:
    """Print rows in groups, each below its title; the headings stand once, above the first."""
    if is_terminal(sys.stdout):
        _OnTerminal(columns, groups).show()
        return
    for title, rows in groups:
        if title is not None:
            click.echo(title)
        for row in rows:
            cells = [column.aligned(_text(cell), column.width) for column, cell in zip(columns, row, strict=True)]
            click.echo(" " * indent + (" " * _GAP).join(cells).rstrip())


def fits(columns: Sequence[Column], groups: Sequence[Group]) -> bool:
    """Whether standard output is a terminal that is wide enough for these rows as a table."""
    return is_terminal(sys.stdout) and _OnTerminal(columns, groups).widths() is not None


def show_row(columns: Sequence[Column], cells: Sequence[Any]) -> None:
    """Print one row by itself, of a table whose rows are found one after the other."""
    if is_terminal(sys.stdout):
        _OnTerminal(columns, [(None, [cells])], has_headings=False).show()
    else:
        show_table(columns, [cells])


class _OnTerminal:
    """A table on a terminal, by means of rich, which is imported only here."""

    def __init__(self, columns: Sequence[Column], groups: Sequence[Group], has_headings: bool = True) -> None:
        rows = [[_printable(_text(cell)) for cell in row] for _, of_group in groups for row in of_group]
        kept = [place for place in range(len(columns)) if not has_headings or any(row[place] for row in rows)]
        self._columns = [columns[place] for place in kept]
        self._groups = [
            (title, [[_printable(_text(row[place])) for place in kept] for row in of_group])
            for title, of_group in groups
        ]
        self._has_headings = has_headings and bool(rows)
        self._console = _console()

    def show(self) -> None:
        if not self._columns:
            return
        widths = self.widths()
        for number, (title, rows) in enumerate(self._groups):
            if number == 0 and self._has_headings and widths is not None:
                self._print(widths, [self._headings()], style="bold")
                self._console.print((" " * _GAP).join("─" * width for width in widths), style="dim")
            if title is not None:
                self._console.print(_printable(title), style=f"bold {_style_of(title)}")
            if widths is not None:
                self._print(widths, rows)
            else:
                for row in rows:
                    self._print_block(row)

    def widths(self) -> list[int] | None:
        """The columns' widths on this terminal; None where it is too narrow for a table.

        Texts are folded between words first, and names after an underscore only where that is not enough.
        """
        shown = [row for _, rows in self._groups for row in rows] + ([self._headings()] if self._has_headings else [])
        cells: list[Sequence[str]] = list(zip(*shown, strict=True)) or [()] * len(self._columns)
        least = [0 if self._has_headings else column.width for column in self._columns]
        widths = [max(start, _widest(r"[^\n]+", of_column)) for start, of_column in zip(least, cells, strict=True)]
        for unfolded in (r"[^\s]+", r"[^\s_]+_?"):
            narrowest = [
                width if column.is_right else min(width, max(_NARROWEST, _widest(unfolded, of_column)))
                for column, width, of_column in zip(self._columns, widths, cells, strict=True)
            ]
            if (found := self._narrowed(widths, narrowest)) is not None:
                return found
        return None

    def _narrowed(self, widths: Sequence[int], narrowest: Sequence[int]) -> list[int] | None:
        """The widths, the widest reduced until all fit; None where they do not fit at their narrowest."""
        found, room = list(widths), self._console.width - _GAP * (len(widths) - 1)
        while sum(found) > room:
            foldable = [place for place, width in enumerate(found) if width > narrowest[place]]
            if not foldable:
                return None
            found[max(foldable, key=lambda place: found[place])] -= 1
        return found

    def _headings(self) -> list[str]:
        return [column.heading.replace("_", "_\n") if column.is_stacked else column.heading for column in self._columns]

    def _print(self, widths: Sequence[int], rows: Iterable[Sequence[str]], style: str = "") -> None:
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, _GAP // 2), style=style)
        for column, width in zip(self._columns, widths, strict=True):
            justify: Literal["right", "left"] = "right" if column.is_right else "left"
            table.add_column(width=width, overflow="fold", justify=justify, vertical="bottom" if style else "top")
        for row in rows:
            cells = [_folded(cell, width) for cell, width in zip(row, widths, strict=True)]
            table.add_row(*(Text(cell, style or self._style(place, cell)) for place, cell in enumerate(cells)))
        self._console.print(table)

    def _print_block(self, row: Sequence[str]) -> None:
        """One row as a block of lines, a column each."""
        from rich.table import Table
        from rich.text import Text

        block = Table(box=None, show_header=False, pad_edge=False, padding=(0, _GAP // 2))
        block.add_column(no_wrap=True)
        block.add_column(overflow="fold")
        for place, (column, cell) in enumerate(zip(self._columns, row, strict=True)):
            if cell:
                block.add_row(Text(column.heading, "bold"), Text(cell, self._style(place, cell)))
        self._console.print(block)
        self._console.print()

    def _style(self, place: int, cell: str) -> str:
        return _style_of(cell) if self._columns[place].is_state else ""


def _console() -> "Console":
    from rich.console import Console

    return Console(
        file=sys.stdout,
        force_terminal=True,
        color_system="auto" if has_colour(sys.stdout) else None,
        highlight=False,
        markup=False,
        emoji=False,
    )


def _widest(pattern: str, cells: Iterable[str]) -> int:
    """The width of the widest piece of the cells that matches the pattern."""
    from rich.cells import cell_len

    return max((cell_len(piece) for cell in cells for piece in re.findall(pattern, cell)), default=0)


def _folded(cell: str, width: int) -> str:
    """The cell with a line end after an underscore wherever a name is longer than the width."""

    def fold(name: re.Match[str]) -> str:
        lines = [""]
        for piece in re.findall(r"[^_]*_|[^_]+", name[0]):
            if lines[-1] and len(lines[-1]) + len(piece) > width:
                lines.append("")
            lines[-1] += piece
        return "\n".join(lines)

    return re.sub(rf"[^\s]{{{width + 1},}}", fold, cell)


def _style_of(text: str) -> str:
    return _STYLE_OF.get(text.replace(":", " ").split(" ", 1)[0], "")


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell)


def _printable(text: str) -> str:
    """The text without signs that a terminal would obey: each becomes its escape, but for line ends."""
    return "".join(sign if sign.isprintable() or sign == "\n" else repr(sign)[1:-1] for sign in text)


def _is_unicode(stream: TextIO) -> bool:
    return (getattr(stream, "encoding", None) or "utf-8").lower().replace("-", "").startswith("utf")
