"""What every command shares: the group, and how errors become sentences and exit codes.

What belongs here: only what every command needs. What doesn't: a command itself (the modules beside this one),
arguments and options (parameters.py), the form of what is printed (output.py).
"""

import errno
import io
import sys
import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from phase3_assets.cli.output import complain
from phase3_assets.errors import ConfigurationError, Phase3Error, SchemaDriftError
from phase3_assets.files import keep_private

HELD_BACK, WRONG_USAGE = 1, 2


def explained(command: Callable[..., int | None]) -> Callable[..., None]:
    """Turn errors that people are meant to read into a sentence on standard error and an exit code."""

    @wraps(command)
    def run(*arguments: Any, **options: Any) -> None:
        try:
            _require_text(options)
            code = command(*arguments, **options)
        except (ConfigurationError, SchemaDriftError) as error:
            complain(str(error))
            sys.exit(WRONG_USAGE)
        except Phase3Error as error:
            complain(str(error))
            sys.exit(HELD_BACK)
        except OSError as error:
            if error.errno == errno.EPIPE:  # the reader of our output is gone; click handles that
                raise
            complain(_of_the_system(error))
            sys.exit(HELD_BACK)
        sys.exit(code or 0)

    return run


def new_run_id() -> str:
    """An id for what this command does, as Dagster's runs have one."""
    return str(uuid.uuid4())


def _require_text(options: dict[str, Any]) -> None:
    """Raise ConfigurationError for an option that is not UTF-8 text.

    A terminal can pass arbitrary bytes, and no warehouse accepts them.
    """
    for name, value in options.items():
        for text in value if isinstance(value, tuple) else (value,):
            if isinstance(text, str) and text.encode(errors="replace").decode() != text:
                raise ConfigurationError(f"{name}: {text!r} is not UTF-8 text; nothing was done")


def _of_the_system(error: OSError) -> str:
    where = error.filename or "the operating system refused"
    return f"{where}: {error.strerror or error}. What was done before stays; mend it, and run the command again."


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Turn raw NBA box scores into per-game summaries that are right, or not visible.

    \b
    A first look, with made-up games:   phase3 demo
    Your own raw files:                 phase3 init
                                        phase3 load-raw FOLDER
                                        phase3 backfill 2026-01-01 2026-01-31
                                        phase3 status
    The same in a browser:              phase3 ui

    Dates are Eastern calendar dates, written 2026-02-03.

    \b
    Environment
      PHASE3_WAREHOUSE     duckdb (default) or bigquery (PHASE3_BIGQUERY_PROJECT, _LOCATION ...: docs/bigquery.md)
      PHASE3_FIRST_DATE    the calendar's first date (2021-10-01); an earlier one opens earlier seasons
      PHASE3_DUCKDB_PATH   the warehouse file (.phase3/warehouse.duckdb)
      DAGSTER_HOME         run history (.phase3/dagster, created with telemetry off)
      PHASE3_WAIT_SECONDS  how long to wait for another process that is writing (60)

    Exit status: 0 done; 1 something was held back or failed; 2 wrong usage or configuration.
    """
    keep_private()
    if isinstance(sys.stdout, io.TextIOWrapper):  # a console of another encoding shows a letter it lacks as its number
        sys.stdout.reconfigure(errors="backslashreplace")
