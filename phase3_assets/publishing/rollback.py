"""Earlier versions of a date: which there are, what differs between two, and putting one back.

What belongs here: reading history and publishing from it. What doesn't: publishing new rows (publish.py), lifting
the hold that a rollback leaves (interventions.py).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from phase3_assets.catalog.parameters import date_parameters
from phase3_assets.catalog.queries import prepared, sql_text
from phase3_assets.catalog.tables import PublishedTable, bookkeeping_contracts
from phase3_assets.catalog.versions import rows_sql, versions_sql
from phase3_assets.clock import later
from phase3_assets.errors import ConfigurationError, PublicationError
from phase3_assets.publishing.audit import Finding, errors, find, summary
from phase3_assets.publishing.game import Decision, Game
from phase3_assets.publishing.interventions import HOLD, Intervention, intervention_moment
from phase3_assets.publishing.records import QualityEvent, decided_last, new_publication_id
from phase3_assets.publishing.standing import NOTHING_AGAINST_IT
from phase3_assets.publishing.survey import require_scheduled, survey
from phase3_assets.publishing.vocabulary import EventSeverity, Outcome, SourceState
from phase3_assets.publishing.work import Work
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.interface import Row, Session, Warehouse
from phase3_assets.warehouse.schema import check_schema

NOT_KEPT = "not kept"
"""Kind of the one Difference of a game that cannot be compared: one of its versions was pruned or changed since."""
_A_YEAR = timedelta(days=366)
_IGNORED_IN_DIFF = ("data_hash", "publication_id", "code_version", "processed_at")


@dataclass(frozen=True)
class Difference:
    """One row that differs between two versions of a date, or one game that cannot be compared."""

    key: tuple[str, ...]
    game_id: str
    kind: str
    """added, removed or changed for a row; NOT_KEPT, with an empty key, for a game."""
    columns: dict[str, tuple[Any, Any]]
    """Column to (before, after), for a changed row."""


@dataclass
class PutBack:
    """What a rollback did."""

    games: list[str] = field(default_factory=list)
    """The games whose earlier rows readers see now."""
    left: dict[str, str] = field(default_factory=dict)
    """The games that differ from that time and stay as they are, each with the reason."""


def history(warehouse: Warehouse, table: PublishedTable, day: date) -> list[Row]:
    """Every publication that decided about the date, oldest first."""
    with warehouse.session(read_only=True) as session:
        return _history(session, table, day)


def no_publication(warehouse: Warehouse, table: PublishedTable, day: date) -> str:
    """What to say of a date that the table has no publication of: the nearest dates that it has one of."""
    with warehouse.session(read_only=True) as session:
        return _no_publication(session, table, day)


def diff(
    warehouse: Warehouse, table: PublishedTable, day: date, before: str | None = None, after: str | None = None
) -> list[Difference]:
    """What changed, by key and column, between two publications of the date.

    `after` is by default the last publication, `before` the one before `after`. Raises ConfigurationError for an
    unknown publication, and for a date that has none, with the nearest dates that have one.
    """
    with warehouse.session(read_only=True) as session:
        versions = [row["publication_id"] for row in _history(session, table, day)]
        if not versions:
            raise ConfigurationError(_no_publication(session, table, day))
        after = after or versions[-1]
        new, new_versions = _version(session, table, day, after)
        before = before or (versions[versions.index(after) - 1] if versions.index(after) else None)
        old, old_versions = _version(session, table, day, before) if before else ([], {})
    unknown = _not_kept(old_versions, new_versions)
    key = [name for name in table.contract.key if name != table.contract.partition]
    return [Difference((), game_id, NOT_KEPT, {}) for game_id in sorted(unknown)] + [
        difference for difference in _differences(key, old, new) if difference.game_id not in unknown
    ]


def rollback(
    warehouse: Warehouse,
    table: PublishedTable,
    day: date,
    to: str,
    game_ids: Iterable[str],
    reason: str,
    thresholds: Thresholds,
    run_id: str,
) -> PutBack:
    """Publish the date again as publication `to` left it, and hold it there.

    A game stays as it is if it is void now, or if it had no rows then or none of them are kept. Raises
    ConfigurationError for an unknown publication or game. Raises PublicationError where rows of that time are not those
    that were published, or would fail an audit today. Nothing is changed where it raises.
    """
    wanted = set(game_ids)
    with warehouse.session(run_id=run_id) as session:
        check_schema(session)
        work = Work(session, day, day, run_id, thresholds)
        games = survey(session, day, day, tables=[table])
        parameters = _as_of_parameters(session, table, day, to)
        versions = {row["game_id"]: row for row in session.query(versions_sql(table), parameters)}
        require_scheduled(wanted - set(versions), games, day, day)
        report = _to_put_back(table, games, versions, wanted)
        _require_whole(table, [versions[game_id] for game_id in report.games])
        if report.games:
            way_back = _WayBack(work, table, to, reason, new_publication_id(work.now()), work.now())
            staged = _stage(session, table, report.games, way_back.publication_id, parameters)
            failed = errors(find(session, table, staged, day, day, thresholds))
            _require_passing([finding for finding in failed if finding.game_id in report.games])
            way_back.write(games, {game_id: versions[game_id] for game_id in report.games}, staged)
    return report


def _to_put_back(
    table: PublishedTable, games: Mapping[str, Game], versions: Mapping[str, Row], wanted: Collection[str]
) -> PutBack:
    """The games to put back, and those that stay as they are, among the games asked for (all, where none is named)."""
    report = PutBack()
    for game_id in sorted(wanted or {*games, *versions}):
        game, version = games.get(game_id), versions.get(game_id)
        obstacle = _obstacle(table, game, version)
        if obstacle:
            report.left[game_id] = obstacle
        elif game and version and _visible(table, game) != version["visible_publication_id"]:
            report.games.append(game_id)
    return report


@dataclass(frozen=True)
class _WayBack:
    """One return to an earlier version: a publication of rows that were published before."""

    work: Work
    table: PublishedTable
    to: str
    """The publication whose version returns."""
    reason: str
    publication_id: str
    started: datetime

    def write(self, games: Mapping[str, Game], versions: Mapping[str, Row], staged: str) -> None:
        """Swap the staged rows in, with their records, holds and events, all or nothing; `versions` by game_id."""
        work, session, contract, ids = self.work, self.work.session, self.table.contract, list(versions)
        day = work.start
        finished = later(work.now(), decided_last(self.table, games.values()).get(day))
        made_at = intervention_moment(session, (games[game_id] for game_id in ids))
        decisions = [self._decision(games[game_id], versions[game_id], finished) for game_id in ids]
        holds, events = [], []
        for game_id in ids:
            text = f"{games[game_id].label}: {self._sentence}"
            hold = Intervention(HOLD, self.table.name, True, text)
            holds.append(hold.as_row(work, games[game_id], made_at))
            event = QualityEvent("rollback", EventSeverity.WARNING, self.table.name, day, game_id, text)
            events.append(event.as_row(work))
        bookkeeping = bookkeeping_contracts()
        with session.unit():
            replaced = {"replaced_by": self.publication_id, "replaced_at": finished}
            session.keep_history(contract, ids, day, day, replaced)
            session.replace_games(contract, ids, day, day, staged)
            session.append(bookkeeping["publications"], [decision.as_row() for decision in decisions])
            session.append(bookkeeping["interventions"], holds)
            session.append(bookkeeping["data_quality_events"], events)

    @property
    def _sentence(self) -> str:
        return f"rolled back to {self.to}: {self.reason}"

    def _decision(self, game: Game, version: Row, finished: datetime) -> Decision:
        return Decision(
            publication_id=self.publication_id,
            table_name=self.table.name,
            game_date=game.game_date,
            game_id=game.game_id,
            outcome=Outcome.ROLLED_BACK,
            reason=self._sentence,
            standing=NOTHING_AGAINST_IT,
            row_count=version["row_count"],
            content_hash=version["content_hash"],
            quality_tier=version["quality_tier"],
            visible_publication_id=self.publication_id,
            # Nothing was computed: once the hold is lifted, the game is due, whatever was decided in the meantime.
            inputs_hash=None,
            inputs_version=None,
            is_hindsight=version["is_hindsight"],
            code_version=game.decisions[self.table.name].code_version,
            run_id=self.work.run_id,
            started_at=self.started,
            finished_at=finished,
        )


def _obstacle(table: PublishedTable, game: Game | None, version: Row | None) -> str | None:
    """Why a game that differs from that time stays as it is; None where it can be put back, or nothing differs."""
    had_rows = version is not None and version["row_count"] > 0
    if game is None:
        return "the schedule lists it no longer" if had_rows else None
    if version is None or not had_rows:
        why = (
            "readers saw no rows of it then" if version else "no decision of then is kept: it came later, or is pruned"
        )
        return why if game.visible_rows(table.name) else None
    if version["visible_publication_id"] == _visible(table, game):
        return None
    if game.source_state is SourceState.VOID:
        return f"it is void: {game.facts['source_reason']}"
    return None if version["kept_rows"] else f"no rows of publication {version['visible_publication_id']} are kept"


def _visible(table: PublishedTable, game: Game) -> str | None:
    """The publication that wrote the rows readers see of the game now."""
    decision = game.decisions.get(table.name)
    return decision.visible_publication_id if decision else None


def _history(session: Session, table: PublishedTable, day: date) -> list[Row]:
    parameters = {"table_name": table.name, "start_date": day, "end_date": day}
    return session.query(sql_text("bookkeeping/queries/history"), parameters)


def _no_publication(session: Session, table: PublishedTable, day: date) -> str:
    dates = {"day": day, "start_date": day - _A_YEAR, "end_date": day + _A_YEAR}
    (row,) = session.query(sql_text("bookkeeping/queries/nearest_publications"), {"table_name": table.name, **dates})
    near = [str(found) for found in (row["latest_date"], row["next_date"]) if found is not None]
    said = f"{table.name} has no publication of {day}"
    if not near:
        return f"{said}, nor of any date in the year before or after; `phase3 backfill START END` publishes"
    return f"{said}; the nearest {'dates' if len(near) == 2 else 'date'} with publications: {' and '.join(near)}"


def _version(
    session: Session, table: PublishedTable, day: date, publication_id: str
) -> tuple[list[Row], dict[str, Row]]:
    """The rows that readers saw of the date once that publication was done, as far as they are kept.

    Also returns what was recorded about them, by game_id.
    """
    parameters = _as_of_parameters(session, table, day, publication_id)
    answers = session.query_all(
        {"rows": (prepared(rows_sql(table)), parameters), "versions": (versions_sql(table), parameters)}, table.name
    )
    return answers["rows"], {row["game_id"]: row for row in answers["versions"]}


def _not_kept(old: Mapping[str, Row], new: Mapping[str, Row]) -> set[str]:
    """The games that cannot be compared: one side's rows, or all decisions until then, are not kept."""
    present = {**old, **new}
    changed = {row["game_id"] for versions in (old, new) for row in versions.values() if not _is_whole(row)}
    return changed | {game_id for game_id in set(old) ^ set(new) if present[game_id]["rows_before"]}


