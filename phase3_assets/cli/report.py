"""The command that writes a night's report: report.

What belongs here: its arguments and what is printed. What doesn't: the page (reporting/).
"""

from datetime import date
from pathlib import Path

import click

from phase3_assets.cli.common import explained, main
from phase3_assets.cli.dates import without_games
from phase3_assets.cli.output import Column, say, show_groups
from phase3_assets.cli.parameters import of_dates
from phase3_assets.settings.locations import Settings


@main.command()
@click.option("--to", "path", required=True, metavar="FILE.html", help="The page to write.")
@click.option("--force", is_flag=True, help="Replace a file that exists.")
@explained
@of_dates
def report(first: date, last: date, path: str, force: bool) -> None:
    """Write one page about a night, or up to 31 nights, that opens in any browser without a network and can be mailed.

    It has a card per game with its state, reason, tier and score, and when its sources came and it was published; how
    complete each date is; held and late games with what to do; corrections with what changed; checks by table and date;
    usage rates with the highest named; and the season's coverage. Reads only, and writes nothing but the file.

    \b
      phase3 report 2026-02-03 --to night.html
      phase3 report 2026-02-01 2026-02-28 --to february.html --force
    """
    from phase3_assets.reporting.page import summary, write_report
    from phase3_assets.settings.thresholds import Thresholds
    from phase3_assets.warehouse.opening import open_warehouse

    warehouse = open_warehouse(Settings.from_environment())
    written = write_report(warehouse, first, last, Path(path), Thresholds.from_environment(), force)
    say(f"{path}: {summary(written.report)}")
    if not written.report.cards and (sentence := without_games(warehouse, first, last)):
        say(sentence)
    cards = [(card.game_id, card.state, card.reason) for card in written.report.to_look_at]
    show_groups([Column("game"), Column("state", is_state=True), Column("reason")], [(None, cards)], indent=2)
