"""The gate: whether a table may work on a game now.

What belongs here: the rule. What doesn't: the facts it judges by (game.py). The gate looks at upstream's recorded
decision, so it holds across runs as within one.
"""

from dataclasses import dataclass

from phase3_assets.catalog.tables import PublishedTable, published_table
from phase3_assets.publishing.game import OVER, WORKABLE, Game
from phase3_assets.publishing.vocabulary import NOT_FINAL, VISIBLE_OUTCOMES


@dataclass(frozen=True)
class Obstacle:
    """Why a table must not work on a game now."""

    reason: str
    is_pending: bool = False
    """Whether only a publication of an upstream table is missing, which may be under way."""
    is_expected: bool = False
    """Whether nobody misses the game's rows: it is not final, will never be, or was waived."""


def gate(game: Game, table: PublishedTable) -> Obstacle | None:
    """What keeps `table` from working on this game now, or None where it may.

    A post-game table works only on games that are ready. A pre-game table works on games that are not void: before
    tip-off by itself, afterwards only for a person who asks. Upstream rows of the same game must be published, have
    passed their audit, and be no older than the upstream table's own inputs and code. That last rule does not apply to
    an upstream pre-game table once the game has begun, since its rows are no longer brought up to date. The gate does
    not look at rows of earlier games: a computed row names those that are missing.
    """
    if game.waiver:
        return Obstacle(f"waived: {game.waiver}", is_expected=True)
    if game.readiness(table) not in WORKABLE:
        reason = f"{game.source_state}: {game.facts['source_reason'] or 'not final yet'}"
        return Obstacle(reason, is_expected=game.source_state in NOT_FINAL)
    for name in table.upstream:
        upstream = published_table(name)
        blocked = gate(game, upstream) if upstream.phase == table.phase else None
        if blocked:
            return blocked
        decision = game.decisions.get(name)
        is_empty = decision is not None and decision.row_count == 0 and not upstream.contract.has_optional_rows
        if decision is None or (is_empty and not decision.is_held_back):
            return Obstacle(f"{name} is not published for this game; materialize it first", is_pending=True)
        if decision.outcome not in VISIBLE_OUTCOMES:
            return Obstacle(f"{name} is {decision.outcome}: {decision.reason}")
        if game.readiness(upstream) != OVER and not game.is_decided(upstream):
            return Obstacle(f"{name} is older than its inputs; materialize it first", is_pending=True)
    return None
