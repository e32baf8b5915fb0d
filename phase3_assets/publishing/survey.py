"""What each scheduled game is ready for: the one look at the raw rows from which every decision follows.

What belongs here: the survey (state of each game, fingerprint of its inputs per table, latest decision per table), the
gate that says whether a table may work on a game, and the state a reader is shown. What doesn't: computing or writing
rows (publishing.py).

Everything is judged per game. The gate looks at upstream's recorded decision, so it holds across runs as within one.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from phase3_assets.contracts import raw_contracts
from phase3_assets.errors import ConfigurationError, SchemaDriftError
from phase3_assets.queries import prepared, sql_text, views_in_order
from phase3_assets.tables import (
    PublishedTable,
    all_contracts,
    published_table,
    published_tables,
)
from phase3_assets.thresholds import Thresholds
from phase3_assets.warehouse import Answers, Query, Row, Session

VISIBLE_OUTCOMES = ("published", "unchanged", "kept", "rolled_back")
"""Decisions after which the rows readers see are the ones a downstream table may use."""

ANY_TABLE = "*"
"""The table name of a waiver."""
_WITHOUT_ROWS = ("no_team_boxscore", "no_player_rows")
"""Reasons to wait that rows under another date may explain."""
CHECK_FAILED = "check_failed"
"""The outcome recorded when a blocking check fails on published rows: downstream stops until a publication passes."""
_AGAINST_OTHERS = "duplicates: "
"""How a rule's finding begins that may be another game's fault: two games of a date claim one key."""


@dataclass(frozen=True)
class Decision:
    """The latest recorded decision about one game of one table (a row of nba_phase3.publications)."""

    outcome: str
    reason: str | None
    row_count: int
    content_hash: str | None
    quality_tier: str | None
    visible_publication_id: str | None
    inputs_hash: str | None
    code_version: str | None
    publication_id: str
    finished_at: datetime
    game_date: date

    @classmethod
    def from_row(cls, row: Row) -> "Decision":
        """From a row of publications."""
        return cls(**{name: row[name] for name in cls.__dataclass_fields__})

    @property
    def is_contested(self) -> bool:
        """Whether the game is held back for what another game of its date may be to blame for."""
        return self.outcome == "quarantined" and any(
            finding.startswith(_AGAINST_OTHERS) for finding in (self.reason or "").split("; ")
        )


@dataclass
class Game:
    """One scheduled game: what the raw rows say, what its inputs are, what was decided so far."""

    game_date: date
    game_id: str
    facts: Row
    inputs: dict[str, str | None]
    decisions: dict[str, Decision] = field(default_factory=dict)
    waiver: str | None = None
    """Why somebody has given up on the game."""
    holds: dict[str, str] = field(default_factory=dict)
    """Table name to why it keeps the rows it was rolled back to."""
    reopened: set[str] = field(default_factory=set)
    """Tables that hold the game back beside others of its date, of which one has been decided anew since."""

    @property
    def source_state(self) -> str:
        """scheduled, live, waiting, ready or void: the raw rows alone."""
        return str(self.facts["source_state"])

    @property
    def label(self) -> str:
        """`PHX@POR`."""
        return f"{self.facts['away_team_abbr']}@{self.facts['home_team_abbr']}"

    def inputs_hash(self, table: PublishedTable) -> str:
        """Fingerprint of everything `table` computes this game from: its raw rows and the published upstream rows."""
        parts = [self.inputs.get(table.name) or ""]
        for name in table.upstream:
            upstream = self.decisions.get(name)
            parts.append((upstream.content_hash if upstream else None) or "")
        return hashlib.md5("|".join(parts).encode(), usedforsecurity=False).hexdigest()

    def hold(self, table: PublishedTable) -> str | None:
        """Why the rows that readers see of the game are to stay. A hold on nothing holds nothing."""
        return self.holds.get(table.name) if self.visible_rows(table.name) else None

    def is_decided(self, table: PublishedTable) -> bool:
        """Whether the latest decision was made on these very inputs by this very code, or is to stand in any case."""
        decision = self.decisions.get(table.name)
        if self.hold(table):
            return True
        return not self.has_new_inputs(table) and decision is not None and decision.code_version == table.code_version

    def has_new_inputs(self, table: PublishedTable) -> bool:
        """Whether the latest decision, if there is one, does not stand for these inputs, whatever the code."""
        decision = self.decisions.get(table.name)
        if self.hold(table):
            return False
        return (
            decision is None
            or decision.outcome == CHECK_FAILED
            or table.name in self.reopened
            or decision.inputs_hash != self.inputs_hash(table)
        )

    def withdrawal(self, table: PublishedTable) -> str | None:
        """Why what the table shows of the game, or held back beside others, is to be taken away."""
        decision, reason = self.decisions.get(table.name), self.facts["source_reason"] or self.source_state
        if self.visible_rows(table.name):
            return str(reason) if self.source_state == "void" else None
        if decision and decision.is_contested and self.source_state != "ready":
            return f"{reason}: it claims no other game's key any more"
        return None

    def visible_rows(self, table_name: str) -> int:
        """Rows of this game that readers of the table see."""
        decision = self.decisions.get(table_name)
        return decision.row_count if decision else 0


@dataclass(frozen=True)
class Survey:
    """One look at a range: its scheduled games by game_id, every recorded decision, and what else was asked."""

    games: dict[str, Game]
    decisions: dict[tuple[str, str], Decision]
    """The latest by (table name, game_id), also of games that are scheduled no longer."""
    answers: Answers


def survey(session: Session, start: date, end: date, thresholds: Thresholds | None = None) -> dict[str, Game]:
    """Every scheduled game from `start` to `end`, by game_id; see survey_with."""
    return survey_with(session, start, end, {}, thresholds).games


def survey_with(
    session: Session, start: date, end: date, further: Mapping[str, Query], thresholds: Thresholds | None = None
) -> Survey:
    """Survey a range and answer further queries about it, as one piece of work.

    Stages the snapshot: every view's rows for the range, with the environment's thresholds where none are given, since
    which source is believed depends on them. Until the session ends, everything reads the views from there.
    """
    parameters = {**date_parameters(start, end), **(thresholds or Thresholds.from_environment()).parameters()}
    for view in views_in_order():
        session.stage(view, prepared(sql_text(f"views/{view}")), parameters)
    answers = session.query_all(
        {
            "survey": (_survey_sql(), date_parameters(start, end)),
            "decisions": decisions_query(start, end),
            "interventions": (sql_text("bookkeeping/active_interventions"), date_parameters(start, end)),
            **further,
        }
    )
    decisions = latest_decisions(answers["decisions"])
    games = {}
    for row in answers["survey"]:
        inputs = {table.name: row.pop(f"inputs_{table.name}") for table in published_tables()}
        games[row["game_id"]] = Game(row["game_date"], row["game_id"], row, inputs)
    visible = {game_id for (_, game_id), decision in decisions.items() if decision.row_count}
    games |= {game.game_id: game for game in _unlisted(session, visible - set(games), start, end)}
    for (table_name, game_id), decision in decisions.items():
        if game_id in games:
            games[game_id].decisions[table_name] = decision
    _reopen(games.values(), decisions)
    _say_where_rows_are(session, games, start, end)
    for row in answers["interventions"]:
        game = games.get(row["game_id"])
        if game and row["kind"] == "waiver":
            game.waiver = row["reason"]
        elif game and row["kind"] == "hold":
            game.holds[row["table_name"]] = row["reason"]
    return Survey(dict(sorted(games.items())), decisions, answers)


def _reopen(games: Iterable[Game], decisions: Mapping[tuple[str, str], Decision]) -> None:
    """Of games held back beside others, note where any game of the date has been decided since the first of them was.

    All of them are then due together: judged one by one, each would still find the other's old rows in its way.
    """
    latest: dict[tuple[str, date], datetime] = {}
    for (name, _), decision in decisions.items():
        key = (name, decision.game_date)
        latest[key] = max(decision.finished_at, latest.get(key, decision.finished_at))
    contested: dict[tuple[str, date], list[Game]] = {}
    for game in games:
        for name, decision in game.decisions.items():
            if decision.is_contested:
                contested.setdefault((name, game.game_date), []).append(game)
    for (name, day), of_date in contested.items():
        if min(game.decisions[name].finished_at for game in of_date) < latest[name, day]:
            for game in of_date:
                game.reopened.add(name)


def _say_where_rows_are(session: Session, games: Mapping[str, Game], start: date, end: date) -> None:
    """Add to the reason of games that wait for rows where such rows are: a day earlier or later, see misdated.sql.

    Asks nothing where no game waits for rows.
    """
    waiting = [game_id for game_id, game in games.items() if game.facts["source_reason"] in _WITHOUT_ROWS]
    if not waiting:
        return
    parameters = {
        "game_ids": waiting,
        "day_before": start - timedelta(days=1),
        "day_after": end + timedelta(days=1),
    }
    for row in session.query(_misdated_sql(), parameters):
        facts = games[row["game_id"]].facts
        if facts["source_reason"] == row["reason"]:
            facts["source_reason"] = f"{row['reason']} ({row['where_they_are']})"


def _unlisted(session: Session, visible: set[str], start: date, end: date) -> Iterator[Game]:
    """Of the visible games that the schedule lists no longer: what it says of them now, see unlisted.sql."""
    if visible:
        for row in session.query(_unlisted_sql(), date_parameters(start, end)):
            if row["game_id"] in visible:
                yield Game(row["game_date"], row["game_id"], row, {})


def decisions_query(start: date, end: date) -> Query:
    """The latest decision of every table and game of the range."""
    return sql_text("bookkeeping/latest_publications"), date_parameters(start, end)


def latest_decisions(rows: Iterable[Row]) -> dict[tuple[str, str], Decision]:
    """What decisions_query answered, by (table name, game_id)."""
    return {(row["table_name"], row["game_id"]): Decision.from_row(row) for row in rows}


@dataclass(frozen=True)
class Obstacle:
    """Why a table must not work on a game now."""

    reason: str
    is_pending: bool = False
    """Whether a publication of upstream, perhaps under way, is all that is missing."""


def gate(game: Game, table: PublishedTable) -> Obstacle | None:
    """What keeps `table` from working on this game now, or None where it may.

    A table works only on games that are ready and whose upstream rows are published, passed their audit, and are no
    older than the upstream's own inputs and code.
    """
    if game.waiver:
        return Obstacle(f"waived: {game.waiver}")
    if game.source_state != "ready":
        return Obstacle(f"{game.source_state}: {game.facts['source_reason'] or 'not final yet'}")
    for name in table.upstream:
        upstream = published_table(name)
        blocked = gate(game, upstream)
        if blocked:
            return blocked
        decision = game.decisions.get(name)
        if decision is None or (decision.row_count == 0 and decision.outcome != "quarantined"):
            return Obstacle(f"{name} is not published for this game; materialize it first", is_pending=True)
        if decision.outcome not in VISIBLE_OUTCOMES:
            return Obstacle(f"{name} is {decision.outcome}: {decision.reason}")
        if not game.is_decided(upstream):
            return Obstacle(f"{name} is older than its inputs; materialize it first", is_pending=True)
    return None


def reader_state(game: Game) -> tuple[str, str | None]:
    """The state a reader is shown, and its reason: raw state and recorded decisions together."""
    tables, failing = published_tables(), list(_failing(game))
    is_visible = all(game.visible_rows(table.name) for table in tables)
    reason = game.facts["source_reason"]
    if game.source_state == "void":
        return "void", reason
    if game.waiver and not is_visible:
        return "waived", "; ".join([game.waiver, *failing])
    if game.source_state != "ready" and is_visible:
        gone = f"its source is gone ({reason or game.source_state}); the rows stay"
        return "published", "; ".join([gone, *failing])
    if game.source_state != "ready":
        return game.source_state, "; ".join(text for text in (reason, *failing) if text) or None
    for table in tables:
        decision = game.decisions.get(table.name)
        if decision and decision.outcome == "quarantined" and game.is_decided(table):
            stands = "; the version published before stays" if decision.row_count else ""
            return "quarantined", f"{table.name}: {decision.reason}{stands}"
    if is_visible or failing:
        return "published", "; ".join([*failing, *_standing(game)]) or None
    missing = [table.name for table in tables if not game.visible_rows(table.name)]
    return "ready", None if len(missing) == len(tables) else f"not yet in {', '.join(missing)}"


def _failing(game: Game) -> Iterator[str]:
    """What is wrong with rows of the game that readers see."""
    for table in published_tables():
        decision = game.decisions.get(table.name)
        if decision and decision.outcome == CHECK_FAILED:
            yield f"{table.name}: {decision.reason}"


def _standing(game: Game) -> Iterator[str]:
    """What keeps the version that readers see of a game, although there may be a newer one."""
    if game.waiver:
        yield f"waived ({game.waiver}); the version published before stays"
    for table in published_tables():
        decision = game.decisions.get(table.name)
        if game.hold(table):
            yield f"{table.name} is held: {game.hold(table)}"
        elif decision and decision.outcome == "kept":
            yield f"{table.name}: {decision.reason}"


def date_parameters(start: date, end: date) -> dict[str, Any]:
    """The date parameters every text may use: the range, and the whole seasons (October to September) around it."""
    return {
        "start_date": start,
        "end_date": end,
        "season_start_date": date(start.year - (start.month < 10), 10, 1),
        "season_end_date": date(end.year + (end.month >= 10), 9, 30),
    }


def require_scheduled(game_ids: Iterable[str], games: Mapping[str, Game], start: date, end: date) -> None:
    """Raises ConfigurationError where somebody asks for games that the survey of the range does not know."""
    unknown = sorted(set(game_ids) - set(games))
    if unknown:
        raise ConfigurationError(
            f"no game {', '.join(unknown)} is scheduled from {start} to {end}; nothing was done. "
            "`phase3 status` lists the games of a date."
        )


def check_schema(session: Session) -> None:
    """Hold every table we read or write against its contract before any work.

    Raises SchemaDriftError naming the table and column: missing, or of another type than the contract says.
    """
    live = session.live_columns()
    needed = {name for table in published_tables() for name in table.raw_tables}
    read = [contract for name, contract in raw_contracts().items() if name in needed]
    for contract in [*read, *all_contracts()]:
        columns = live.get(contract.full_name)
        if columns is None:
            raise SchemaDriftError(f"table {contract.full_name} does not exist; `phase3 init` creates it")
        for column in contract.columns:
            if column.name not in columns:
                raise SchemaDriftError(
                    f"{contract.full_name} has no column {column.name} ({column.type}); nothing was done. "
                    + _mend(contract.dataset)
                )
            if columns[column.name] != column.type:
                raise SchemaDriftError(
                    f"{contract.full_name}.{column.name} should be {column.type}, found {columns[column.name]}; "
                    "nothing was done. " + _mend(contract.dataset)
                )
    faults = session.partition_faults()
    misshapen = [f"{c.full_name} {faults[c.full_name]}" for c in [*read, *all_contracts()] if c.full_name in faults]
    if misshapen:
        raise SchemaDriftError(
            f"{'; '.join(misshapen)}: it should be by day, since days are what is read, paid for and watched; nothing "
            "was done. docs/bigquery.md says how to move the rows (Cut-over)"
        )


def _mend(dataset: str) -> str:
    if dataset == "nba_raw":
        return "Load the raw table in the shape of its contract (sql/raw)."
    return "`phase3 init` adds missing columns."


@cache
def _misdated_sql() -> str:
    return prepared(sql_text("game_readiness/misdated"))


@cache
def _unlisted_sql() -> str:
    return prepared(sql_text("game_readiness/unlisted"))


@cache
def _survey_sql() -> str:
    """game_readiness/select.sql with a fingerprint per published table: the hash of all rows of the views it reads."""
    columns, joins = [], []
    for position, table in enumerate(published_tables()):
        if not table.views:
            columns.append(f"CAST(NULL AS STRING) AS inputs_{table.name}")
            continue
        hashes = "\nUNION ALL\n".join(
            f"SELECT game_id, TO_HEX(MD5(CONCAT('{view}', TO_JSON_STRING(input)))) AS row_hash FROM {view} AS input"
            for view in table.views
        )
        columns.append(f"inputs_{position}.inputs_hash AS inputs_{table.name}")
        joins.append(f"""LEFT JOIN (
  SELECT game_id, TO_HEX(MD5(STRING_AGG(row_hash, '' ORDER BY row_hash))) AS inputs_hash
  FROM (\n{hashes}\n) AS hashed
  GROUP BY game_id
) AS inputs_{position} ON inputs_{position}.game_id = readiness.game_id""")
    return prepared(
        f"SELECT readiness.*, {', '.join(columns)}\nFROM (\n{sql_text('game_readiness/select')}\n) AS readiness\n"
        + "\n".join(joins)
    )
