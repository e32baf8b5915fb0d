"""What readers saw before and after a correction, column by column.

What belongs here: which publications are corrections of some dates, and what each changed. What doesn't: comparing two
versions (publishing/rollback.py), how it is shown (page.py).

A correction replaces or withdraws rows that readers saw. Only tables about final games have corrections: a row of a
pre-game table follows the news until tip-off, and is not wrong before it changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from phase3_assets.catalog.tables import published_table
from phase3_assets.publishing.rollback import diff
from phase3_assets.publishing.states import tables_of_states
from phase3_assets.settings.calendar import TIMEZONE
from phase3_assets.warehouse.interface import Row, Warehouse

MOST_COMPARED = 12
"""Corrections of a report whose values are compared, the latest; of the others only the numbers of rows are told."""


@dataclass(frozen=True)
class Change:
    """A row that a correction changed, added or removed."""

    game_id: str
    key: str
    """The team, or the player's key."""
    kind: str
    """changed, added, removed; or `not kept`, where the versions cannot be compared."""
    values: tuple[tuple[str, Any, Any], ...]
    """Column, before, after; only for a row that was changed."""


@dataclass(frozen=True)
class Correction:
    """One publication of one table that changed what readers saw of games."""

    table: str
    game_date: date
    publication_id: str
    made_at: datetime
    outcome: str
    """published, rolled_back or withdrawn."""
    reason: str | None
    games: tuple[str, ...]
    rows_added: int
    rows_changed: int
    rows_removed: int
    changes: tuple[Change, ...] | None
    """None where the values were not compared."""


def corrections(warehouse: Warehouse, publications: Sequence[Row], first: date, last: date) -> list[Correction]:
    """The corrections of the dates from `first` to `last`, and those made on these dates to earlier ones; latest first.

    `publications` are the answer to sql/reporting/publications.sql, oldest first.
    """
    tables = [table.name for table in tables_of_states()]
    decided: dict[tuple[str, date, str], list[Row]] = {}
    for row in publications:
        made_on = row["finished_at"].astimezone(ZoneInfo(TIMEZONE)).date()
        is_asked_for = row["game_date"] >= first or first <= made_on <= last
        if row["is_correction"] and row["table_name"] in tables and is_asked_for:
            decided.setdefault((row["table_name"], row["game_date"], row["publication_id"]), []).append(row)
    latest_first = sorted(decided.items(), key=lambda item: item[1][-1]["finished_at"], reverse=True)
    found = []
    for place, ((table, day, publication_id), rows) in enumerate(latest_first):
        games = tuple(sorted(row["game_id"] for row in rows))
        found.append(
            Correction(
                table,
                day,
                publication_id,
                rows[-1]["finished_at"],
                rows[-1]["outcome"],
                rows[-1]["reason"],
                games,
                sum(row["rows_added"] for row in rows),
                sum(row["rows_changed"] for row in rows),
                sum(row["rows_removed"] for row in rows),
                _changes(warehouse, table, day, publication_id, games) if place < MOST_COMPARED else None,
            )
        )
    return found


def _changes(
    warehouse: Warehouse, table: str, day: date, publication_id: str, games: Sequence[str]
) -> tuple[Change, ...]:
    differences = diff(warehouse, published_table(table), day, after=publication_id)
    return tuple(
        Change(
            difference.game_id,
            " ".join(part for part in difference.key if part != difference.game_id),
            difference.kind,
            tuple((name, before, after) for name, (before, after) in difference.columns.items()),
        )
        for difference in differences
        if difference.game_id in games
    )
