"""explain(): everything that is known of why a published cell, or a row that is not there, is as it is.

What belongs here: asking the warehouse, and putting the answers together. What doesn't: taking SELECTs apart
(formula.py), writing numbers into formulas (numbers.py), saying it in lines (text.py).
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from phase3_assets.catalog.contracts import Contract, raw_contracts
from phase3_assets.catalog.lineage import column_lineage
from phase3_assets.catalog.parameters import date_parameters
from phase3_assets.catalog.tables import PublishedTable
from phase3_assets.errors import ConfigurationError
from phase3_assets.explaining.formula import Step, formulas
from phase3_assets.explaining.numbers import Calculated, calculated
from phase3_assets.publishing import audit as audits
from phase3_assets.publishing.game import Game
from phase3_assets.publishing.measure import kept_query
from phase3_assets.publishing.states import reader_state
from phase3_assets.publishing.survey import survey_with
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.suggestions import did_you_mean
from phase3_assets.warehouse.interface import Answers, Parameters, Query, Row, Session, Warehouse
from phase3_assets.warehouse.schema import check_schema

_ARRIVED = ("source_file_path", "snapshot_timestamp", "processed_at")
"""Columns of a raw table that say where a row came from and when."""


@dataclass(frozen=True)
class RawRow:
    """What one raw row says, in the columns that the explained column is computed of."""

    table: str
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


@dataclass
class CellExplained:
    """One column of the row."""

    column: str
    description: str
    value: Any
    calculated: Calculated | None
    """How it is computed from what is loaded now; None for a column that the publication adds."""
    raw: list[RawRow] = field(default_factory=list)
    versions: list[Version] = field(default_factory=list)
    checks: list[Row] = field(default_factory=list)
    """What the checks that read the column have measured on the date."""

    @property
    def is_current(self) -> bool:
        """Whether the SELECT gives the published value from what is loaded now."""
        return self.calculated is None or _same(self.value, self.calculated.value)


@dataclass
class Explanation:
    """A row of a published table, or why there is none."""

    table: str
    game_date: date
    key: str
    game_id: str | None
    missing: str | None = None
    """Why there is no such row; None where there is one."""
    cells: list[CellExplained] = field(default_factory=list)
    sources: dict[str, Any] = field(default_factory=dict)
    """Which raw tables serve the game, what its row says of their quality, and the game's state."""
    publication: dict[str, Any] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)
    """What the table's rules find in the row now."""
    rules: int = 0
    """How many rules the row is held against."""


def explain(
    warehouse: Warehouse,
    table: PublishedTable,
    day: date,
    key: str,
    columns: Sequence[str] = (),
    thresholds: Thresholds | None = None,
) -> Explanation:
    """Explain columns (all of them, by default) of the row with that key on a date. Writes nothing.

    `key` is the value of the key column beside the date: a team's code, or a player's key. Raises ConfigurationError
    for a column that the table does not have.
    """
    _require_columns(table, columns)
    limits = thresholds or Thresholds.from_environment()
    subject = subject_column(table)
    with warehouse.session(read_only=True) as session:
        check_schema(session)
        surveyed = survey_with(session, day, day, {"rows": _of_dates(table.contract, day)}, limits, [table])
        rows = surveyed.answers["rows"]
        found = next((row for row in rows if row[subject] == key), None)
        if found is None:
            reason, game_id = _why_missing(session, table, day, key, rows, surveyed.games)
            return Explanation(table.name, day, key, game_id, reason)
        game = surveyed.games.get(found["game_id"])
        explained = Explanation(table.name, day, key, found["game_id"])
        explained.cells = _cells(session, table, found, columns, surveyed.parameters)
        findings = audits.find(session, table, None, day, day, limits)
        explained.findings = [str(one) for one in findings if (one.game_id, one.subject) == (found["game_id"], key)]
        explained.rules = len(table.rules)
        if columns:
            _add_records(session, table, day, key, explained.cells, game)
        explained.sources = _sources(found, game)
        explained.publication = _publication(table, found, game)
    return explained


def subject_column(table: PublishedTable) -> str:
    """The key column beside the date."""
    return next(name for name in table.contract.key if name != table.contract.partition)


