"""What every command shares: the group, its options, dates, and how errors become sentences and exit codes.

What belongs here: only what several commands need. What doesn't: a command itself; those are in the modules beside this
one.
"""

import errno
import io
import sys
from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any

import click

from phase3_assets.catalog.table_names import TABLE_NAMES
from phase3_assets.errors import ConfigurationError, Phase3Error, SchemaDriftError
from phase3_assets.files import keep_private
from phase3_assets.settings.calendar import parse_date

HELD_BACK, WRONG_USAGE = 1, 2


def explained(command: Callable[..., int | None]) -> Callable[..., None]:
    """Turn errors that people are meant to read into a sentence on standard error and an exit code."""

    @wraps(command)
    def run(*arguments: Any, **options: Any) -> None:
        try:
            _require_text(options)
            code = command(*arguments, **options)
        except (ConfigurationError, SchemaDriftError) as error:
            click.echo(f"phase3: {error}", err=True)
            sys.exit(WRONG_USAGE)
        except Phase3Error as error:
            click.echo(f"phase3: {error}", err=True)
            sys.exit(HELD_BACK)
        except OSError as error:
            if error.errno == errno.EPIPE:  # the reader of our output is gone; click handles that
                raise
            click.echo(f"phase3: {_of_the_system(error)}", err=True)
            sys.exit(HELD_BACK)
        sys.exit(code or 0)

    return run


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
                                        phase3 status 2026-01-31
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


TABLE_OPTION = click.option(
    "--table", "tables", multiple=True, type=click.Choice(TABLE_NAMES), help="Only this table (repeatable)."
)
GAME_OPTION = click.option("--game", "games", multiple=True, metavar="GAME_ID", help="Only this game (repeatable).")
JSON_OPTION = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
REASON_OPTION = click.option(
    "--reason",
    required=True,
    callback=lambda context, option, value: _given(value),
    help="The reason, for people who ask later.",
)
TABLE_ARGUMENT = click.argument("table", type=click.Choice(TABLE_NAMES))


def _given(reason: str) -> str:
    if not reason.strip():
        raise click.BadParameter("it is empty; say why, for people who ask later")
    return reason


def of_dates(command: Callable[..., int | None]) -> Callable[..., int | None]:
    """Add the arguments START [END]. The command receives both dates first; without END, both are START's.

    Write this decorator below `explained`, which turns a wrong date into a sentence.
    """

    @click.argument("start")
    @click.argument("end", required=False)
    @wraps(command)
    def with_dates(start: str, end: str | None, **options: Any) -> int | None:
        return command(*date_range(start, end or start), **options)

    return with_dates


def date_range(start: str, end: str) -> tuple[date, date]:
    """Both dates. Raises ConfigurationError where one is not in the calendar, or the first is after the last."""
    first, last = parse_date(start), parse_date(end)
    if first > last:
        raise ConfigurationError(f"{start} is after {end}")
    return first, last


def no_games(first: date, last: date) -> str:
    """The sentence printed for dates without a single scheduled game."""
    return (
        f"no games are scheduled from {first} to {last}: the schedule is empty there. Load nbac_schedule of these "
        "dates (phase3 load-raw), unless no game was on."
    )
