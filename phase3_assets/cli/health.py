"""The command of every morning: health.

What belongs here: its argument, its exit status and what is printed. What doesn't: the checklist (health/).
"""

import os
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from phase3_assets.cli.common import HELD_BACK, explained, main
from phase3_assets.cli.output import Column, say, show_json, show_row
from phase3_assets.cli.parameters import JSON_OPTION, a_date
from phase3_assets.settings.calendar import parse_date
from phase3_assets.settings.locations import Settings

if TYPE_CHECKING:
    from phase3_assets.health.line import Line
    from phase3_assets.health.running import Dagster


@main.command()
@click.argument("date", required=False, shell_complete=a_date)
@click.option("--all", "everything", is_flag=True, help="Print the good lines of a good morning as well.")
@JSON_OPTION
@explained
def health(date: str | None, everything: bool, as_json: bool) -> int:
    """Whether the morning is good: the latest night (or DATE's), and everything around it. Writes nothing.

    On a good morning it prints one line. Otherwise a line per subject: good, look (somebody should look at it today),
    or act (readers lack something, or see something wrong, or soon will), each with what to do and its paragraph in
    docs/runbook.md. Exit status 0 on a good morning, 1 on any other.

    \b
    Looked at: last night's games in every table; what is held or late, and why; the highest usage rate; coverage;
    sources; checks; drift of the last 30 dates; sensors, queue and failed runs in DAGSTER_HOME; the last backup
    (PHASE3_BACKUP_FOLDER); disk; whether installed, running and writing code are one.
    """
    from phase3_assets.clock import utc_now
    from phase3_assets.health.examine import examine
    from phase3_assets.health.line import Verdict
    from phase3_assets.warehouse.opening import open_warehouse

    settings, day = Settings.from_environment(), parse_date(date) if date else None
    morning = examine(open_warehouse(settings), settings, day, _dagster(settings), utc_now())
    if as_json:
        lines = [{**asdict(line), "verdict": str(line.verdict)} for line in morning.lines]
        answer = {"date": morning.day, "verdict": str(morning.verdict), "said": morning.sentence, "lines": lines}
        show_json(answer)
    else:
        say(morning.sentence, {Verdict.GOOD: "green", Verdict.LOOK: "yellow", Verdict.ACT: "red"}[morning.verdict])
        if everything or morning.verdict is not Verdict.GOOD:
            for line in morning.lines:
                _show(line)
    return 0 if morning.verdict is Verdict.GOOD else HELD_BACK


def _show(line: "Line") -> None:
    columns = [Column("", 4, is_state=True), Column("")]
    show_row(columns, [str(line.verdict), f"{line.title}: {line.fact}"])
    if line.to_do:
        show_row(columns, ["", f"{line.to_do}  [{line.runbook}]"])


def _dagster(settings: Settings) -> "Dagster | None":
    """What Dagster says of itself; None where DAGSTER_HOME has no instance.

    Raises Phase3Error where its history cannot be read.
    """
    if not (settings.dagster_home / "dagster.yaml").exists():
        return None
    import dagster as dg
    from sqlalchemy.exc import SQLAlchemyError

    from phase3_assets.alerting.notifiers import LogNotifier
    from phase3_assets.definitions import build_automation
    from phase3_assets.defs.dagster_state import dagster_state
    from phase3_assets.defs.resources import Publisher
    from phase3_assets.errors import Phase3Error
    from phase3_assets.instance.recording import open_instance

    os.environ["DAGSTER_HOME"] = str(settings.dagster_home)
    try:
        with open_instance(settings.wait_seconds) as instance:
            return dagster_state(instance, *build_automation(Publisher(), LogNotifier()))
    except (dg.DagsterError, SQLAlchemyError) as error:
        said = " ".join(str(error).split())[:300]
        raise Phase3Error(
            f"the history in {settings.dagster_home} cannot be read, so nothing is known of sensors and queue: {said}. "
            "`phase3 doctor` says more"
        ) from error
