"""Earlier versions of a date: which there are, what differs between two, and putting one back.

What belongs here: reading history and publishing from it. What doesn't: publishing new rows (publishing.py), lifting
the hold that a rollback leaves (interventions.py).
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from phase3_assets.audits import Finding, errors, find, summary
from phase3_assets.clock import later, utc_now
from phase3_assets.errors import ConfigurationError, PublicationError
from phase3_assets.interventions import intervention_moment, intervention_row
from phase3_assets.queries import prepared, sql_text
from phase3_assets.readiness import check_schema, date_parameters, survey
from phase3_assets.records import decided_last, new_publication_id, plain_event
from phase3_assets.tables import PublishedTable, bookkeeping_contracts
from phase3_assets.thresholds import Thresholds
from phase3_assets.warehouse import Row, Session, Warehouse

ROLLED_BACK = "rolled_back"
_IGNORED_IN_DIFF = ("data_hash", "publication_id", "code_version", "processed_at")


@dataclass(frozen=True)
class Difference:
    """One row that differs between two versions of a date."""

    key: tuple[str, ...]
    game_id: str
    kind: str
    """added, removed or changed."""
    columns: dict[str, tuple[Any, Any]]
    """Column to (before, after), for a changed row."""


def history(warehouse: Warehouse, table: PublishedTable, day: date) -> list[Row]:
    """Every publication that decided about the date, oldest first."""
    with warehouse.session(read_only=True) as session:
        return _history(session, table, day)


def diff(
    warehouse: Warehouse, table: PublishedTable, day: date, before: str | None = None, after: str | None = None
) -> list[Difference]:
    """What changed, by key and column, from publication `before` (the last but one) to `after` (the last)."""
    with warehouse.session(read_only=True) as session:
        versions = [row["publication_id"] for row in _history(session, table, day)]
        if not versions:
            raise ConfigurationError(f"{table.name} has no publication of {day}")
        after = after or versions[-1]
        before = before or (versions[versions.index(after) - 1] if versions.index(after) else None)
        old = _rows_as_of(session, table, day, before) if before else []
        new = _rows_as_of(session, table, day, after)
    key = [name for name in table.contract.key if name != table.contract.partition]
    return list(_differences(key, old, new))


def rollback(
    warehouse: Warehouse,
    table: PublishedTable,
    day: date,
    to: str,
    game_ids: Iterable[str],
    reason: str,
    thresholds: Thresholds,
    run_id: str,
) -> list[str]:
    """Make readers see the date as publication `to` left it, as a new publication, and hold it there.

    Returns the games put back. Raises ConfigurationError for an unknown publication, PublicationError where the rows of
    that time would fail an audit today; nothing is changed then.
    """
    wanted = set(game_ids)
    with warehouse.session() as session:
        session.run_id = run_id
        check_schema(session)
        games = survey(session, day, day)
        rows = [row for row in _rows_as_of(session, table, day, to) if not wanted or row["game_id"] in wanted]
        now = utc_now()
        publication_id = new_publication_id(now)
        by_game: dict[str, list[Row]] = {}
        for row in rows:
            decision = games[row["game_id"]].decisions.get(table.name) if row["game_id"] in games else None
            if decision and decision.visible_publication_id != row["publication_id"]:
                by_game.setdefault(row["game_id"], []).append(row)
        put_back = sorted(by_game)
        if not put_back:
            return []
        staged = _stage(session, table, day, to, put_back, publication_id)
        failed = [f for f in errors(find(session, table, staged, day, day, thresholds)) if f.game_id in by_game]
        _require_passing(failed)
        moment = later(utc_now(), decided_last(table, games.values()).get(day))
        made_at = intervention_moment(session, (games[game_id] for game_id in put_back))
        records, holds, events = [], [], []
        for game_id in put_back:
            game, before = games[game_id], games[game_id].decisions[table.name]
            text = f"{game.label}: rolled back to {to}: {reason}"
            records.append(
                {
                    "publication_id": publication_id,
                    "table_name": table.name,
                    "game_date": day,
                    "game_id": game_id,
                    "outcome": ROLLED_BACK,
                    "reason": f"rolled back to {to}: {reason}",
                    "row_count": len(by_game[game_id]),
                    "content_hash": _content_hash(by_game[game_id]),
                    "quality_tier": min(row["quality_tier"] for row in by_game[game_id]),
                    "visible_publication_id": publication_id,
                    # Nothing was computed: once the hold is lifted, the game is due, whatever was decided meanwhile.
                    "inputs_hash": None,
                    "code_version": before.code_version,
                    "run_id": run_id,
                    "started_at": now,
                    "finished_at": moment,
                }
            )
            holds.append(intervention_row("hold", table.name, game, True, text, run_id, made_at))
            events.append(plain_event("rollback", "WARNING", table.name, day, game_id, text, run_id, now))
        contracts = bookkeeping_contracts()
        with session.unit():
            replaced = {"replaced_by": publication_id, "replaced_at": now}
            session.keep_history(table.contract, put_back, day, day, replaced)
            session.replace_games(table.contract, put_back, day, day, staged)
            session.append(contracts["publications"], records)
            session.append(contracts["interventions"], holds)
            session.append(contracts["data_quality_events"], events)
    return put_back


def _history(session: Session, table: PublishedTable, day: date) -> list[Row]:
    parameters = {"table_name": table.name, "start_date": day, "end_date": day}
    return session.query(sql_text("bookkeeping/history"), parameters)


def _rows_as_of(session: Session, table: PublishedTable, day: date, publication_id: str) -> list[Row]:
    """The rows that readers saw of the date once that publication was done."""
    return session.query(_as_of_sql(table), _as_of_parameters(session, table, day, publication_id))


def _stage(
    session: Session, table: PublishedTable, day: date, to: str, game_ids: list[str], publication_id: str
) -> str:
    """The games' rows as publication `to` left them, under the id of the publication that brings them back."""
    text = (
        f"SELECT * REPLACE (@publication_id AS publication_id) FROM (\n{_as_of_sql(table)}\n) AS earlier "
        "WHERE game_id IN (SELECT g FROM UNNEST(@game_ids) AS g)"
    )
    parameters = {**_as_of_parameters(session, table, day, to), "game_ids": game_ids, "publication_id": publication_id}
    return session.stage(f"{table.name}__rollback", text, parameters)