def _stage(
    session: Session, table: PublishedTable, game_ids: list[str], publication_id: str, parameters: dict[str, Any]
) -> str:
    """Stage the games' rows as they were at that moment, under the id of the publication that brings them back."""
    text = (
        f"SELECT * REPLACE ({table.contract.row_hash('earlier')} AS data_hash, @publication_id AS publication_id) "
        f"FROM (\n{rows_sql(table)}\n) AS earlier WHERE game_id IN (SELECT g FROM UNNEST(@game_ids) AS g)"
    )
    values = {**parameters, "game_ids": game_ids, "publication_id": publication_id}
    return session.stage(f"{table.name}__rollback", prepared(text), values)


def _as_of_parameters(session: Session, table: PublishedTable, day: date, publication_id: str) -> dict[str, Any]:
    moments: dict[str, datetime] = {r["publication_id"]: r["finished_at"] for r in _history(session, table, day)}
    if publication_id not in moments:
        raise ConfigurationError(
            f"{table.name} has no publication {publication_id} of {day}; `phase3 history {table.name} {day}` lists them"
        )
    return {**date_parameters(day, day), "table_name": table.name, "moment": moments[publication_id]}


def _is_whole(version: Row) -> bool:
    """Whether the rows kept of a version are those that were published."""
    return version["kept_rows"] == version["row_count"] and (
        not version["row_count"] or version["kept_hash"] == version["content_hash"]
    )


def _require_whole(table: PublishedTable, versions: Iterable[Row]) -> None:
    """Raise PublicationError where the rows kept of a version are not those that were published.

    Rows that somebody changed by hand are in history too, under the id of the publication they had belonged to.
    """
    spoiled = [
        f"{version['game_id']} ({version['kept_rows']} rows kept of publication {version['visible_publication_id']}, "
        f"which published {version['row_count']})"
        for version in versions
        if not _is_whole(version)
    ]
    if spoiled:
        raise PublicationError(
            f"{table.name}: the rows kept of that time are not those that were published: {', '.join(spoiled)}. "
            "They were changed by hand, or the table has other columns since. Nothing was changed; choose another "
            "publication, or the other games with --game."
        )


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
