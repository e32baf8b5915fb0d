"""One look at a range of dates: every scheduled game, its state, its inputs and what was decided about it.

What belongs here: staging the snapshot and running the survey's queries. What doesn't: what a game is (game.py),
whether a table may work on it (gate.py), which state readers are shown (states.py), computing or writing rows
(publish.py).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from phase3_assets.catalog.contracts import POST_GAME
from phase3_assets.catalog.parameters import date_parameters
from phase3_assets.catalog.queries import prepared, sql_text, views_needed
from phase3_assets.catalog.tables import PublishedTable, published_table, published_tables
from phase3_assets.errors import ConfigurationError
from phase3_assets.publishing.game import Decision, Game
from phase3_assets.publishing.look_back import inputs_sql, looking_back, stage_look_back
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.suggestions import did_you_mean
from phase3_assets.warehouse.interface import Answers, Parameters, Query, Row, Session

_WITHOUT_ROWS = ("no_team_boxscore", "no_player_rows")
"""Reasons to wait that may be explained by rows under another date."""
_EVERY_SURVEY = ("readiness/select", "readiness/misdated", "readiness/unlisted", "bookkeeping/queries/excluded_games")
"""The texts that are run for every survey, whatever its tables."""


@dataclass(frozen=True)
class Survey:
    """One look at a range: its scheduled games by game_id, the recorded decisions, and answers to further queries."""

    games: dict[str, Game]
    decisions: dict[tuple[str, str], Decision]
    """The latest decision by (table name, game_id), including games that are no longer scheduled."""
    answers: Answers
    parameters: Parameters
    """Dates and thresholds with which the snapshot was staged."""


def survey(
    session: Session,
    start: date,
    end: date,
    thresholds: Thresholds | None = None,
    tables: Sequence[PublishedTable] | None = None,
) -> dict[str, Game]:
    """Every scheduled game from `start` to `end`, by game_id; see survey_with."""
    return survey_with(session, start, end, {}, thresholds, tables).games


def survey_with(
    session: Session,
    start: date,
    end: date,
    further: Mapping[str, Query],
    thresholds: Thresholds | None = None,
    tables: Sequence[PublishedTable] | None = None,
    foresees: bool = True,
) -> Survey:
    """Survey a range and answer further queries about it, as one piece of work.

    Stages the snapshot: for the range, the rows of every view that work on `tables` (all, by default) can read. Only
    inputs of these tables are fingerprinted, and of the tables that surveyed_for adds. Thresholds decide which source
    is believed; where none are given, the environment's apply. Until the session ends, everything reads the views from
    the snapshot. Without `foresees`, the inputs of tables that look back are left to LookBack.
    """
    parameters = {**date_parameters(start, end), **(thresholds or Thresholds.from_environment()).parameters()}
    looked_at = surveyed_for(published_tables() if tables is None else tables)
    for view in views_for(looked_at):
        session.stage(view, prepared(sql_text(f"views/{view}")), parameters)
    if foresees:
        stage_look_back(session, looking_back(looked_at), parameters)
    fingerprinted = tuple(table for table in looked_at if foresees or not table.looks_back)
    answers = session.query_all(
        {
            "survey": (_survey_sql(fingerprinted), date_parameters(start, end)),
            "decisions": decisions_query(start, end),
            "interventions": (sql_text("bookkeeping/queries/active_interventions"), date_parameters(start, end)),
            **further,
        }
    )
    decisions = latest_decisions(answers["decisions"])
    games = {}
    for row in answers["survey"]:
        inputs = {table.name: row.pop(f"inputs_{table.name}") for table in fingerprinted}
        games[row["game_id"]] = Game(row["game_date"], row["game_id"], row, inputs)
    visible = {game_id for (_, game_id), decision in decisions.items() if decision.row_count}
    games |= {game.game_id: game for game in _unlisted(session, visible - set(games), start, end, fingerprinted)}
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
    return Survey(dict(sorted(games.items())), decisions, answers, parameters)


def surveyed_for(tables: Iterable[PublishedTable]) -> tuple[PublishedTable, ...]:
    """The tables whose inputs a survey for work on `tables` fingerprints, in lineage order.

    These are the tables themselves, those whose rows of the same game they read, and every table that reads the box
    scores of a final game alone: the states of games depend on these, and they cost little. A table that looks back
    costs much: it must read whole seasons.
    """
    wanted = {table.name for table in tables}
    pending = list(wanted)
    while pending:
        upstream = set(published_table(pending.pop()).upstream) - wanted
        wanted |= upstream
        pending += upstream
    return tuple(
        table
        for table in published_tables()
        if table.name in wanted or (table.phase == POST_GAME and not table.looks_back)
    )


def views_for(tables: Sequence[PublishedTable]) -> tuple[str, ...]:
    """The views that a survey, a publication or a check of the tables reads, each after the views it reads."""
    texts = [sql_text(name) for name in _EVERY_SURVEY]
    for table in tables:
        for rules in (table.rules, table.published_rules, table.metrics):
            texts += rules.values()
        texts.append(table.select)
    return views_needed("\n;\n".join(texts))


def _reopen(games: Iterable[Game], decisions: Mapping[tuple[str, str], Decision]) -> None:
    """Mark contested games as reopened where any game of their date has been decided since the first of them was.

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
    """Complete the reason of games that wait for rows if such rows are a day earlier or later; see misdated.sql.

    Runs no query where no game waits for rows.
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


def _unlisted(
    session: Session, visible: set[str], start: date, end: date, fingerprinted: Iterable[PublishedTable]
) -> Iterator[Game]:
    """Visible games that the schedule no longer lists, with what it says about them now; see unlisted.sql."""
    if visible:
        for row in session.query(_unlisted_sql(), date_parameters(start, end)):
            if row["game_id"] in visible:
                yield Game(row["game_date"], row["game_id"], row, dict.fromkeys(table.name for table in fingerprinted))


def decisions_query(start: date, end: date) -> Query:
    """The query for the latest decision about every table and game of the range."""
    return sql_text("bookkeeping/queries/latest_publications"), date_parameters(start, end)


def latest_decisions(rows: Iterable[Row]) -> dict[tuple[str, str], Decision]:
    """Decisions in the answer to decisions_query, by (table name, game_id)."""
    return {(row["table_name"], row["game_id"]): Decision.from_row(row) for row in rows}


def require_scheduled(game_ids: Iterable[str], games: Mapping[str, Game], start: date, end: date) -> None:
    """Raise ConfigurationError where `game_ids` has games that the survey of the range does not know."""
    unknown = sorted(set(game_ids) - set(games))
    if unknown:
        raise ConfigurationError(
            f"no game {', '.join(unknown)} is scheduled from {start} to {end}; nothing was done. "
            f"`phase3 status {start}` lists the games of a date{game_meant(unknown[0], games)}"
        )


def game_meant(game_id: str, games: Iterable[str]) -> str:
    """did_you_mean(), for a game: who takes home for away means the game with both changed over."""
    known, (day, *teams) = list(games), game_id.split("_")
    changed_over = "_".join([day, *reversed(teams)])
    return did_you_mean(changed_over if changed_over in known else game_id, known)


@cache
def _misdated_sql() -> str:
    return prepared(sql_text("readiness/misdated"))


@cache
def _unlisted_sql() -> str:
    """readiness/unlisted.sql, with the published rows of every table that has a game's league id and season."""
    contracts = [table.contract for table in published_tables()]
    published = "\nUNION ALL\n".join(
        f"SELECT {contract.partition} AS game_date, game_id, nba_game_id, season_year FROM {contract.full_name} "
        f"WHERE {contract.partition} BETWEEN @start_date AND @end_date"
        for contract in contracts
        if {"nba_game_id", "season_year"} <= set(contract.column_names)
    )
    return prepared(
        f"WITH published_games AS (\n{published}\n)\nSELECT * FROM (\n{sql_text('readiness/unlisted')}\n) AS unlisted"
    )


