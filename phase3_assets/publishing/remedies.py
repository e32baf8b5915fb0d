"""What is wrong where a game waits, is held back or is questioned, and what a person does about it.

What belongs here: which remedies a game needs now. What doesn't: the remedies (runbook/), the states and reasons
themselves (states.py, sql/views/game_sources.sql), examples of them (docs/reasons.md, which `make reasons` writes).
"""

import re
from collections.abc import Iterator

from phase3_assets.catalog.tables import published_tables
from phase3_assets.clock import utc_now
from phase3_assets.publishing.game import Game
from phase3_assets.publishing.measure import complete_from
from phase3_assets.publishing.states import reader_state, tables_of_states
from phase3_assets.publishing.vocabulary import Failure, Outcome, SourceState
from phase3_assets.runbook.reasons import AFTERWARDS, WAITING
from phase3_assets.runbook.rules import RULES

NOT_OVER = (SourceState.SCHEDULED, SourceState.LIVE)
_DATE = re.compile(r"\bDATE\b")


def what_to_do(game: Game) -> list[str]:
    """What a person does about the game as it is now, most urgent first; empty where nothing is to be done.

    `game` is of a survey of tables_of_states(). Commands name the game's date.
    """
    state, _ = reader_state(game)
    told = [*_about_published_rows(game)]
    if state in (SourceState.WAITING, SourceState.READY, "quarantined", "published"):
        told += _about_new_rows(game, state)
    if state in NOT_OVER and utc_now() >= complete_from(game, tables_of_states()[0]):
        told.append("The schedule does not say yet that the game is over: load nbac_schedule of DATE again.")
    return [_DATE.sub(str(game.game_date), text) for text in dict.fromkeys(told)]


def _about_published_rows(game: Game) -> Iterator[str]:
    """What to do about rows that readers see and that are not right."""
    for table in published_tables():
        decision = game.decisions.get(table.name)
        for kind in decision.standing.failing if decision else ():
            yield AFTERWARDS["drift" if kind is Failure.DRIFT else "check failed"].to_do
        if game.hold(table):
            yield AFTERWARDS["held"].to_do.replace("TABLE", table.name)


def _about_new_rows(game: Game, state: str) -> Iterator[str]:
    """What to do so that the game is published, or its newest version is."""
    if state == SourceState.WAITING:
        cause = str(game.facts["source_reason"]).split(" ", 1)[0]
        known = WAITING.get(cause) or AFTERWARDS["its source is gone"]
        yield f"{known.means} {known.to_do}"
        yield f"If it will never come: `phase3 waive {game.game_id} --reason ...`"
    elif state == SourceState.READY:
        yield "Everything is there: the next run publishes it. `phase3 run DATE` does so now."
    for table in tables_of_states():
        decision = game.decisions.get(table.name)
        if decision is None or state == SourceState.WAITING:
            continue
        if decision.is_held_back:
            for rule in decision.standing.blocked_by:
                told = RULES.get(rule)
                yield told.to_do if told else "`phase3 plan DATE` says what a run would do; docs/runbook.md says more."
        elif decision.outcome is Outcome.KEPT:
            is_worse = "better_source_published" in decision.standing.blocked_by
            yield AFTERWARDS["better_source_published" if is_worse else "its source is gone"].to_do
