"""The state of a game that readers are shown, and the reason.

What belongs here: deriving both from raw state and recorded decisions, without reading or writing anything. What
doesn't: the table that keeps the states (readiness.py).
"""

from collections.abc import Iterator

from phase3_assets.catalog.contracts import POST_GAME
from phase3_assets.catalog.tables import PublishedTable, published_tables
from phase3_assets.publishing.game import Game
from phase3_assets.publishing.vocabulary import Outcome, SourceState


def tables_of_states() -> list[PublishedTable]:
    """The published tables on which a game's state depends: those about final games."""
    return [table for table in published_tables() if table.phase == POST_GAME]


def reader_state(game: Game) -> tuple[str, str | None]:
    """The state a reader is shown, and its reason, from raw state and the decisions of tables_of_states()."""
    tables, failing = tables_of_states(), list(_failing(game))
    # Nobody misses a game in a table where it may rightly have no rows.
    required = [table for table in tables if not table.contract.has_optional_rows]
    is_visible = all(game.is_shown(table) for table in required)
    reason = game.facts["source_reason"]
    if game.source_state is SourceState.VOID:
        return "void", reason
    if game.waiver and not is_visible:
        return "waived", "; ".join([game.waiver, *failing])
    if game.source_state is not SourceState.READY and is_visible:
        gone = f"its source is gone ({reason or game.source_state}); the rows stay"
        return "published", "; ".join([gone, *failing])
    if game.source_state is not SourceState.READY:
        return game.source_state, "; ".join(text for text in (reason, *failing) if text) or None
    for table in tables:
        decision = game.decisions.get(table.name)
        if decision and decision.is_held_back and game.is_decided(table):
            stands = "; the version published before stays" if decision.row_count else ""
            return "quarantined", f"{table.name}: {decision.reason}{stands}"
    if is_visible or failing:
        return "published", "; ".join([*failing, *_standing(game)]) or None
    missing = [table.name for table in required if not game.is_shown(table)]
    return "ready", None if len(missing) == len(required) else f"not yet in {', '.join(missing)}"


def _failing(game: Game) -> Iterator[str]:
    """What is wrong with the rows of the game that readers see, one text per table."""
    for table in published_tables():
        decision = game.decisions.get(table.name)
        if decision and decision.outcome is Outcome.CHECK_FAILED:
            yield f"{table.name}: {decision.reason}"


def _standing(game: Game) -> Iterator[str]:
    """Why readers keep seeing the present version of a game although there may be a newer one."""
    if game.waiver:
        yield f"waived ({game.waiver}); the version published before stays"
    for table in published_tables():
        decision = game.decisions.get(table.name)
        if game.hold(table):
            yield f"{table.name} is held: {game.hold(table)}"
        elif decision and decision.outcome is Outcome.KEPT:
            yield f"{table.name}: {decision.reason}"