def _require_columns(table: PublishedTable, columns: Sequence[str]) -> None:
    for column in columns:
        if column not in table.contract.column_names:
            meant = did_you_mean(column, table.contract.column_names)
            hint = meant or f"; `phase3 describe {table.name}` lists its columns"
            raise ConfigurationError(f"{table.name} has no column {column!r}{hint}")


def _cells(
    session: Session, table: PublishedTable, found: Row, columns: Sequence[str], parameters: Parameters
) -> list[CellExplained]:
    """The columns, each with how it is computed now."""
    contract, subject = table.contract, subject_column(table)
    wanted = columns or contract.column_names
    computed = {column.name for column in contract.computed_columns}
    taken_apart = formulas(table.name, [name for name in wanted if name in computed])
    rows = session.query(taken_apart.sql, parameters)
    now = [row for row in rows if (row["game_id"], row[subject]) == (found["game_id"], found[subject])]
    cells = []
    for name in wanted:
        step = taken_apart.steps.get(name)
        how = None
        if step is not None and now:
            how = calculated(step, now[0], _counted_rows(session, step, now[0], parameters) if columns else {})
        cells.append(CellExplained(name, contract.column(name).description or "", found[name], how))
    return cells


def _counted_rows(session: Session, root: Step, now: Row, parameters: Parameters) -> Answers:
    """By the column of its value, the rows that each step below the root counts."""
    queries: dict[str, Query] = {}
    for step in root.every():
        if step.group:
            # As texts: a parameter that is NULL has no type.
            keys = {f"group_key_{number}": _key_text(now[column]) for number, column in enumerate(step.group.keys)}
            same = [
                f"COALESCE(CAST(counted.k{number} AS STRING), '') = @group_key_{number}" for number in range(len(keys))
            ]
            where = f"\nWHERE {' AND '.join(same)}" if same else ""
            sql = f"SELECT * FROM (\n{step.group.rows_sql}\n) AS counted{where}"
            queries[step.column] = (sql, {**parameters, **keys})
    return session.query_all(queries) if queries else {}


def _key_text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _add_records(
    session: Session, table: PublishedTable, day: date, key: str, cells: Sequence[CellExplained], game: Game | None
) -> None:
    """What raw rows say, what readers saw before, and what checks measured."""
    made_of = {cell.column: _raw_columns(table, cell.column) for cell in cells}
    answers = session.query_all(
        {
            "versions": (_versions_sql(table), {**date_parameters(day, day), "subject": key}),
            "measured": kept_query(day, day, table.name),
            **{name: _of_dates(raw_contracts()[name], day) for columns in made_of.values() for name in columns},
        },
        table.name,
    )
    for cell in cells:
        for name, columns in made_of[cell.column].items():
            about = [row for row in answers[name] if _is_about(row, key, game)]
            cell.raw += [
                RawRow(
                    name,
                    {column: row[column] for column in columns},
                    {part: row[part] for part in _ARRIVED if row.get(part) is not None},
                )
                for row in about
            ]
        cell.versions = _versions(answers["versions"], cell.column)
        reads = [name for name, text in table.rules.items() if re.search(rf"\b{cell.column}\b", text)]
        cell.checks = [row for row in answers["measured"] if row["check_name"] in reads]


def _of_dates(contract: Contract, day: date) -> Query:
    sql = f"SELECT * FROM {contract.full_name} WHERE {contract.partition} BETWEEN @start_date AND @end_date"
    return sql, date_parameters(day, day)


def _raw_columns(table: PublishedTable, column: str) -> dict[str, list[str]]:
    """By raw table, the columns that a column is computed of."""
    found: dict[str, list[str]] = {}
    for name, source in column_lineage(table.name).get(column, []):
        if name in raw_contracts():
            found.setdefault(name, []).append(source)
    return found


def _versions_sql(table: PublishedTable) -> str:
    contract = table.contract
    columns = ", ".join(contract.column_names)
    of_row = f"{contract.partition} BETWEEN @start_date AND @end_date AND {subject_column(table)} = @subject"
    return f"""SELECT {columns}, replaced_at FROM {contract.history().full_name} WHERE {of_row}
UNION ALL
SELECT {columns}, CAST(NULL AS TIMESTAMP) AS replaced_at FROM {contract.full_name} WHERE {of_row}"""


