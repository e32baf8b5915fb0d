"""Write, audit, publish: how rows become visible, the same for every table, caller and engine. Knows no Dagster.

What belongs here: the order of a publication (gate, stage, audit, compare, decide, publish, record) and the decision
per game. What doesn't: which rows are right (sql/), what a game waits for (readiness.py), how an engine writes
(warehouse/).

A reader never sees an unaudited row, and one game never stops another: rows are computed aside, audited aside, and only
games whose every rule holds are swapped in, in one atomic step together with their history, records and state.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache

from phase3_assets import audits
from phase3_assets.audits import Finding
from phase3_assets.checking import Verdict, check_in_session
from phase3_assets.clock import utc_now
from phase3_assets.errors import ConfigurationError
from phase3_assets.interventions import waive_by_age
from phase3_assets.queries import prepared, sql_text
from phase3_assets.readiness import (
    Decision,
    Game,
    changed_readiness,
    check_schema,
    date_parameters,
    gate,
    survey,
)
from phase3_assets.records import event, new_publication_id
from phase3_assets.tables import (
    PublishedTable,
    bookkeeping_contracts,
    published_tables,
    readiness_contract,
)
from phase3_assets.thresholds import Thresholds
from phase3_assets.warehouse import Row, Session, Warehouse

Progress = Callable[[str], None]
_TIER_RANK = {"gold": 3, "silver": 2, "bronze": 1}


@dataclass(frozen=True)
class Request:
    """What to publish: dates, and optionally only some games; `repair` computes even what looks decided."""

    start: date
    end: date
    game_ids: frozenset[str] | None = None
    run_id: str = "manual"
    repair: bool = False

    def covers(self, game: Game) -> bool:
        """Whether the request is about this game."""
        return self.game_ids is None or game.game_id in self.game_ids


@dataclass(frozen=True)
class GameOutcome:
    """What a publication did with one game of one table."""

    game_date: date
    game_id: str
    outcome: str
    """published, unchanged, kept, quarantined, withdrawn, or gated where the table may not work on the game yet."""
    reason: str | None = None
    rows: int = 0
    rows_added: int = 0
    rows_changed: int = 0
    rows_removed: int = 0
    findings: tuple[Finding, ...] = ()

    @property
    def is_held_back(self) -> bool:
        """Whether a final game's rows are not, or not in their newest version, visible because of this table."""
        return self.outcome == "quarantined" or (self.outcome == "gated" and not (self.reason or "").startswith(_QUIET))


_QUIET = ("scheduled", "live", "void", "waived")


@dataclass
class TableReport:
    """What a publication did with one table."""

    table: str
    publication_id: str
    games: list[GameOutcome] = field(default_factory=list)
    seconds: float = 0.0

    def of_date(self, day: date) -> list[GameOutcome]:
        """The outcomes of one date."""
        return [game for game in self.games if game.game_date == day]

    def count(self, outcome: str) -> int:
        """How many games had that outcome."""
        return sum(game.outcome == outcome for game in self.games)


@dataclass
class Publication:
    """What one pass over a range did: every scheduled game as it stands now, and a report per table."""

    games: dict[str, Game]
    reports: list[TableReport] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)

    @property
    def held_back(self) -> list[GameOutcome]:
        """The final games that some table does not show, or not in their newest version; one outcome per game."""
        first: dict[str, GameOutcome] = {}
        for report in self.reports:
            for outcome in report.games:
                if outcome.is_held_back:
                    first.setdefault(outcome.game_id, outcome)
        return list(first.values())


