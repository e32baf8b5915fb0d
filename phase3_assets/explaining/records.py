"""What is recorded about a published cell: raw rows, earlier values, and what checks measured.

What belongs here: reading these records for the cells of a row. What doesn't: how a value is computed (cells.py).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from phase3_assets.catalog.contracts import Contract, raw_contracts
from phase3_assets.catalog.lineage import column_lineage
from phase3_assets.catalog.parameters import date_parameters
from phase3_assets.catalog.queries import prepared
from phase3_assets.catalog.tables import PublishedTable, published_table
from phase3_assets.explaining.numbers import is_same
from phase3_assets.publishing.game import Game
from phase3_assets.publishing.measure import kept_query
from phase3_assets.warehouse.interface import Answers, Query, Row, Session

_ARRIVED = ("bookmaker", "bookmaker_key", "source_file_path", "snapshot_timestamp", "processed_at")
"""Columns of a raw table that say where a row came from and when."""

_PLAYER = "player_lookup"
_TEAMS = ("team_abbr", "team", "home_team_abbr", "away_team_abbr", "home_team_tricode", "away_team_tricode")
"""Columns of raw tables that name teams: a team of its own, or the two of a game."""
_CODE = "code_of_"
_ROSTER_DAYS = 300


@dataclass(frozen=True)
class Origin:
    """A cell of a published row."""

    table: str
    key: str
    column: str


@dataclass(frozen=True)
class RawRow:
    """What one raw row says, in the columns that the explained column is computed of."""

    table: str
    about: str
    """The team or the player of the published row that it is a source of."""
    player: str | None
    """Whose row it is, where it is a player's."""
    values: dict[str, Any]
    arrived: dict[str, Any]
    """Where the row came from, and when: those of _ARRIVED that the table has."""


@dataclass(frozen=True)
class Version:
    """A value that readers saw."""

    value: Any
    publication_id: str
    published_at: Any
    replaced_at: Any
    """None for the value that readers see now."""
    changed_with_it: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    """What else of the row changed when the value did, before and after, by column."""


class Records:
    """What is recorded about some columns of one row."""

    def __init__(
        self, session: Session, table: PublishedTable, day: date, key: str, made_of: Mapping[str, Sequence[Origin]]
    ) -> None:
        """`made_of` says, by column, which cells of published rows of the game it is computed of, itself included."""
        self._table = table
        self._raw_columns = {
            column: [(origin, _raw_columns(origin)) for origin in origins] for column, origins in made_of.items()
        }
        raw = {name for found in self._raw_columns.values() for _, columns in found for name in columns}
        self._answers: Answers = session.query_all(
            {
                "versions": (_versions_sql(table), {**date_parameters(day, day), "subject": key}),
                "measured": kept_query(day, day, table.name),
                **{name: _raw_query(raw_contracts()[name], day) for name in sorted(raw)},
            },
            table.name,
        )

    def raw_rows(self, column: str, game: Game | None) -> list[RawRow]:
        """Every raw row of the date that is about the row, or about another row that the column is computed of."""
        columns_of: dict[tuple[str, str, str], list[str]] = {}
        for origin, columns in self._raw_columns[column]:
            subject = published_table(origin.table).contract.subject
            for name, found in columns.items():
                wanted = columns_of.setdefault((name, subject, origin.key), [])
                wanted += [one for one in found if one not in wanted]
        return [
            RawRow(
                name,
                key,
                row.get("player_full_name") or row.get("player_name") or row.get("player_lookup"),
                {one: row[one] for one in wanted},
                {part: row[part] for part in _ARRIVED if row.get(part) is not None},
            )
            for (name, subject, key), wanted in columns_of.items()
            for row in self._answers[name]
            if _is_about(row, subject == _PLAYER, key, game)
        ]

    def versions(self, column: str) -> list[Version]:
        """What readers saw in the column, oldest first; one entry for as long as the value stayed."""
        rows = sorted(
            self._answers["versions"],
            key=lambda row: (row["replaced_at"] is None, row["replaced_at"], row["processed_at"]),
        )
        found: list[Version] = []
        before: Row | None = None
        for row in rows:
            # Rows get their time before the commit that makes them visible in place of others.
            began = before["replaced_at"] if before else row["processed_at"]
            changes = _changes(before, row, self._table, column)
            if found and is_same(found[-1].value, row[column]):
                last = found.pop()
                began, changes = last.published_at, last.changed_with_it
            found.append(Version(row[column], row["publication_id"], began, row["replaced_at"], changes))
            before = row
        return found

    def measured(self, column: str) -> list[Row]:
        """What the checks that read the column have measured on the date."""
        reads = [name for name, text in self._table.rules.items() if re.search(rf"\b{column}\b", text)]
        return [row for row in self._answers["measured"] if row["check_name"] in reads]


def of_dates(contract: Contract, day: date) -> Query:
    """The query for the rows of a date."""
    sql = f"SELECT * FROM {contract.full_name} WHERE {contract.partition} BETWEEN @start_date AND @end_date"
    return sql, date_parameters(day, day)


def _raw_columns(origin: Origin) -> dict[str, list[str]]:
    """By raw table, the columns that a cell is computed of."""
    found: dict[str, list[str]] = {}
    for name, source in column_lineage(origin.table).get(origin.column, []):
        if name in raw_contracts():
            found.setdefault(name, []).append(source)
    return found


def _versions_sql(table: PublishedTable) -> str:
    contract = table.contract
    columns = ", ".join(contract.column_names)
    of_row = f"{contract.partition} BETWEEN @start_date AND @end_date AND {contract.subject} = @subject"
    return f"""SELECT {columns}, replaced_at FROM {contract.history().full_name} WHERE {of_row}
UNION ALL
SELECT {columns}, CAST(NULL AS TIMESTAMP) AS replaced_at FROM {contract.full_name} WHERE {of_row}"""


def _changes(before: Row | None, row: Row, table: PublishedTable, column: str) -> dict[str, tuple[Any, Any]]:
    if before is None:
        return {}
    others = [one.name for one in table.contract.computed_columns if one.name != column]
    return {name: (before[name], row[name]) for name in others if not is_same(before[name], row[name])}


def _raw_query(contract: Contract, day: date) -> Query:
    """A raw table's rows that can be about a date, and the codes of the teams that they name in whatever spelling."""
    # A roster is of its own date, and holds until the next one.
    days = 0 if contract.partition == "game_date" else _ROSTER_DAYS
    teams = "".join(f", team_named({name}) AS {_CODE}{name}" for name in _TEAMS if name in contract.column_names)
    sql = (
        f"SELECT *{teams} FROM {contract.full_name} "
        f"WHERE {contract.partition} BETWEEN DATE_SUB(@start_date, INTERVAL {days} DAY) AND @end_date"
    )
    return prepared(sql), date_parameters(day, day)


def _is_about(row: Mapping[str, Any], is_player: bool, key: str, game: Game | None) -> bool:
    """Whether a raw row is about a player or a team, or about the game where it names neither."""
    if is_player and _PLAYER in row:
        return bool(row[_PLAYER] == key)
    codes = {name: row[_CODE + name] for name in _TEAMS if _CODE + name in row}
    for name in ("team_abbr", "team"):
        if name in codes and not is_player:
            return bool(codes[name] == key)
    if game is None:
        return False
    teams = {code for code in codes.values() if code}
    if teams:
        return teams <= {game.facts["home_team_abbr"], game.facts["away_team_abbr"]}
    return row.get("game_id") in {game.game_id, game.facts.get("nba_game_id")}
