"""A progress bar for work that takes longer than two seconds.

What belongs here: when the bar is shown, and lines that are printed while it is. What doesn't: how far the work is;
those who do it say so.

The bar is on standard error, and only if that is a terminal: a pipe gets the lines alone.
"""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from phase3_assets.cli.output import has_colour, is_terminal, say

if TYPE_CHECKING:
    from rich.progress import Progress

PATIENCE = 2.0
"""Seconds of work before the bar is shown."""
_BAR_WIDTH = 20
_BESIDE = 13
"""Characters of a line beside the bar and what it says: the spinner, the time, and blanks."""


class Bar:
    """How far some work is, as a person sees it."""

    def __init__(self, doing: str, unit: str, total: int | None) -> None:
        self._doing, self._unit, self._total, self._done = doing, unit, total, 0
        self._shown: Progress | None = None
        self._is_over = False
        self._began = time.monotonic()
        self._lock = threading.RLock()

    def at(self, done: int, total: int, doing: str) -> None:
        """So much is done, of so much, and this is what is being done now."""
        with self._lock:
            self._done, self._total, self._doing = min(done, total), total, doing
            self._update()

    def say(self, line: str, to_stderr: bool = False) -> None:
        """Print a line to standard output, or to standard error, above the bar."""
        with self._lock:
            if self._shown is not None:
                self._shown.stop()
            say(line, to_stderr=to_stderr)
            if self._shown is not None:
                self._shown.start()

    def show(self) -> None:
        """Show the bar from now on."""
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        console = Console(file=sys.stderr, force_terminal=True, color_system="auto" if has_colour(sys.stderr) else None)
        shown = Progress(
            SpinnerColumn(),
            BarColumn(bar_width=_BAR_WIDTH),
            TextColumn("{task.fields[far]}", markup=False),
            TimeElapsedColumn(),
            TextColumn("{task.description}", markup=False),
            console=console,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            refresh_per_second=4,
        )
        with self._lock:
            if self._is_over:
                return
            shown.add_task(self._doing, total=self._total, far="")
            shown.tasks[0].start_time = shown.get_time() - (time.monotonic() - self._began)
            self._shown = shown
            self._update()
            shown.start()

    def close(self) -> None:
        """Take the bar away, for good."""
        with self._lock:
            self._is_over = True
            if self._shown is not None:
                self._shown.stop()
                self._shown = None

    def _update(self) -> None:
        if self._shown is not None:
            far = "" if self._total is None else f"{self._done} of {self._total} {self._unit}"
            doing = self._doing[: max(0, self._shown.console.width - _BAR_WIDTH - len(far) - _BESIDE)]
            (task,) = self._shown.task_ids
            self._shown.update(task, completed=self._done, total=self._total, description=doing, far=far)


@contextmanager
def progress(doing: str, unit: str, total: int | None = None) -> Iterator[Bar]:
    """Yield a bar for the work of the block, in units such as "files"; it is shown after PATIENCE seconds.

    Without a total the bar only says what is being done and for how long, until Bar.at() says how much there is.
    """
    bar = Bar(doing, unit, total)
    timer = threading.Timer(PATIENCE, bar.show)
    timer.daemon = True
    if is_terminal(sys.stderr):
        timer.start()
    try:
        yield bar
    finally:
        timer.cancel()
        bar.close()