def publish(
    warehouse: Warehouse,
    request: Request,
    tables: Sequence[PublishedTable] | None = None,
    thresholds: Thresholds | None = None,
    progress: Progress = lambda line: None,
) -> Publication:
    """Publish every table of `tables` (all, in lineage order, by default) for the request's range.

    Each table is complete, visible and checked before the next one starts. Raises Phase3Error where nothing was done.
    """
    chosen = published_tables() if tables is None else [t for t in published_tables() if t in tables]
    with warehouse.session() as session:
        check_schema(session)
        games = survey(session, request.start, request.end)
        _require_known(request, games)
        publication = Publication(games)
        limits = thresholds or Thresholds()
        _store_readiness(session, request, games, limits)
        progress(f"surveyed {len(games)} scheduled games")
        for table in chosen:
            report = _publish_table(session, request, table, games, limits)
            publication.reports.append(report)
            publication.verdicts += check_in_session(
                session, request.start, request.end, games, [table], limits, request.run_id, utc_now()
            )
            progress(
                f"{table.name}: {report.count('published')} games published, {report.count('unchanged')} unchanged, "
                f"{sum(game.is_held_back for game in report.games)} held back ({report.seconds:.2f} s)"
            )
    return publication


def refresh_readiness(warehouse: Warehouse, request: Request, thresholds: Thresholds | None = None) -> dict[str, Game]:
    """Bring nba_phase3.game_readiness up to date for the request's range; returns the games surveyed."""
    with warehouse.session() as session:
        check_schema(session)
        games = survey(session, request.start, request.end)
        _store_readiness(session, request, games, thresholds or Thresholds())
    return games


def audit(
    warehouse: Warehouse, request: Request, tables: Sequence[PublishedTable], thresholds: Thresholds, staged: bool
) -> list[tuple[PublishedTable, Finding]]:
    """What the rules say of the rows published now, or (staged) of the rows a publication would stage now.

    Writes nothing a reader can see.
    """
    findings = []
    with warehouse.session(read_only=True) as session:
        check_schema(session)
        games = survey(session, request.start, request.end)
        _require_known(request, games)
        for table in tables:
            relation = None
            if staged:
                ready = [game for game in games.values() if request.covers(game) and game.source_state == "ready"]
                if not ready:
                    continue
                relation = _stage(session, table, ready, "audit", utc_now())
            found = audits.find(session, table, relation, request.start, request.end, thresholds)
            findings += [(table, f) for f in found if request.game_ids is None or f.game_id in request.game_ids]
    return findings


def _require_known(request: Request, games: dict[str, Game]) -> None:
    unknown = sorted((request.game_ids or frozenset()) - set(games))
    if unknown:
        raise ConfigurationError(
            f"no game {', '.join(unknown)} is scheduled from {request.start} to {request.end}; nothing was done. "
            "`phase3 status` lists the games of a date."
        )


def _publish_table(
    session: Session, request: Request, table: PublishedTable, games: dict[str, Game], thresholds: Thresholds
) -> TableReport:
    started = utc_now()
    publication_id = new_publication_id(started)
    report = TableReport(table.name, publication_id)
    due: list[Game] = []
    recorded: list[GameOutcome] = []
    for game in filter(request.covers, games.values()):
        verdict = _without_computing(game, table, request.repair)
        if verdict is None:
            due.append(game)
        elif verdict.outcome == "unchanged" or verdict.outcome == "gated" or _is_known(game, table, verdict):
            report.games.append(verdict)
        else:
            recorded.append(verdict)
    staging, reviews = _stage_and_review(session, table, due, publication_id, thresholds, started)
    recorded += [_decide(game, table, reviews.get(game.game_id)) for game in due]
    _write(session, request, table, games, staging, recorded, reviews, publication_id, started)
    report.games = sorted(report.games + recorded, key=lambda outcome: (outcome.game_date, outcome.game_id))
    report.seconds = (utc_now() - started).total_seconds()
    return report