def _versions(rows: Sequence[Row], column: str) -> list[Version]:
    """What readers saw in the column, oldest first; one entry for as long as the value stayed."""
    found: list[Version] = []
    for row in sorted(rows, key=lambda row: (row["replaced_at"] is None, row["replaced_at"], row["processed_at"])):
        began = row["processed_at"]
        if found and _same(found[-1].value, row[column]):
            began = found.pop().published_at
        found.append(Version(row[column], row["publication_id"], began, row["replaced_at"]))
    return found


def _is_about(row: Mapping[str, Any], key: str, game: Game | None) -> bool:
    if "player_lookup" in row and len(key) > 3:
        return bool(row["player_lookup"] == key)
    if "team_abbr" in row and len(key) == 3:
        return bool(row["team_abbr"] == key)
    ids = {game.game_id, game.facts.get("nba_game_id")} if game else set()
    return row.get("game_id") in ids


def _sources(found: Row, game: Game | None) -> dict[str, Any]:
    """Which source serves the row and how good it is, as far as the table and the game say so."""
    of_row = {
        name: found[name] for name in ("primary_source_used", "quality_tier", "quality_issues") if found.get(name)
    }
    if game is None:
        return of_row
    state, reason = reader_state(game)
    of_game = {name: game.facts[name] for name in ("team_source", "player_source", "left_out") if game.facts.get(name)}
    return {**of_row, **of_game, "state": f"{state}: {reason}" if reason else state}


def _publication(table: PublishedTable, found: Row, game: Game | None) -> dict[str, Any]:
    decision = game.decisions.get(table.name) if game else None
    said = {
        "publication_id": found["publication_id"],
        "published_at": found["processed_at"],
        "code_version": found["code_version"],
        "is_current_code": found["code_version"] == table.code_version,
    }
    if decision is None:
        return said
    return {**said, "outcome": str(decision.outcome), "reason": decision.reason, "run_id": decision.run_id}


def _why_missing(
    session: Session, table: PublishedTable, day: date, key: str, rows: Sequence[Row], games: Mapping[str, Game]
) -> tuple[str, str | None]:
    """Why the table has no row with that key on the date, and the game that it would be of, where that can be told."""
    if not games:
        return f"no game is scheduled on {day}", None
    subject = subject_column(table)
    teams = {game.facts[f"{side}_team_abbr"]: game for game in games.values() for side in ("home", "away")}
    game = teams.get(key)
    if game is None and subject == "player_lookup":
        game = _game_of_player(session, day, key, games, teams)
    if game is not None:
        state, reason = reader_state(game)
        decision = game.decisions.get(table.name)
        why = decision.reason if decision and decision.reason else reason
        if game.visible_rows(table.name):
            return f"{game.game_id} is published in {table.name}, and no row of it is {key}'s: {why or 'left out'}", (
                game.game_id
            )
        return f"{game.game_id} is not in {table.name}; it is {state}{f': {why}' if why else ''}", game.game_id
    known = [str(row[subject]) for row in rows] or sorted(teams)
    return f"nothing that is loaded for {day} names {key!r}{did_you_mean(key, known)}", None


def _game_of_player(
    session: Session, day: date, key: str, games: Mapping[str, Game], teams: Mapping[str, Game]
) -> Game | None:
    """The game in whose raw rows a player is."""
    for contract in raw_contracts().values():
        if not {"player_lookup", "team_abbr"} <= set(contract.column_names):
            continue
        sql = (
            f"SELECT team_abbr FROM {contract.full_name} "
            f"WHERE {contract.partition} BETWEEN @start_date AND @end_date AND player_lookup = @subject"
        )
        for row in session.query(sql, {**date_parameters(day, day), "subject": key}):
            if row["team_abbr"] in teams:
                return teams[row["team_abbr"]]
    return None


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, (int, float, Decimal)) and isinstance(other, (int, float, Decimal)):
        return math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-9)
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return list(one) == list(other)
    return bool(one == other)
