"""What is wrong where a game waits, is held back or is questioned, and what a person does about it.

What belongs here: a remedy for every reason, and which of them a game needs now. What doesn't: the states and reasons
themselves (states.py, sql/views/game_sources.sql), examples of them (docs/reasons.md, which `make reasons` writes).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from phase3_assets.catalog.tables import published_tables
from phase3_assets.clock import utc_now
from phase3_assets.publishing.game import Game
from phase3_assets.publishing.measure import complete_from
from phase3_assets.publishing.states import reader_state, tables_of_states
from phase3_assets.publishing.vocabulary import Failure, Outcome, SourceState


@dataclass(frozen=True)
class Remedy:
    """What a reason means, and what to do about it: sentences, with commands between backquotes."""

    meaning: str
    remedy: str


WAITING = {
    "no_final_score": Remedy(
        "The schedule says that the game is over, without a score of both teams.",
        "Load the game's rows of nbac_schedule again; the next tick publishes it.",
    ),
    "tip_off_on_another_date": Remedy(
        "The tip-off lies on another Eastern date than the one the schedule lists the game under.",
        "Correct `game_date` in the schedule's loader: it is the Eastern date, not that of UTC.",
    ),
    "team_in_two_games": Remedy(
        "The schedule has the team in two games of the date, and its row can only be of one.",
        "Load the game's rows of nbac_schedule again; the next tick publishes it.",
    ),
    "no_team_boxscore": Remedy(
        "The team box score has no row of the game, and the gamebook cannot replace it. Rows of the two teams that are"
        " dated a day earlier or later are named behind it.",
        "Load the game's rows of nbac_team_boxscore again; the next tick publishes it.",
    ),
    "one_sided_team_boxscore": Remedy(
        "The team box score has one team's row only.",
        "Load the game's rows of nbac_team_boxscore again; the next tick publishes it.",
    ),
    "placeholder_team_boxscore": Remedy(
        "A team's row has no points, no attempts or no minutes: written before the game was played.",
        "Load the game's rows of nbac_team_boxscore again; the next tick publishes it.",
    ),
    "unreadable_team_boxscore": Remedy(
        "A figure in a team's row is impossible in a game. The reason names the figure and the team.",
        "Load the game's rows of nbac_team_boxscore again; the next tick publishes it.",
    ),
    "conflicting_home_flags": Remedy(
        "Both rows of the team box score say home, or neither does.",
        "Load the game's rows of nbac_team_boxscore again; the next tick publishes it.",
    ),
    "team_boxscore_contradicted": Remedy(
        "The team box score contradicts itself or the final score, and there is no gamebook to rebuild it from. The "
        "figure is named.",
        "Load the game's rows of nbac_team_boxscore again, or its gamebook, which then replaces them.",
    ),
    "no_player_rows": Remedy(
        "Neither the gamebook nor the same-evening rows have anybody of the game. Rows of the two teams that are dated"
        " a day earlier or later are named behind it.",
        "Load nbac_gamebook_player_stats or nbac_player_boxscores of the date; correct the dates where rows are named.",
    ),
    "roster_only_gamebook": Remedy(
        "The gamebook lists the players, and none of them entered: published before the game.",
        "Load the game's rows of nbac_gamebook_player_stats again; the next tick publishes it.",
    ),
    "one_sided_gamebook": Remedy(
        "The gamebook has players of one team only.",
        "Load the game's rows of nbac_gamebook_player_stats again; the next tick publishes it.",
    ),
    "placeholder_gamebook": Remedy(
        "Five or more of a team entered and none scored: written before the game was played.",
        "Load the game's rows of nbac_gamebook_player_stats again; the next tick publishes it.",
    ),
    "one_sided_player_boxscore": Remedy(
        "There is no gamebook, and the same-evening rows have players of one team only.",
        "Load the game's rows of nbac_player_boxscores again, or its gamebook.",
    ),
    "placeholder_player_boxscore": Remedy(
        "There is no gamebook, and in the same-evening rows five or more of a team entered and none scored.",
        "Load the game's rows of nbac_player_boxscores again, or its gamebook.",
    ),
}
"""By the first word of the reason for which a game waits."""
AFTERWARDS = {
    "PPD": Remedy(
        "void: the schedule says that the game was called off. Its rows are withdrawn into history.",
        "Nothing; if it was played, load the schedule again.",
    ),
    "moved_to": Remedy(
        "void: the schedule now has the game on the date that is named. Its rows are withdrawn into history.",
        "Nothing; the game is published on its new date.",
    ),
    "its source is gone": Remedy(
        "published: raw rows, or the schedule's row, are missing or contradicted now. What was published stays as it "
        "is. The brackets say why the game would have to wait now.",
        "Load again what the reason names. There is nothing to waive: the visible rows passed their audit.",
    ),
    "better_source_published": Remedy(
        "published: the first source is gone and a second one is there. The better rows stay.",
        "Load the first source again, or leave it.",
    ),
    "quarantined": Remedy(
        "The rows were computed and a rule holds them back: the table, the rule, the worst offender, and how many more"
        " there are. If a version was published before, it stays, and the reason says so.",
        "Look the rule up below.",
    ),
    "drift": Remedy(
        "published, but the rows are not those that the publication wrote: somebody changed them by hand.",
        "`phase3 run DATE --repair` publishes the true rows again; find out who wrote.",
    ),
    "check failed": Remedy(
        "published, but a check of the published rows fails, and their audit passed: they were changed, or a threshold"
        " was.",
        "`phase3 run DATE --repair`, or the threshold.",
    ),
    "held": Remedy(
        "published: a person went back to an earlier version, which stays until it is released.",
        "`phase3 release TABLE DATE --reason ...` lets newer rows in again.",
    ),
}
"""What can happen to a game that was published, or computed."""
RULES = {
    "accepted_values": "Correct the loader, or teach `sql/functions/team_code.sql` the spelling.",
    "box_score_arithmetic": "Load the source again; two of the figures contradict each other.",
    "contradictory_rows": "Load the source again: one load holds two lines of one player that differ.",
    "coverage": "Load rosters or injury reports, which say who plays for whom; a season's start may lack some.",
    "dnp_pollution": "Report it: a SELECT counts rows without minutes. `phase3 run DATE --repair` makes the rows anew.",
    "does_not_add_up": "Two sources contradict each other and no third decides: load the one that is wrong again.",
    "duplicates": "Load schedule or team box score again; `phase3 run DATE --repair` where rows were copied by hand.",
    "game_count": "`phase3 run DATE --repair`: the table has other rows of the game than were published.",
    "games_complete": "`phase3 status DATE` says why; `phase3 waive GAME` gives up on it.",
    "home_flag_differs": "Nothing: the schedule decides. Correct the source if it is yours.",
    "impossible_statistics": "Load the source again; the figure is named.",
    "left_out": "Load what is named again, corrected; a player whom nobody places needs a roster or a report that says "
    "his team.",
    "line_match": "Look whether the props of the date came, and whether their player names are spelled as ours.",
    "names": "Correct the key in the source: the figures are another player's.",
    "not_constant": "Look at the source of the column: it has stopped varying, or coming.",
    "nulls": "Load the source again; the missing columns are named.",
    "plausible_ranges": "Look at the game; a true record passes as it is, the thresholds are settings.",
    "players_incomplete": "Load the gamebook again when the league has completed it; published as bronze until then.",
    "play_by_play_missing": "Load the play-by-play of the games; they are published without it until then.",
    "point_in_time": "Report it: a SELECT reads what came later. Nothing that was visible before has changed.",
    "rest_arithmetic": "Look at the schedule of the team: a date twice, or out of order; load it again.",
    "same_figures": "`phase3 run DATE` makes the rows of both tables anew; `--repair` where one was changed by hand.",
    "symmetry": "Look at the schedule and the lines of the game: both sides must be listed once; load them again.",
    "scores_exchanged": "Load the schedule again: it has the two scores the other way round.",
    "source_contradicted": "Nothing: another source that adds up serves. Load the contradicted one again for gold.",
    "team_totals": "Nothing, mostly: a scorer's correction is on its way. Look at the differences if they stay.",
    "unreadable_minutes": "Load the source again; a new spelling of the league's goes into `clock_seconds.sql`.",
    "zone_arithmetic": "Report it: figures by zone are published only where they add up. `phase3 run DATE --repair`.",
    "zones_complete": "Load play-by-play and box score of the games again: their shots differ.",
    "usage_rate": "Look at the players' minutes and the team's row. Above 100 is only right in a few seconds.",
}
"""What to do about a finding of each rule. What the rule demands is the first comment of its SQL."""

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
            yield AFTERWARDS["drift" if kind is Failure.DRIFT else "check failed"].remedy
        if game.hold(table):
            yield AFTERWARDS["held"].remedy.replace("TABLE", table.name)


def _about_new_rows(game: Game, state: str) -> Iterator[str]:
    """What to do so that the game is published, or its newest version is."""
    if state == SourceState.WAITING:
        cause = str(game.facts["source_reason"]).split(" ", 1)[0]
        known = WAITING.get(cause) or AFTERWARDS["its source is gone"]
        yield f"{known.meaning} {known.remedy}"
        yield f"If it will never come: `phase3 waive {game.game_id} --reason ...`"
    elif state == SourceState.READY:
        yield "Everything is there: the next run publishes it. `phase3 run DATE` does so now."
    for table in tables_of_states():
        decision = game.decisions.get(table.name)
        if decision is None or state == SourceState.WAITING:
            continue
        if decision.is_held_back:
            for rule in decision.standing.blocked_by:
                yield RULES.get(
                    rule, "`phase3 plan DATE` says what a run would do; docs/reasons.md explains the reason."
                )
        elif decision.outcome is Outcome.KEPT:
            is_worse = "better_source_published" in decision.standing.blocked_by
            yield AFTERWARDS["better_source_published" if is_worse else "its source is gone"].remedy