def _without_computing(game: Game, table: PublishedTable, repair: bool) -> GameOutcome | None:
    """The outcome of a game that needs no rows computed; None for one that does."""
    decision = game.decisions.get(table.name)
    visible = game.visible_rows(table.name)
    reason = game.facts["source_reason"]
    if game.source_state == "void" and visible:
        return GameOutcome(game.game_date, game.game_id, "withdrawn", reason, rows_removed=visible)
    if game.source_state != "ready" and visible:
        return GameOutcome(game.game_date, game.game_id, "kept", f"source_lost: {reason or game.source_state}", visible)
    if table.name in game.holds:
        return GameOutcome(game.game_date, game.game_id, "unchanged", f"held: {game.holds[table.name]}", visible)
    blocked = gate(game, table)
    if blocked:
        return GameOutcome(game.game_date, game.game_id, "gated", blocked, visible)
    if decision and game.is_decided(table) and not repair:
        held = decision.outcome == "quarantined"
        outcome = "quarantined" if held else "unchanged"
        return GameOutcome(game.game_date, game.game_id, outcome, decision.reason, visible)
    return None


def _is_known(game: Game, table: PublishedTable, verdict: GameOutcome) -> bool:
    decision = game.decisions.get(table.name)
    return decision is not None and (decision.outcome, decision.reason) == (verdict.outcome, verdict.reason)


@dataclass
class _Review:
    """What one look at a staged game found: the difference to what is published, and the rules' findings."""

    row: Row
    findings: list[Finding]


def _stage_and_review(
    session: Session,
    table: PublishedTable,
    due: Sequence[Game],
    publication_id: str,
    thresholds: Thresholds,
    started: datetime,
) -> tuple[str | None, dict[str, _Review]]:
    if not due:
        return None, {}
    start, end = min(game.game_date for game in due), max(game.game_date for game in due)
    parameters = {**date_parameters(start, end), "game_ids": [game.game_id for game in due]}
    staging = _stage(session, table, due, publication_id, started)
    reviews = {
        row["game_id"]: _Review(row, [])
        for row in session.query(_compare_sql(table.name).replace("staged_relation", staging), parameters)
    }
    for finding in audits.find(session, table, staging, start, end, thresholds):
        reviews[finding.game_id].findings.append(finding)
    return staging, reviews


def _stage(session: Session, table: PublishedTable, due: Sequence[Game], publication_id: str, started: datetime) -> str:
    """Compute the games' rows aside, in one query for all of them; returns how to name them."""
    start, end = min(game.game_date for game in due), max(game.game_date for game in due)
    record = {"publication_id": publication_id, "code_version": table.code_version, "processed_at": started}
    parameters = {**date_parameters(start, end), "game_ids": [game.game_id for game in due], **record}
    return session.stage(f"{table.name}__staged", stage_sql(table.name), parameters)


def _decide(game: Game, table: PublishedTable, review: _Review | None) -> GameOutcome:
    """What becomes of one game whose rows were computed."""
    visible = game.visible_rows(table.name)
    if review is None or not review.row["staged_rows"]:
        return GameOutcome(
            game.game_date, game.game_id, "quarantined", "no rows: the game is final, none came", visible
        )
    findings, row = tuple(review.findings), review.row
    failed = audits.errors(findings)
    if failed:
        return GameOutcome(
            game.game_date, game.game_id, "quarantined", audits.summary(failed), visible, findings=findings
        )
    decision = game.decisions.get(table.name)
    published_tier = decision.quality_tier if decision and visible else None
    if _TIER_RANK.get(row["staged_tier"], 0) < _TIER_RANK.get(published_tier or "", 0):
        reason = f"better_source_published: {published_tier} stays, {row['staged_tier']} offered"
        return GameOutcome(game.game_date, game.game_id, "kept", reason, visible, findings=findings)
    changes = (row["rows_added"], row["rows_changed"], row["rows_removed"])
    outcome = "published" if any(changes) else "unchanged"
    return GameOutcome(game.game_date, game.game_id, outcome, None, row["staged_rows"], *changes, findings)


