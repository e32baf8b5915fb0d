"""nba_phase3.game_readiness: the state of every scheduled game, as readers find it.

What belongs here: writing down the states that have changed, and what is recorded once with them (games excluded,
players left out, games waived by age). What doesn't: which state a game is in (states.py).

The states are derived from the raw rows and the publications, never the other way round: a lost or damaged state is
written anew by the next run or command that brings its date up to date.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from phase3_assets.catalog.parameters import date_parameters
from phase3_assets.catalog.tables import bookkeeping_contracts, published_tables, readiness_contract
from phase3_assets.publishing import completion
from phase3_assets.publishing.exclusions import excluded_games_query, record_exclusions
from phase3_assets.publishing.game import Game
from phase3_assets.publishing.interventions import waive_by_age
from phase3_assets.publishing.measure import keep_rest, keep_some
from phase3_assets.publishing.records import QualityEvent
from phase3_assets.publishing.states import reader_state, tables_of_states
from phase3_assets.publishing.survey import Survey, survey_with
from phase3_assets.publishing.vocabulary import EventSeverity
from phase3_assets.publishing.work import Work
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.interface import Query, Row, Warehouse
from phase3_assets.warehouse.schema import check_schema

_FACTS = (
    "game_date",
    "game_id",
    "nba_game_id",
    "season_year",
    "away_team_abbr",
    "home_team_abbr",
    "source_state",
    "team_source",
    "player_source",
    "left_out",
)
"""The facts of a survey that are stored unchanged."""


def refresh_states(warehouse: Warehouse, start: date, end: date, limits: Thresholds, run_id: str) -> dict[str, Game]:
    """Bring every state from `start` to `end` up to date; returns the games surveyed."""
    with warehouse.session(run_id=run_id) as session:
        check_schema(session)
        surveyed = survey_with(session, start, end, state_queries(start, end), limits, tables_of_states())
        store_states(Work(session, start, end, run_id, limits), surveyed)
    return surveyed.games


def state_queries(start: date, end: date) -> dict[str, Query]:
    """The queries whose answers store_states needs besides the games."""
    stored = f"SELECT * FROM {readiness_contract().full_name} WHERE game_date BETWEEN @start_date AND @end_date"
    return {
        "stored_states": (stored, date_parameters(start, end)),
        "excluded_games": excluded_games_query(start, end),
        **completion.due_queries(start, end),
    }


def store_states(
    work: Work, surveyed: Survey, check_results: Sequence[Row] = (), is_last: bool = True
) -> dict[str, Row]:
    """Write the states of a survey's games, with an event for what is new; returns the rows stored then, by game_id.

    `check_results`, what checks have measured on these games, are kept in the same unit (measure.py). So is the
    completion of the dates, where this is the work's last write (`is_last`).
    """
    rows, games = surveyed.answers["stored_states"], surveyed.games.values()
    times = Counter(row["game_id"] for row in rows)
    # A game with two rows, of which one was inserted or copied by hand, is written anew, as if it had none.
    stored = {row["game_id"]: row for row in rows if times[row["game_id"]] == 1}
    waive_by_age(work, games, stored)
    left_out = [event.as_row(work) for event in _left_out_events(games, stored)]
    with work.session.unit():
        work.session.append(bookkeeping_contracts()["data_quality_events"], left_out)
        update_states(work, games, stored)
        record_exclusions(work, surveyed.answers["excluded_games"])
        rest = keep_some(work.session, check_results)
        if is_last:
            completion.follow(work, surveyed.answers)
    keep_rest(work.session, rest)
    return stored


def update_states(work: Work, games: Iterable[Game], stored: dict[str, Row]) -> None:
    """Write the states that differ from what is stored, within the caller's unit; also updates `stored`."""
    rows = [_state_row(game, work.run_id, work.now()) for game in games]
    changed = {row["game_id"]: row for row in rows if not _is_same(row, stored.get(row["game_id"]))}
    if changed:
        work.session.replace_games(readiness_contract(), list(changed), work.start, work.end, list(changed.values()))
    stored.update(changed)


def _state_row(game: Game, run_id: str, now: datetime) -> Row:
    state, reason = reader_state(game)
    visible = [d for d in game.decisions.values() if d.row_count]
    latest = max(visible, key=lambda decision: decision.finished_at, default=None)
    return {
        **{name: game.facts[name] for name in _FACTS},
        "state": state,
        "reason": reason,
        "row_count": sum(decision.row_count for decision in visible),
        "publication_id": latest.visible_publication_id if latest else None,
        "run_id": run_id,
        "updated_at": now,
    }


def _is_same(row: Row, stored: Row | None) -> bool:
    ignored = ("run_id", "updated_at")
    return stored is not None and all(stored[name] == value for name, value in row.items() if name not in ignored)


def _left_out_events(games: Iterable[Game], stored: dict[str, Row]) -> Iterator[QualityEvent]:
    """One event per game whose left-out player rows differ from its stored state. A left-out row is in no table."""
    # The event is about the game; the table that it names is the first, in lineage order, that lacks the rows.
    table_name = next((table.name for table in published_tables() if "player_rows" in table.views), None)
    for game in games:
        left_out = game.facts["left_out"]
        if left_out and left_out != stored.get(game.game_id, {}).get("left_out"):
            text = f"{game.label}: left out, team unknown: {left_out}"
            yield QualityEvent(
                "player_rows_left_out", EventSeverity.WARNING, table_name, game.game_date, game.game_id, text
            )
