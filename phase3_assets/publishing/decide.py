"""The decision about one game: without computing its rows, and with rows that were computed.

What belongs here: pure decisions. What doesn't: the order of the steps (turn.py), writing what was decided (write.py).
"""

from dataclasses import dataclass

from phase3_assets.catalog.tables import PublishedTable
from phase3_assets.publishing import audit as audits
from phase3_assets.publishing.audit import Finding
from phase3_assets.publishing.game import OVER, WORKABLE, Decision, Game
from phase3_assets.publishing.gate import gate
from phase3_assets.publishing.plan import is_due_for_code_alone
from phase3_assets.publishing.requests import GameOutcome, Request
from phase3_assets.publishing.standing import BETTER_SOURCE, NO_ROWS, SOURCE_LOST, Standing
from phase3_assets.publishing.vocabulary import Outcome
from phase3_assets.warehouse.interface import Row

_TIER_RANK = {"gold": 3, "silver": 2, "bronze": 1}


def decide_without_computing(game: Game, table: PublishedTable, request: Request) -> GameOutcome | None:
    """The outcome of a game that needs no rows computed; None for one that does."""
    decision = game.decisions.get(table.name)
    visible = game.visible_rows(table.name)
    reason = game.facts["source_reason"]
    withdrawal = game.withdrawal(table)
    if withdrawal:
        return GameOutcome(game.game_date, game.game_id, Outcome.WITHDRAWN, withdrawal, rows_removed=visible)
    is_over, is_workable = game.readiness(table) == OVER, game.readiness(table) in WORKABLE
    is_failing = decision is not None and decision.outcome is Outcome.CHECK_FAILED
    if decision and is_over and (request.is_automatic or game.is_frozen(table)) and not request.repair:
        return _as_decided(game, decision)
    if is_over and request.is_automatic:
        reason = "over: it began before a row was made"
        return GameOutcome(game.game_date, game.game_id, Outcome.GATED, reason, visible, is_expected=True)
    if not is_workable and visible and decision and is_failing:
        return GameOutcome(game.game_date, game.game_id, Outcome.GATED, decision.reason, visible)
    if not is_workable and visible:
        return _blocked(game, Outcome.KEPT, Standing({SOURCE_LOST: reason or str(game.source_state)}), visible)
    hold = game.hold(table)
    if hold and decision and is_failing:
        reason = f"held ({hold}), and {decision.reason}: roll back to that version again, or release it"
        return GameOutcome(game.game_date, game.game_id, Outcome.GATED, reason, visible)
    if hold:
        return GameOutcome(game.game_date, game.game_id, Outcome.UNCHANGED, f"held: {hold}", visible)
    # A range asked for by a sensor spans games that only new code would change; those wait for a person's backfill.
    is_left = request.is_automatic and is_due_for_code_alone(game, request.names_changes)
    obstacle = None if is_left else gate(game, table)
    if obstacle:
        return GameOutcome(
            game.game_date,
            game.game_id,
            Outcome.GATED,
            obstacle.reason,
            visible,
            is_pending=obstacle.is_pending,
            is_expected=obstacle.is_expected,
        )
    is_held_back = decision is not None and decision.is_held_back
    # A person's run judges again a game that was held back: thresholds are not recorded, and one may have changed.
    is_settled = is_left or (game.is_decided(table) and (request.is_automatic or not is_held_back))
    if decision and is_settled and not request.repair:
        return _as_decided(game, decision)
    return None


def _as_decided(game: Game, decision: Decision) -> GameOutcome:
    """The outcome of a game whose latest decision stands."""
    if decision.is_held_back:
        return _blocked(game, Outcome.QUARANTINED, decision.standing, decision.row_count)
    return GameOutcome(game.game_date, game.game_id, Outcome.UNCHANGED, decision.reason, decision.row_count)


def _blocked(
    game: Game, outcome: Outcome, standing: Standing, visible: int, findings: tuple[Finding, ...] = ()
) -> GameOutcome:
    """An outcome that keeps the game's newest rows, or all its rows, from readers."""
    return GameOutcome(
        game.game_date, game.game_id, outcome, standing.sentence, visible, findings=findings, standing=standing
    )


def is_known(game: Game, table: PublishedTable, verdict: GameOutcome) -> bool:
    """Whether the latest decision about the game has the verdict's outcome and standing."""
    decision = game.decisions.get(table.name)
    is_same_outcome = decision is not None and decision.outcome is verdict.outcome
    return decision is not None and is_same_outcome and decision.standing.is_same(verdict.standing)


def is_held_back_as_before(game: Game, table: PublishedTable, verdict: GameOutcome) -> bool:
    """Whether the same inputs were held back before for the same reasons, so that there is nothing to write down."""
    return verdict.outcome is Outcome.QUARANTINED and game.is_decided(table) and is_known(game, table, verdict)


@dataclass
class Review:
    """What one look at a staged game found: the difference to what is published, and the rules' findings."""

    row: Row
    findings: list[Finding]


def decide_computed(game: Game, table: PublishedTable, review: Review | None, is_contradicted: bool) -> GameOutcome:
    """The outcome of one game whose rows were computed. A better source's published rows stay, unless contradicted."""
    visible = game.visible_rows(table.name)
    decision = game.decisions.get(table.name)
    # What is wrong with the rows that readers see stays noted beside what holds the newer ones back.
    failing = decision.standing.failing if decision else {}
    if review is None or not review.row["staged_rows"]:
        if table.contract.has_optional_rows:
            outcome = Outcome.PUBLISHED if visible else Outcome.UNCHANGED
            return GameOutcome(game.game_date, game.game_id, outcome, "it has no rows here", rows_removed=visible)
        standing = Standing({NO_ROWS: "the game is final, none came"}, failing)
        return _blocked(game, Outcome.QUARANTINED, standing, visible)
    findings, row = tuple(review.findings), review.row
    if decision and not is_contradicted and is_better_and_intact(table, decision, row):
        why = next((f" ({finding.problem})" for finding in findings if finding.rule in SOURCE_RULES), "")
        standing = Standing({BETTER_SOURCE: f"{decision.quality_tier} stays, {row['staged_tier']} offered{why}"})
        return _blocked(game, Outcome.KEPT, standing, visible, findings)
    failed = audits.errors(findings)
    if failed:
        standing = Standing(audits.worst_by_rule(failed), failing)
        return _blocked(game, Outcome.QUARANTINED, standing, visible, findings)
    changes = (row["rows_added"], row["rows_changed"], row["rows_removed"])
    # Equal rows without a record of them: a publication was killed before it was recorded. Publish them again.
    is_recorded = decision is not None and decision.content_hash == row["content_hash"]
    outcome = Outcome.UNCHANGED if is_recorded and not any(changes) else Outcome.PUBLISHED
    return GameOutcome(game.game_date, game.game_id, outcome, None, row["staged_rows"], *changes, findings)


def is_better_and_intact(table: PublishedTable, decision: Decision, row: Row) -> bool:
    """Whether rows of a better source are published, unchanged since then and with no failed check.

    A table without sources of its own follows the rows it reads, whatever their source. So does a table that looks
    back.
    """
    is_intact = decision.outcome is not Outcome.CHECK_FAILED and row["published_hash"] == decision.content_hash
    is_better = _TIER_RANK.get(row["staged_tier"], 0) < _TIER_RANK.get(decision.quality_tier or "", 0)
    return table.has_sources and not table.looks_back and decision.row_count > 0 and is_intact and is_better


SOURCE_RULES = ("source_contradicted", "players_incomplete")
"""Rules whose warning gives the reason why a game is not published from its first source unchanged."""
