"""Commands that bring raw rows in: load-raw, describe-raw, try, pull.

What belongs here: arguments and what is printed. What doesn't: loading (loading/).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from phase3_assets.cli.common import HELD_BACK, explained, main
from phase3_assets.cli.output import Column, complain, say, show_json, show_table
from phase3_assets.cli.parameters import END_ARGUMENT, JSON_OPTION, START_ARGUMENT, date_range, raw_table
from phase3_assets.cli.progress import Bar, progress
from phase3_assets.settings.locations import Settings

if TYPE_CHECKING:
    from phase3_assets.warehouse.interface import Loaded


@main.command("load-raw")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--table",
    "tables",
    multiple=True,
    metavar="NAME",
    shell_complete=raw_table,
    help="Only this raw table (repeatable).",
)
@click.option(
    "--allow-missing",
    multiple=True,
    metavar="COLUMN",
    help="Load this column as NULL where a file lacks it (repeatable).",
)
@click.option(
    "--date-format",
    metavar="FORMAT",
    help="How the files write dates, for example %m/%d/%Y, unless they write 2026-02-03.",
)
@click.option("--from", "adapter", metavar="SOURCE", help="The files are another source's: nba_api, bigdataball.")
@click.option(
    "--map",
    "map_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A YAML file that says which of your columns is which of ours; `phase3 describe-raw TABLE` prints a template.",
)
@explained
def load_raw(
    folder: Path,
    tables: tuple[str, ...],
    allow_missing: tuple[str, ...],
    date_format: str | None,
    adapter: str | None,
    map_file: Path | None,
) -> int:
    """Load Parquet, CSV or JSON files named after raw tables, e.g. FOLDER/nbac_schedule.parquet: docs/loading.md.

    A file replaces the dates that it contains, all or nothing; of two files of a table with the same date, the second
    is refused. A missing or wrongly typed column is an error that names file, column, expected and found; further
    columns are ignored and named.
    """
    from phase3_assets.cli.first_steps import next_steps
    from phase3_assets.errors import ConfigurationError
    from phase3_assets.loading.adapters import converted, guess
    from phase3_assets.loading.column_maps import mapped, read_maps
    from phase3_assets.loading.files import load_raw as load
    from phase3_assets.warehouse.opening import open_warehouse
    from phase3_assets.warehouse.schema import initialise, initialise_raw

    if adapter and (map_file or allow_missing):
        other = "--map" if map_file else "--allow-missing"
        raise ConfigurationError(f"--from {adapter} knows its columns; {other} is for files of your own")
    settings = Settings.from_environment()
    warehouse = open_warehouse(settings)
    # A local file gets every table. On BigQuery, the account that loads may have rights to raw tables only.
    (initialise if settings.bigquery is None else initialise_raw)(warehouse)
    with progress(f"reading {folder}", "files") as bar:
        told = _Told(bar)
        if adapter:
            with converted(adapter, folder, date_format) as made:
                failures, passed_over = load(warehouse, made, tables, (), told.loaded, before=told.begins)
                failures = [failure.replace(str(made), f"{folder} read as {adapter}") for failure in failures]
        elif map_file:
            maps = read_maps(map_file, allow_missing)
            unmapped = {name for column_map in maps for name in column_map.unmapped}
            with mapped(maps, folder) as (made, told.names):
                failures, passed_over = load(
                    warehouse, made, tables, sorted(unmapped), told.loaded, date_format, told.begins
                )
                for own, name in told.names.items():
                    failures = [
                        failure.replace(str(made / own), str(folder / name)).replace(own, name) for failure in failures
                    ]
        else:
            try:
                failures, passed_over = load(
                    warehouse, folder, tables, allow_missing, told.loaded, date_format, told.begins
                )
            except ConfigurationError as error:
                _guess(folder, guess(folder) if folder.is_dir() else {})
                raise error
    if passed_over and not tables:
        say(f"passed over, not raw tables: {', '.join(passed_over)}")
        _guess(folder, guess(folder, passed_over))
    for line in next_steps(warehouse, told.days):
        say(line)
    for failure in failures:
        complain(failure)
    return HELD_BACK if failures else 0


class _Told:
    """What a person is told while files are loaded."""

    def __init__(self, bar: Bar) -> None:
        self.days: set[date] = set()
        """The dates that were loaded."""
        self.names: dict[str, str] = {}
        """By the name under which a file is loaded, its own name, where that is another one."""
        self._bar = bar

    def begins(self, path: Path, done: int, total: int) -> None:
        """The file comes next; so many of so many are done."""
        self._bar.at(done, total, self.names.get(path.name, path.name))

    def loaded(self, table: str, path: Path, loaded: "Loaded") -> None:
        """The file is loaded."""
        self.days.update(loaded.days)
        dates = f"{loaded.first_date} to {loaded.last_date}" if loaded.rows else "no dates"
        name = self.names.get(path.name, path.name)
        self._bar.say(f"{table}: {loaded.rows} rows of {loaded.dates} dates ({dates}) from {name}")
        if loaded.ignored_columns:
            self._bar.say(f"  ignored columns: {', '.join(loaded.ignored_columns)}")
        for note in loaded.notes:
            self._bar.say(f"  {note}")


def _guess(folder: Path, found: Mapping[str, Sequence[str]]) -> None:
    """Say which source the files look like."""
    for source, files in found.items():
        say(f"{', '.join(files[:5])} look like files of {source}: load-raw {folder} --from {source}")


@main.command("describe-raw")
@click.argument("table", shell_complete=raw_table)
@JSON_OPTION
@explained
def describe_raw(table: str, as_json: bool) -> None:
    """Print the columns of a raw TABLE as a template for `phase3 load-raw FOLDER --map FILE`.

    With --json: each column's name, type, description, and whether it is required.
    """
    from phase3_assets.loading.column_maps import columns, template

    if as_json:
        show_json({"table": table, "columns": [asdict(column) for column in columns(table)]})
    else:
        click.echo(template(table), nl=False)


@main.command("try")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--from",
    "adapter",
    metavar="SOURCE",
    help="The source of the files, if they are not in our shape; guessed if left out.",
)
@explained
def try_folder(folder: Path, adapter: str | None) -> int:
    """Load FOLDER into a scratch warehouse, publish it and print the last night; your own warehouse is not touched."""
    from phase3_assets.cli.first_steps import try_out

    return HELD_BACK if try_out(folder, adapter, say) else 0


@main.command()
@START_ARGUMENT
@END_ARGUMENT
@click.option(
    "--published", is_flag=True, help="Copy published rows, their history and records as well as the raw tables."
)
@click.option("--to", "to", type=click.Path(path_type=Path), metavar="FILE", help="The file (PHASE3_DUCKDB_PATH).")
@click.option("--yes", is_flag=True, help="Do not ask after showing the size.")
@explained
def pull(start: str, end: str, published: bool, to: Path | None, yes: bool) -> int:
    """Copy a range from BigQuery into a local DuckDB file, to look at a production night on a laptop.

    Shows the bytes it would read first. The schedule is copied for the whole season: it decides which games are on.
    """
    from phase3_assets.loading.pulling import parts
    from phase3_assets.loading.pulling import pull as copy
    from phase3_assets.warehouse.costs import readable
    from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
    from phase3_assets.warehouse.opening import open_warehouse

    settings = Settings.from_environment()
    source, target = open_warehouse(settings), DuckDBWarehouse(to or settings.duckdb_path, settings.wait_seconds)
    wanted = parts(source, *date_range(start, end), published)
    show_table(
        [Column("bytes", 10, is_right=True), Column("table"), Column("dates")],
        [(readable(part.bytes_read), part.contract.full_name, f"{part.first} to {part.last}") for part in wanted],
    )
    say(f"{readable(sum(part.bytes_read for part in wanted)):>10}  would be read, into {target.path}")
    if not yes and not click.confirm("copy it?"):
        return HELD_BACK
    names = [part.contract.full_name for part in wanted]
    with progress(names[0] if names else "", "tables", len(names)) as bar:
        done = 0

        def copied(line: str) -> None:
            nonlocal done
            done += 1
            bar.say(line)
            bar.at(done, len(names), names[done] if done < len(names) else "")

        copy(source, target, wanted, copied)
    say(f"PHASE3_WAREHOUSE=duckdb PHASE3_DUCKDB_PATH={target.path} phase3 status {start} {end}")
    return 0