def _write(
    session: Session,
    request: Request,
    table: PublishedTable,
    games: dict[str, Game],
    staging: str | None,
    recorded: Sequence[GameOutcome],
    reviews: dict[str, _Review],
    publication_id: str,
    started: datetime,
) -> None:
    """Swap in what passed, together with history, records, events and states, all or nothing."""
    if not recorded:
        return
    now = utc_now()
    events = list(_events(table, games, recorded, request.run_id, now))
    records = []
    for outcome in recorded:
        game = games[outcome.game_id]
        record = _record(
            game, table, outcome, reviews.get(outcome.game_id), publication_id, request.run_id, started, now
        )
        records.append(record)
        game.decisions[table.name] = Decision.from_row(record)
    published = [outcome.game_id for outcome in recorded if outcome.outcome == "published"]
    withdrawn = [outcome.game_id for outcome in recorded if outcome.outcome == "withdrawn"]
    start, end = min(o.game_date for o in recorded), max(o.game_date for o in recorded)
    replaced = {"replaced_by": publication_id, "replaced_at": now}
    bookkeeping = bookkeeping_contracts()
    with session.unit():
        if published or withdrawn:
            session.keep_history(table.contract, published + withdrawn, start, end, replaced)
        if published:
            session.replace_games(table.contract, published, start, end, staging)
        if withdrawn:
            session.replace_games(table.contract, withdrawn, start, end, None)
        session.append(bookkeeping["publications"], records)
        session.append(bookkeeping["data_quality_events"], events)
        if published:
            session.require_none(
                game_count_sql(table.name),
                {**date_parameters(start, end), "table_name": table.name, "game_ids": published},
                f"{table.name}: the rows written are not the rows staged; nothing was published",
            )
        _write_readiness(session, request, games)


def _store_readiness(session: Session, request: Request, games: dict[str, Game], limits: Thresholds) -> None:
    stored = {row["game_id"]: row for row in _stored_readiness(session, request)}
    waive_by_age(session, games.values(), stored, limits.waive_after_days, request.run_id, utc_now())
    with session.unit():
        _write_readiness(session, request, games)


def _stored_readiness(session: Session, request: Request) -> list[Row]:
    return session.query(
        f"SELECT * FROM {readiness_contract().full_name} WHERE game_date BETWEEN @start_date AND @end_date",
        date_parameters(request.start, request.end),
    )


def _write_readiness(session: Session, request: Request, games: dict[str, Game]) -> None:
    contract = readiness_contract()
    rows = changed_readiness(_stored_readiness(session, request), games.values(), request.run_id, utc_now())
    if rows:
        session.replace_games(contract, [row["game_id"] for row in rows], request.start, request.end, rows)


def _record(
    game: Game,
    table: PublishedTable,
    outcome: GameOutcome,
    review: _Review | None,
    publication_id: str,
    run_id: str,
    started: datetime,
    now: datetime,
) -> Row:
    before = game.decisions.get(table.name)
    is_new = outcome.outcome == "published"
    is_gone = outcome.outcome == "withdrawn"
    stands = before if before and before.row_count and not (is_new or is_gone) else None
    return {
        "publication_id": publication_id,
        "table_name": table.name,
        "game_date": game.game_date,
        "game_id": game.game_id,
        "outcome": outcome.outcome,
        "reason": outcome.reason,
        "row_count": outcome.rows,
        "content_hash": review.row["content_hash"] if is_new and review else stands.content_hash if stands else None,
        "quality_tier": review.row["staged_tier"] if is_new and review else stands.quality_tier if stands else None,
        "visible_publication_id": publication_id if is_new else stands.visible_publication_id if stands else None,
        "rows_staged": review.row["staged_rows"] if review else None,
        "rows_added": outcome.rows_added,
        "rows_changed": outcome.rows_changed,
        "rows_removed": outcome.rows_removed,
        "inputs_hash": game.inputs_hash(table),
        "findings": json.dumps([finding.as_json() for finding in outcome.findings]),
        "code_version": table.code_version,
        "run_id": run_id,
        "started_at": started,
        "finished_at": now,
    }


_EVENTS = {
    "quarantined": ("game_quarantined", "CRITICAL"),
    "withdrawn": ("game_withdrawn", "WARNING"),
    "kept": ("game_kept", "WARNING"),
}


