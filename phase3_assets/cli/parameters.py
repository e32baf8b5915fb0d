"""Arguments and options that several commands share, and what Tab offers for them.

What belongs here: names of tables, games and dates, as people type them. What doesn't: what a command does with them.

What Tab offers must be found quickly, and never fail: a warehouse that is busy, or not there, offers nothing.
"""

import os
import re
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from phase3_assets.catalog.table_names import SQL_FOLDER, TABLE_NAMES
from phase3_assets.errors import ConfigurationError, Phase3Error
from phase3_assets.settings.calendar import parse_date, today
from phase3_assets.suggestions import did_you_mean_or_all

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_MOST_DATES = 40
_DATE = re.compile(r"\b\d{4}-\d\d-\d\d\b")


class PublishedTableName(click.ParamType[str]):
    """The name of a published table."""

    name = "table"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name itself; fails, with a suggestion, if no published table has it."""
        if value not in TABLE_NAMES:
            self.fail(f"there is no published table {value!r}{did_you_mean_or_all(value, TABLE_NAMES)}", param, ctx)
        return value

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
        """The published tables."""
        return _beginning_with(incomplete, TABLE_NAMES)


def any_table(ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    """What Tab offers for the name of any table: those that are published, raw ones and records."""
    raw = raw_table(ctx, param, incomplete)
    records = sorted(path.stem for path in (SQL_FOLDER / "bookkeeping" / "tables").glob("*.sql"))
    return [*_beginning_with(incomplete, TABLE_NAMES), *raw, *_beginning_with(incomplete, records)]


def raw_table(ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    """What Tab offers for the name of a raw table."""
    return _beginning_with(incomplete, sorted(path.stem for path in (SQL_FOLDER / "raw").glob("*.sql")))


def a_date(ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    """What Tab offers for a date: the latest ones with games, or those whose beginning is typed."""
    days = {str(game["game_date"]) for game in _scheduled(date(2000, 1, 1), today() + timedelta(days=1))}
    wanted = sorted(day for day in days if day.startswith(incomplete))[-_MOST_DATES:]
    return _beginning_with(incomplete, wanted)


def a_game(ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    """What Tab offers for a game: those of the date that is typed already, or with which the game's id begins."""
    # Not ctx.params: click gives up on a line that ends with an option without its value.
    typed = _DATE.findall(os.environ.get("COMP_WORDS", "")) or [incomplete[:8]]
    try:
        days = sorted(date.fromisoformat(text) for text in typed)
    except ValueError:
        return []
    return _beginning_with(incomplete, [game["game_id"] for game in _scheduled(days[0], days[-1])])


def _beginning_with(incomplete: str, names: Iterable[str]) -> "list[CompletionItem]":
    from click.shell_completion import CompletionItem

    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def _scheduled(first: date, last: date) -> list[dict[str, Any]]:
    """The scheduled games, if an embedded warehouse says so at once; BigQuery, which costs, is not asked."""
    from phase3_assets.settings.locations import Settings

    try:
        settings = Settings.from_environment()
        if settings.bigquery is not None or not settings.duckdb_path.exists():
            return []
        from phase3_assets.reading.schedule import scheduled_games
        from phase3_assets.warehouse.opening import open_warehouse

        with open_warehouse(settings).session(read_only=True, wait_seconds=0) as session:
            return scheduled_games(session, first, last)
    except Phase3Error:
        return []


TABLE = PublishedTableName()
TABLE_ARGUMENT = click.argument("table", type=TABLE)
DATE_ARGUMENT = click.argument("date", shell_complete=a_date)
START_ARGUMENT = click.argument("start", shell_complete=a_date)
END_ARGUMENT = click.argument("end", shell_complete=a_date)
OPTIONAL_END_ARGUMENT = click.argument("end", required=False, shell_complete=a_date)
TABLE_OPTION = click.option("--table", "tables", multiple=True, type=TABLE, help="Only this table (repeatable).")
GAME_OPTION = click.option(
    "--game", "games", multiple=True, metavar="GAME_ID", shell_complete=a_game, help="Only this game (repeatable)."
)
JSON_OPTION = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
REASON_OPTION = click.option(
    "--reason",
    required=True,
    callback=lambda context, option, value: _given(value),
    help="The reason, for people who ask later.",
)


def _given(reason: str) -> str:
    if not reason.strip():
        raise click.BadParameter("it is empty; say why, for people who ask later")
    return reason


def of_dates(command: Callable[..., int | None]) -> Callable[..., int | None]:
    """Add the arguments START [END]. The command receives both dates first; without END, both are START's.

    Write this decorator below `explained`, which turns a wrong date into a sentence.
    """

    @START_ARGUMENT
    @OPTIONAL_END_ARGUMENT
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