@cache
def _survey_sql(tables: tuple[PublishedTable, ...]) -> str:
    """readiness/select.sql with a fingerprint per table.

    The fingerprint is the hash of all rows of the views that the table reads. For a table that looks back, it is the
    hash of the rows that it would compute.
    """
    columns, joins = [], []
    for position, table in enumerate(tables):
        if table.looks_back:
            hashed = inputs_sql(table)
        elif table.views:
            hashed = _view_hashes(table)
        else:
            columns.append(f"CAST(NULL AS STRING) AS inputs_{table.name}")
            continue
        columns.append(f"inputs_{position}.inputs_hash AS inputs_{table.name}")
        joins.append(f"LEFT JOIN (\n{hashed}\n) AS inputs_{position} ON inputs_{position}.game_id = readiness.game_id")
    return prepared(
        f"SELECT readiness.*, {', '.join(columns)}\nFROM (\n{sql_text('readiness/select')}\n) AS readiness\n"
        + "\n".join(joins)
    )


def _view_hashes(table: PublishedTable) -> str:
    hashes = "\nUNION ALL\n".join(
        f"SELECT game_id, TO_HEX(MD5(CONCAT('{view}', TO_JSON_STRING(input)))) AS row_hash FROM {view} AS input"
        for view in table.views
    )
    return f"""  SELECT game_id, TO_HEX(MD5(STRING_AGG(row_hash, '' ORDER BY row_hash))) AS inputs_hash
  FROM (\n{hashes}\n) AS hashed
  GROUP BY game_id"""
