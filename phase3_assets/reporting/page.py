"""The report as one HTML page: it opens without a network, can be mailed, and needs no script.

What belongs here: words and times of the page, and putting it into a file. What doesn't: what is said (night.py), how
it looks (templates/). Everything that comes from a warehouse is escaped by the template engine.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from phase3_assets.errors import ConfigurationError
from phase3_assets.files import whole_file
from phase3_assets.publishing.vocabulary import Severity
from phase3_assets.reporting.night import Card, Report, UsageOf, night_report
from phase3_assets.reporting.pictures import STATE_MARKS, coverage_in_words, season_calendar, usage_on_page
from phase3_assets.settings.calendar import TIMEZONE
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.interface import Warehouse

if TYPE_CHECKING:
    from jinja2 import Environment

SOURCE_NAMES = {
    "nbac_schedule": "schedule",
    "nbac_team_boxscore": "team box score",
    "nbac_gamebook_player_stats": "gamebook",
    "nbac_player_boxscores": "evening players",
    "bigdataball_play_by_play": "play-by-play",
}
"""What people call the raw tables whose arrival is told."""
HIGHEST = 8
"""Players of five minutes or more who are named beside the distribution of usage rates."""
_MOST_CHANGES = 30
"""Rows shown of one correction."""
_BACKQUOTED = re.compile(r"`([^`]*)`")


@dataclass(frozen=True)
class Written:
    """What a report that was written says, for whoever asked for it."""

    path: Path
    report: Report


def write_report(
    warehouse: Warehouse, first: date, last: date, path: Path, thresholds: Thresholds, overwrite: bool = False
) -> Written:
    """Write the report of the dates from `first` to `last` as an HTML file, whole or not at all.

    Raises ConfigurationError, with nothing written, for a file that does not end in .html, lies in no folder or, unless
    `overwrite`, exists, and for more than 31 dates; OSError where the disk does not take the file.
    """
    _require_writable(path, overwrite)
    report = night_report(warehouse, first, last, thresholds)
    text = page(report)
    try:
        with whole_file(path, overwrite) as file:
            file.write(text.encode())
    except FileExistsError as error:
        raise ConfigurationError(_exists(path)) from error
    return Written(path, report)


def page(report: Report) -> str:
    """The report as the text of an HTML page."""
    template = _environment().get_template("report.html.j2")
    return template.render(
        report=report,
        title=title(report),
        marks=STATE_MARKS,
        source_names=SOURCE_NAMES,
        highest=[one for one in report.usage if not one.is_brief][:HIGHEST],
        briefer=[one for one in report.usage[:1] if one.is_brief],
        usage_picture=_usage_picture(report.usage),
        season_picture=_season_picture(report),
        season_words=coverage_in_words(report.season) if report.season else None,
        most_changes=_MOST_CHANGES,
        severity=Severity,
    )


def title(report: Report) -> str:
    """`Night of 2026-02-03`, or the range."""
    if report.first == report.last:
        return f"Night of {report.first}"
    return f"Nights from {report.first} to {report.last}"


def summary(report: Report) -> str:
    """The night in one sentence."""
    cards = report.cards
    if not cards:
        return "No games are scheduled."
    states: dict[str, int] = {}
    for card in cards:
        states[card.state] = states.get(card.state, 0) + 1
    told = ", ".join(f"{count} {state}" for state, count in sorted(states.items(), key=lambda item: -item[1]))
    return f"{_counted(len(cards), 'game')}: {told}."


def _usage_picture(usage: Sequence[UsageOf]) -> Markup | None:
    if not usage:
        return None
    highest = usage[0]
    return Markup(usage_on_page([one.rate for one in usage], f"{highest.player}, {highest.team}"))  # noqa: S704


def _season_picture(report: Report) -> Markup | None:
    if not report.season:
        return None
    return Markup(season_calendar(report.season, report.first, report.last))  # noqa: S704


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("phase3_assets.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "breakable": _breakable,
        "counted": _counted,
        "day": _day,
        "value": _value,
        "with_code": _with_code,
        "json": json.loads,
        "late": _late,
        "missing_by_game": _missing_by_game,
    }
    environment.globals |= {"moment": _moment, "summary": summary, "look": look}
    return environment


def look(card: Card) -> str:
    """Which of the page's colours a game has: good, warn, bad or calm."""
    if card.state == "quarantined" or card.left_out:
        return "bad"
    if card.needs_attention:
        return "warn"
    return "good" if card.state == "published" else "calm"


def _moment(when: datetime, beside: date | None = None) -> Markup:
    """An Eastern time with its zone; its year is left out where it is that of the date `beside`."""
    eastern = when.astimezone(ZoneInfo(TIMEZONE))
    year = "" if beside and eastern.year == beside.year else f" {eastern.year}"
    text = f"{eastern.day} {eastern:%b}{year}, {eastern:%H:%M} {eastern:%Z}"
    return Markup('<time datetime="{}">{}</time>').format(f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", text)


def _day(day: date) -> str:
    return f"{day:%A}, {day.day} {day:%B %Y}"


def _counted(count: int, name: str) -> str:
    return f"{count:,} {name}" + ("" if count == 1 else "s")


def _value(value: Any) -> str:
    """A figure as people write it: no trailing zeros, a dash for what is missing."""
    if value is None:
        return "–"
    if isinstance(value, Decimal | float):
        return f"{value:f}".rstrip("0").rstrip(".") if value else "0"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(str, value)) or "nothing"
    return str(value)


def _breakable(name: str) -> Markup:
    """The name of a table, which a narrow screen may break after its underscores."""
    return Markup("_<wbr>").join(name.split("_"))


def _with_code(text: str) -> Markup:
    """The text with what stands between backquotes as code."""
    return Markup(_BACKQUOTED.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704


def _late(hours: float) -> str:
    if hours < 0:
        return "its date is not over yet"
    if hours < 48:
        return f"{_counted(round(hours), 'hour')} since its date ended"
    return f"{_counted(round(hours / 24), 'day')} since its date ended"


def _missing_by_game(lines: Sequence[str]) -> dict[str, dict[str, list[str]]]:
    """What a date lacks: by game and reason, the tables."""
    found: dict[str, dict[str, list[str]]] = {}
    for line in lines:
        game_id, table, reason = line.split(" ", 2)
        found.setdefault(game_id, {}).setdefault(reason, []).append(table)
    return found


def _require_writable(path: Path, overwrite: bool) -> None:
    if path.suffix.lower() not in (".html", ".htm"):
        raise ConfigurationError(f"{path}: a report is a page; let its name end in .html")
    if not path.parent.is_dir():
        raise ConfigurationError(f"{path}: there is no folder {path.parent}; make it first")
    if path.exists() and not path.is_file():
        raise ConfigurationError(f"{path} is no ordinary file; nothing was written")
    if path.exists() and not overwrite:
        raise ConfigurationError(_exists(path))


def _exists(path: Path) -> str:
    return f"{path} exists already and was left as it is; --force replaces it"
