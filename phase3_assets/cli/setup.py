"""Commands that set things up and show them: init, demo, doctor, ui, completion.

What belongs here: arguments and what is printed. What doesn't: doing it.
"""

import ipaddress
import sys
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import click

from phase3_assets.cli.common import HELD_BACK, explained, main
from phase3_assets.cli.output import Column, complain, say, show_json, show_row
from phase3_assets.cli.parameters import JSON_OPTION
from phase3_assets.cli.progress import progress
from phase3_assets.errors import ConfigurationError
from phase3_assets.settings.calendar import today
from phase3_assets.settings.locations import Settings

SHELLS = ("bash", "zsh", "fish")


@main.command()
@click.option(
    "--adopt", multiple=True, metavar="TABLE", help="Take over this table, which another program made (repeatable)."
)
@explained
def init(adopt: tuple[str, ...]) -> None:
    """Create datasets, tables and views, and add missing columns.

    Safe to repeat. Takes no destructive step: where only one would help, it names the columns and changes nothing.
    Tables of the same names that somebody else made are compared with the contracts, and left alone.
    """
    from phase3_assets.warehouse.opening import open_warehouse
    from phase3_assets.warehouse.schema import initialise

    for line in initialise(open_warehouse(Settings.from_environment()), adopt):
        say(line)


@main.command()
@click.option("--seed", default=2026, show_default=True, help="Another seed makes another season.")
@click.option("--days", default=30, show_default=True, type=click.IntRange(3, 170), help="Days of the season to play.")
@click.option(
    "--files",
    type=click.Path(path_type=Path, file_okay=False),
    help="Only write the raw files of that many days, up to yesterday, into this new folder, for `phase3 load-raw` and "
    "for the sensors of a deployment to publish.",
)
@explained
def demo(seed: int, days: int, files: Path | None) -> int:
    """From nothing to something worth seeing: a made-up season, published, and the incident replayed in three acts.

    Uses the warehouse and Dagster home of the environment; refuses a warehouse that already holds raw rows.
    """
    from phase3_assets.catalog.table_names import TABLE_NAMES
    from phase3_assets.demo.story import PUBLICATIONS, play, write_nights

    if files:
        last = today() - timedelta(days=1)
        games = write_nights(files, seed, days, last)
        say(f"{len(games)} games of {days} days, the last one {last}. Next: phase3 load-raw {files}")
        return 0
    total = PUBLICATIONS * (1 + len(TABLE_NAMES))
    with progress("making games up", "steps", total) as bar:
        done = 0

        def step(line: str) -> None:
            nonlocal done
            done += 1
            bar.at(done, total, line.partition(":")[0])

        return play(Settings.from_environment(), seed, days, bar.say, step)


@main.command()
@JSON_OPTION
@explained
def doctor(as_json: bool) -> int:
    """Look at everything that can be set up wrong, and say how to mend it. Exit status 1 on an error."""
    from phase3_assets.doctor.diagnosis import ERROR
    from phase3_assets.doctor.examine import examine

    found = []
    for diagnosis in examine(Settings.from_environment()):
        found.append(diagnosis)
        if not as_json:
            columns = [Column("", 7, is_state=True), Column("")]
            show_row(columns, [diagnosis.level, f"{diagnosis.subject}: {diagnosis.found}"])
            if diagnosis.remedy:
                show_row(columns, ["", diagnosis.remedy])
    if as_json:
        show_json([asdict(diagnosis) for diagnosis in found])
    return HELD_BACK if any(diagnosis.level == ERROR for diagnosis in found) else 0


@main.command()
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Anything but loopback needs authentication in front."
)
@click.option("--port", default=3000, show_default=True)
@click.option("--with-daemon", is_flag=True, help="On BigQuery: also run sensors, schedules and queued runs from here.")
@explained
def ui(host: str, port: int, with_daemon: bool) -> None:
    """Open Dagster's UI on this warehouse (the same as `dagster dev` with DAGSTER_HOME set).

    On BigQuery it is the UI alone: its tables are a team's, whose daemon runs elsewhere, and a second one would
    publish and alert beside it.
    """
    import os

    from phase3_assets.instance.home import prepare_dagster_home

    if not _is_loopback(host):
        complain(
            f"WARNING: {host} is not loopback. The UI asks nobody who they are: everyone who reaches "
            f"{host}:{port} can start runs and read everything. Keep it on 127.0.0.1 and put a proxy that "
            "authenticates in front: docs/authentication.md"
        )
    settings = Settings.from_environment()
    prepare_dagster_home(settings)
    workspace = Path(__file__).parents[2] / "workspace.yaml"
    code = ["-w", str(workspace)] if workspace.exists() else ["-m", "phase3_assets.definitions"]
    program = ["dagster", "dev"]
    if settings.bigquery and not with_daemon:
        program = ["dagster_webserver"]
        complain(
            "the warehouse is BigQuery: this is the UI alone. Sensors, schedules and queued runs wait for the "
            "team's daemon; if there is none, and this is to be it, say --with-daemon."
        )
    arguments = [*program, *code, "--host", host, "--port", str(port)]
    os.execv(sys.executable, [sys.executable, "-m", *arguments])  # noqa: S606 - no shell is wanted


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@main.command()
@click.argument("shell", type=click.Choice(SHELLS))
@explained
def completion(shell: str) -> None:
    """Print a script by which SHELL completes commands, options, tables, dates and games when you press Tab.

    \b
      bash   eval "$(phase3 completion bash)"         in ~/.bashrc
      zsh    eval "$(phase3 completion zsh)"          in ~/.zshrc
      fish   phase3 completion fish | source          in ~/.config/fish/config.fish
    """
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    if found is None:
        raise ConfigurationError(f"{shell}: this version of click completes nothing there")
    click.echo(found(main, {}, "phase3", "_PHASE3_COMPLETE").source())
