"""Commands on a real terminal, as a person sees them.

What belongs here: a pseudo-terminal of a given width, and what a command of this process shows on it. What doesn't:
commands whose output a test captures (commands.py).
"""

import fcntl
import io
import os
import pty
import re
import struct
import sys
import termios
import threading
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from phase3_assets.cli import main

_SIGNS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Shown:
    """What a command has written to its terminal."""

    raw: str
    exit_code: int

    @property
    def text(self) -> str:
        """Without the signs that a terminal obeys."""
        return _SIGNS.sub("", self.raw).replace("\r\n", "\n")

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self.text.splitlines()]

    @property
    def screen(self) -> list[str]:
        """The lines that stand there in the end, after all that was overwritten and erased."""
        screen, row, column = [""], 0, 0
        for sign in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|[\r\n]|[^\x1b\r\n]+", self.raw):
            if sign == "\r":
                column = 0
            elif sign == "\n":
                row += 1
                screen += [""] * (row + 1 - len(screen))
            elif sign == "\x1b[2K":
                screen[row] = ""
            elif sign == "\x1b[1A":
                row -= 1
            elif not sign.startswith("\x1b"):
                screen[row] = screen[row][:column].ljust(column) + sign + screen[row][column + len(sign) :]
                column += len(sign)
        return [line.rstrip() for line in screen if line.strip()]

    @property
    def has_colour(self) -> bool:
        return bool(_COLOURS.search(self.raw))


def on_terminal(*arguments: object, width: int = 80, is_stdout: bool = True, **variables: str) -> Shown:
    """What `phase3` shows with these arguments on a terminal; standard output goes nowhere unless `is_stdout`."""
    return in_terminal(lambda: main([str(one) for one in arguments], "phase3"), width, is_stdout, **variables)


def in_terminal(work: Callable[[], object], width: int = 80, is_stdout: bool = True, **variables: str) -> Shown:
    """What some work in this process shows on a terminal."""
    terminal, ours = pty.openpty()
    fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    written: list[bytes] = []
    reader = threading.Thread(target=_read, args=(terminal, written))
    reader.start()
    kept = [os.dup(number) for number in (0, 1, 2)]
    streams = sys.stdout, sys.stderr
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        for number, target in enumerate((ours, ours if is_stdout else nowhere, ours)):
            os.dup2(target, number)
        sys.stdout, sys.stderr = (io.TextIOWrapper(os.fdopen(os.dup(one), "wb"), "utf-8") for one in (1, 2))
        with pytest.MonkeyPatch.context() as patch:
            for name in ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR"):
                patch.delenv(name, raising=False)
            for name, value in {"TERM": "xterm-256color", **variables}.items():
                patch.setenv(name, value)
            try:
                work()
                exit_code = 0
            except SystemExit as end:
                exit_code = int(end.code or 0)
        for stream in (sys.stdout, sys.stderr):
            stream.close()
    finally:
        sys.stdout, sys.stderr = streams
        for number, old in enumerate(kept):
            os.dup2(old, number)
        for one in (*kept, ours, nowhere):
            os.close(one)
        reader.join()
        os.close(terminal)
    return Shown(b"".join(written).decode(), exit_code)


def _read(terminal: int, written: list[bytes]) -> None:
    """Read until the last one who has the terminal open closes it."""
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            return
        if not piece:
            return
        written.append(piece)
