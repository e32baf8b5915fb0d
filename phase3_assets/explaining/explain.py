"""explain(): everything that is known of why a published cell, or a row that is not there, is as it is.

What belongs here: asking the warehouse, and putting the answers together. What doesn't: taking SELECTs apart
(formula.py), writing numbers into formulas (numbers.py), saying it in lines (text.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from phase3_assets.catalog.contracts import raw_contracts
from phase3_assets.catalog.parameters import date_parameters
from phase3_assets.catalog.quality_issues import COLUMN, meanings
from phase3_assets.catalog.tables import PublishedTable
from phase3_assets.errors import ConfigurationError
from phase3_assets.explaining.cells import CellExplained, cells_of
from phase3_assets.explaining.records import Records, of_dates
from phase3_assets.publishing import audit as audits
from phase3_assets.publishing.game import Game
from phase3_assets.publishing.states import reader_state
from phase3_assets.publishing.survey import survey_with
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.suggestions import did_you_mean
from phase3_assets.warehouse.interface import Row, Session, Warehouse
from phase3_assets.warehouse.schema import check_schema


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
    issues: dict[str, str] = field(default_factory=dict)
    """What each quality issue of the row means, by its word without details."""
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
    subject = table.contract.subject
    with warehouse.session(read_only=True) as session:
        check_schema(session)
        surveyed = survey_with(session, day, day, {"rows": of_dates(table.contract, day)}, limits, [table])
        rows = surveyed.answers["rows"]
        found = next((row for row in rows if row[subject] == key), None)
        if found is None:
            reason, game_id = _why_missing(session, table, day, key, rows, surveyed.games)
            return Explanation(table.name, day, key, game_id, reason)
        game = surveyed.games.get(found["game_id"])
        explained = Explanation(table.name, day, key, found["game_id"])
        explained.cells = cells_of(session, table, found, columns, surveyed.parameters)
        findings = audits.find(session, table, None, day, day, limits)
        explained.findings = [str(one) for one in findings if (one.game_id, one.subject) == (found["game_id"], key)]
        explained.rules = len(table.rules)
        if columns:
            made_of = {cell.column: cell.origins for cell in explained.cells}
            records = Records(session, table, day, key, made_of)
            for cell in explained.cells:
                cell.raw = records.raw_rows(cell.column, game)
                cell.versions = records.versions(cell.column)
                cell.checks = records.measured(cell.column)
        explained.sources = _sources(found, game)
        explained.issues = meanings(table.name, found.get(COLUMN) or ())
        explained.publication = _publication(table, found, game)
    return explained


def _require_columns(table: PublishedTable, columns: Sequence[str]) -> None:
    for column in columns:
        if column not in table.contract.column_names:
            meant = did_you_mean(column, table.contract.column_names)
            hint = meant or f"; `phase3 describe {table.name}` lists its columns"
            raise ConfigurationError(f"{table.name} has no column {column!r}{hint}")


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
    subject = table.contract.subject
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
