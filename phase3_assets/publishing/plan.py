"""What a run would do, and why, without writing anything.

What belongs here: foreseeing the outcome of a publication from a survey. What doesn't: publishing (publish.py).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from phase3_assets.catalog.tables import PublishedTable, published_table, published_tables
from phase3_assets.publishing.game import OVER, WORKABLE, Game
from phase3_assets.publishing.gate import gate
from phase3_assets.publishing.vocabulary import Outcome

DUE = ("compute", "withdraw")
"""Actions for which a run has something to write."""


@dataclass(frozen=True)
class Step:
    """What a run would do with one game of one table."""

    game_date: date
    game_id: str
    table: str
    action: str
    """compute, withdraw, nothing or wait."""
    reason: str


def plan(games: Iterable[Game], tables: Sequence[PublishedTable]) -> list[Step]:
    """One step per game and table, in lineage order within a game."""
    steps = []
    for game in games:
        computed: set[str] = set()
        for table in tables:
            action, reason = _foresee(game, table, computed)
            if action == "compute":
                computed.add(table.name)
            steps.append(Step(game.game_date, game.game_id, table.name, action, reason))
    return steps


def due_steps(game: Game, again: Collection[str] = (), has_changed: bool = False) -> list[Step]:
    """The steps of a run that no person asks for: those due for changed inputs, and all steps of the tables `again`.

    A change of code alone is left to a person's backfill, and so is a pre-game table once the game has begun.
    `has_changed` says that raw rows of the date are known to have changed; see is_due_for_code_alone.
    """
    steps = _by_itself(game)
    due = [] if is_due_for_code_alone(game, has_changed) else [step for step in steps if step.action in DUE]
    named = {step.table for step in due} | (set(again) if game.decisions else set())
    return [step for step in steps if step.table in named]


def is_due_for_code_alone(game: Game, has_changed: bool = False) -> bool:
    """Whether a run would compute the game again although none of its inputs has changed since the decision.

    Also true where that is unknown because the texts that fingerprint inputs were changed, unless raw rows are known
    to have changed (`has_changed`).
    """
    due = [step for step in _by_itself(game) if step.action in DUE]
    return bool(due) and not any(
        step.action == "withdraw"
        or game.has_new_inputs(published_table(step.table))
        or (has_changed and game.has_incomparable_inputs(published_table(step.table)))
        for step in due
    )


def _by_itself(game: Game) -> list[Step]:
    """The steps that a run may take without a person's request."""
    return [step for step in plan([game], published_tables()) if game.readiness(published_table(step.table)) != OVER]


def _foresee(game: Game, table: PublishedTable, computed: set[str]) -> tuple[str, str]:
    decision = game.decisions.get(table.name)
    visible = game.visible_rows(table.name)
    withdrawal = game.withdrawal(table)
    if withdrawal:
        return "withdraw", withdrawal
    if game.is_frozen(table):
        return "nothing", "frozen at tip-off; --repair computes it anew, with hindsight"
    if game.readiness(table) not in WORKABLE and visible:
        return "nothing", f"stays published; its source is {game.facts['source_reason'] or game.source_state}"
    hold = game.hold(table)
    if hold:
        return "nothing", f"held: {hold}"
    upstream = [name for name in table.upstream if name in computed]
    if upstream:
        return "compute", "new" if decision is None else f"{', '.join(upstream)} is computed before it"
    obstacle = gate(game, table)
    if obstacle:
        return "wait", obstacle.reason
    if decision is None:
        return "compute", "new"
    if decision.outcome is Outcome.CHECK_FAILED:
        return "compute", str(decision.reason)
    if table.name in game.reopened:
        return "compute", "held back beside another game of its date, which has been decided since"
    if decision.is_unexplained:
        return "compute", "held back by a rule that an earlier version of the project did not record"
    if game.has_new_inputs(table):
        return "compute", "changed inputs"
    if not game.is_decided(table):
        return "compute", "changed code"
    if decision.is_held_back:
        return "nothing", f"held back: {decision.reason}"
    return "nothing", "published from these inputs by this code"