def _as_of_parameters(session: Session, table: PublishedTable, day: date, publication_id: str) -> dict[str, Any]:
    moments: dict[str, datetime] = {r["publication_id"]: r["finished_at"] for r in _history(session, table, day)}
    if publication_id not in moments:
        raise ConfigurationError(
            f"{table.name} has no publication {publication_id} of {day}; `phase3 history {table.name} {day}` lists them"
        )
    return {**date_parameters(day, day), "table_name": table.name, "moment": moments[publication_id]}


def _as_of_sql(table: PublishedTable) -> str:
    columns = ", ".join(table.contract.column_names)
    key = ", ".join(table.contract.key)
    dates = "WHERE game_date BETWEEN @start_date AND @end_date"
    return prepared(f"""WITH versions AS (
  SELECT game_id, visible_publication_id
  FROM nba_phase3.publications
  {dates} AND table_name = @table_name AND finished_at <= @moment
  QUALIFY ROW_NUMBER() OVER (PARTITION BY game_id ORDER BY finished_at DESC, publication_id DESC) = 1
),
every_row AS (
  SELECT {columns} FROM {table.contract.full_name} {dates}
  UNION ALL
  SELECT {columns} FROM {table.contract.history().full_name} {dates}
)
SELECT every_row.*
FROM every_row
INNER JOIN versions
  ON versions.game_id = every_row.game_id AND versions.visible_publication_id = every_row.publication_id
QUALIFY ROW_NUMBER() OVER (PARTITION BY {key} ORDER BY every_row.processed_at) = 1""")


def _content_hash(rows: Iterable[Row]) -> str:
    """The hash a publication records of a game's rows, as publishing.py computes it in SQL."""
    return hashlib.md5("".join(sorted(row["data_hash"] for row in rows)).encode(), usedforsecurity=False).hexdigest()


def _require_passing(failed: list[Finding]) -> None:
    if failed:
        raise PublicationError(
            f"the rows of that time would not pass today's audit, nothing was changed: {summary(failed)}"
        )


def _differences(key: list[str], old: list[Row], new: list[Row]) -> Iterable[Difference]:
    before = {tuple(str(row[name]) for name in key): row for row in old}
    after = {tuple(str(row[name]) for name in key): row for row in new}
    for each in sorted(set(before) | set(after)):
        if each not in after:
            yield Difference(each, before[each]["game_id"], "removed", {})
        elif each not in before:
            yield Difference(each, after[each]["game_id"], "added", {})
        else:
            columns = {
                name: (before[each][name], value)
                for name, value in after[each].items()
                if name not in _IGNORED_IN_DIFF and before[each][name] != value
            }
            if columns:
                yield Difference(each, after[each]["game_id"], "changed", columns)
