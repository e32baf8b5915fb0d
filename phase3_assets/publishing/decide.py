"""What becomes of one game: the decision, without and with rows that were computed.

What belongs here: pure decisions. What doesn't: the order of a publication (publish.py), writing what was decided
(write.py).
"""

from dataclasses import dataclass

from phase3_assets.catalog.tables import PublishedTable
from phase3_assets.publishing import audit as audits
from phase3_assets.publishing.audit import Finding
from phase3_assets.publishing.game import CHECK_FAILED, OVER, WORKABLE, Decision, Game
from phase3_assets.publishing.gate import gate
from phase3_assets.publishing.plan import is_due_for_code_alone
from phase3_assets.publishing.records import held_beside
from phase3_assets.publishing.requests import GameOutcome, Request
from phase3_assets.warehouse.interface import Row

_TIER_RANK = {"gold": 3, "silver": 2, "bronze": 1}


def _without_computing(game: Game, table: PublishedTable, request: Request) -> GameOutcome | None:
    """The outcome of a game that needs no rows computed; None for one that does."""
    decision = game.decisions.get(table.name)
    visible = game.visible_rows(table.name)
    reason = game.facts["source_reason"]
    withdrawal = game.withdrawal(table)
    if withdrawal:
        return GameOutcome(game.game_date, game.game_id, "withdrawn", withdrawal, rows_removed=visible)
    is_over = game.readiness(table) == OVER
    if decision and is_over and (request.is_automatic or game.is_frozen(table)) and not request.repair:
        outcome = "quarantined" if decision.outcome == "quarantined" else "unchanged"
        return GameOutcome(game.game_date, game.game_id, outcome, decision.reason, visible)
    if is_over and request.is_automatic:
        return GameOutcome(game.game_date, game.game_id, "gated", "over: it began before a row was made", visible)
    if game.readiness(table) not in WORKABLE and visible and decision and decision.outcome == CHECK_FAILED:
        return GameOutcome(game.game_date, game.game_id, "gated", decision.reason, visible)
    if game.readiness(table) not in WORKABLE and visible:
        return GameOutcome(game.game_date, game.game_id, "kept", f"source_lost: {reason or game.source_state}", visible)
    hold = game.hold(table)
    if hold and decision and decision.outcome == CHECK_FAILED:
        reason = f"held ({hold}), and {decision.reason}: roll back to that version again, or release it"
        return GameOutcome(game.game_date, game.game_id, "gated", reason, visible)
    if hold:
        return GameOutcome(game.game_date, game.game_id, "unchanged", f"held: {hold}", visible)
    # A range asked for by a sensor spans games that only new code would change; those wait for a person's backfill.
    is_left = request.is_automatic and is_due_for_code_alone(game, request.names_changes)
    obstacle = None if is_left else gate(game, table)
    if obstacle:
        return GameOutcome(
            game.game_date, game.game_id, "gated", obstacle.reason, visible, is_pending=obstacle.is_pending
        )
    is_held_back = decision is not None and decision.outcome == "quarantined"
    # A person's run judges what is held back again: a threshold, which nothing records, may be another now.
    is_settled = is_left or (game.is_decided(table) and (request.is_automatic or not is_held_back))
    if decision and is_settled and not request.repair:
        outcome = "quarantined" if is_held_back else "unchanged"
        return GameOutcome(game.game_date, game.game_id, outcome, decision.reason, visible)
    return None


def _is_known(game: Game, table: PublishedTable, verdict: GameOutcome) -> bool:
    decision = game.decisions.get(table.name)
    return decision is not None and (decision.outcome, decision.reason) == (verdict.outcome, verdict.reason)


def _is_held_back_as_before(game: Game, table: PublishedTable, verdict: GameOutcome) -> bool:
    return verdict.outcome == "quarantined" and game.is_decided(table) and _is_known(game, table, verdict)


@dataclass
class _Review:
    """What one look at a staged game found: the difference to what is published, and the rules' findings."""

    row: Row
    findings: list[Finding]


def _decide(game: Game, table: PublishedTable, review: _Review | None, is_contradicted: bool) -> GameOutcome:
    """What becomes of one game whose rows were computed; a better source's published rows stay, unless contradicted."""
    visible = game.visible_rows(table.name)
    decision = game.decisions.get(table.name)
    if review is None or not review.row["staged_rows"]:
        reason = held_beside(decision, "no rows: the game is final, none came")
        return GameOutcome(game.game_date, game.game_id, "quarantined", reason, visible)
    findings, row = tuple(review.findings), review.row
    if decision and not is_contradicted and _is_better_and_intact(table, decision, row):
        why = next((f" ({finding.problem})" for finding in findings if finding.rule in _SOURCE_RULES), "")
        reason = f"better_source_published: {decision.quality_tier} stays, {row['staged_tier']} offered{why}"
        return GameOutcome(game.game_date, game.game_id, "kept", reason, visible, findings=findings)
    failed = audits.errors(findings)
    if failed:
        reason = held_beside(decision, audits.summary(failed))
        return GameOutcome(game.game_date, game.game_id, "quarantined", reason, visible, findings=findings)
    changes = (row["rows_added"], row["rows_changed"], row["rows_removed"])
    # Equal rows that no record vouches for: a publication was killed before it was recorded. Publish them again.
    is_recorded = decision is not None and decision.content_hash == row["content_hash"]
    outcome = "unchanged" if is_recorded and not any(changes) else "published"
    return GameOutcome(game.game_date, game.game_id, outcome, None, row["staged_rows"], *changes, findings)


def _is_better_and_intact(table: PublishedTable, decision: Decision, row: Row) -> bool:
    """Whether a better source's rows are published, as they were published and with no check failed.

    A table without sources of its own follows the rows it reads, whatever theirs are, and so does one that looks back.
    """
    is_intact = decision.outcome != CHECK_FAILED and row["published_hash"] == decision.content_hash
    is_better = _TIER_RANK.get(row["staged_tier"], 0) < _TIER_RANK.get(decision.quality_tier or "", 0)
    return bool(table.views) and not table.looks_back_to and decision.row_count > 0 and is_intact and is_better


_SOURCE_RULES = ("source_contradicted", "players_incomplete")
"""Rules whose warning says why a game is not published from its first source as it is."""