def _events(
    table: PublishedTable, games: dict[str, Game], recorded: Iterable[GameOutcome], run_id: str, now: datetime
) -> Iterable[Row]:
    """One event per change of state: held back, released, withdrawn, kept against a worse source, rows left out."""
    for outcome in recorded:
        game = games[outcome.game_id]
        before = game.decisions.get(table.name)
        was_held = before is not None and before.outcome == "quarantined"
        kinds = []
        if outcome.outcome in _EVENTS and not _is_known(game, table, outcome):
            kinds.append((*_EVENTS[outcome.outcome], f"{game.label}: {outcome.reason}"))
        if was_held and outcome.outcome in ("published", "unchanged"):
            kinds.append(("game_released", "INFO", f"{game.label} passes its audit again"))
        if outcome.outcome == "published" and game.facts["left_out"] and "player_rows" in table.views:
            text = f"{game.label}: left out, team unknown: {game.facts['left_out']}"
            kinds.append(("player_rows_left_out", "WARNING", text))
        for event_type, severity, description in kinds:
            yield event(
                event_type,
                severity,
                table,
                outcome.game_date,
                outcome.game_id,
                description,
                outcome.findings,
                run_id,
                now,
            )


@cache
def stage_sql(table_name: str) -> str:
    """The table's SELECT for @game_ids, typed as its contract says, with hash and publication columns.

    SAFE_CAST: a figure beyond its column's type becomes NULL for an audit to find, and fails no other game.
    """
    table = PublishedTable(table_name)
    typed = ",\n  ".join(f"SAFE_CAST({c.name} AS {c.type}) AS {c.name}" for c in table.contract.computed_columns)
    return prepared(f"""SELECT
  typed.*,
  {table.contract.row_hash("typed")} AS data_hash,
  @publication_id AS publication_id,
  @code_version AS code_version,
  @processed_at AS processed_at
FROM (
SELECT
  {typed}
FROM (
{table.select}
) AS computed
WHERE game_id IN (SELECT due FROM UNNEST(@game_ids) AS due)
) AS typed""")


@cache
def _compare_sql(table_name: str) -> str:
    """Staged against published rows, by key and hash, a row per game. The published hash is computed anew, so that rows
    changed by hand count as different."""
    contract = PublishedTable(table_name).contract
    key = [name for name in contract.key if name != contract.partition]
    same_key = " AND ".join(f"published.{name} = staged.{name}" for name in ("game_date", "game_id", *key))
    keys = ", ".join(key)
    return prepared(f"""SELECT
  COALESCE(staged.game_id, published.game_id) AS game_id,
  COUNT(staged.data_hash) AS staged_rows,
  COUNTIF(published.data_hash IS NULL) AS rows_added,
  COUNTIF(published.data_hash <> staged.data_hash) AS rows_changed,
  COUNTIF(staged.data_hash IS NULL) AS rows_removed,
  TO_HEX(MD5(STRING_AGG(staged.data_hash, '' ORDER BY staged.data_hash))) AS content_hash,
  MIN(staged.quality_tier) AS staged_tier
FROM (
  SELECT game_date, game_id, {keys}, data_hash, quality_tier FROM staged_relation
) AS staged
FULL JOIN (
  SELECT game_date, game_id, {keys}, {contract.row_hash("target")} AS data_hash
  FROM {contract.full_name} AS target
  WHERE game_date BETWEEN @start_date AND @end_date
    AND game_id IN (SELECT due FROM UNNEST(@game_ids) AS due)
) AS published
  ON {same_key}
GROUP BY 1""")


@cache
def game_count_sql(table_name: str) -> str:
    """The game_count rule for @game_ids: what a publication has just written, before anybody can read it."""
    full_name = PublishedTable(table_name).contract.full_name
    return f"""WITH audited AS (
  SELECT * FROM {full_name} WHERE game_date BETWEEN @start_date AND @end_date
)
SELECT * FROM (
{sql_text("published_checks/game_count")}
) AS rule_rows
WHERE game_id IN (SELECT written FROM UNNEST(@game_ids) AS written)"""
