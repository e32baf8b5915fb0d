"""What to do about a finding of each rule. What the rule demands is the first comment of its SQL.

What belongs here: the remedy, how urgent it is, how to undo it. What doesn't: the rules (sql/tables/<table>/checks,
sql/every_table/checks).
"""

from phase3_assets.runbook.paragraph import LOADED, NOTHING_DONE, REPUBLISHED, Paragraph

_HOLDS_BACK = (
    "Today. As an error it holds the game back: readers keep what they had, or lack the game. On rows "
    "that are published "
    "already it stops what reads them. As a warning it lets the game pass."
)
_WARNS = "This week. It is a warning: the rows are published, and a person should look."
_OURS = "Now. The rows were computed wrongly, or changed afterwards; a source alone cannot cause it."
_BY_DEMAND = "What the rule demands of each table is said below."


def _rule(urgency: str, to_do: str, undo: str) -> Paragraph:
    return Paragraph(_BY_DEMAND, urgency, to_do, undo)


RULES = {
    "accepted_values": _rule(
        _HOLDS_BACK,
        "Correct the loader, or teach `sql/functions/team_code.sql` the spelling.",
        LOADED,
    ),
    "box_score_arithmetic": _rule(
        _HOLDS_BACK,
        "Load the source again; two of the figures contradict each other.",
        LOADED,
    ),
    "contradictory_rows": _rule(
        _HOLDS_BACK,
        "Load the source again: one load holds two lines of one player that differ.",
        LOADED,
    ),
    "coverage": _rule(
        _WARNS,
        "Load rosters or injury reports, which say who plays for whom; a season's start may lack some.",
        LOADED,
    ),
    "dnp_pollution": _rule(
        _OURS,
        "Report it: a SELECT counts rows without minutes. `phase3 run DATE --repair` makes the rows anew.",
        REPUBLISHED,
    ),
    "does_not_add_up": _rule(
        _HOLDS_BACK,
        "Two sources contradict each other and no third decides: load the one that is wrong again.",
        LOADED,
    ),
    "duplicates": _rule(
        _HOLDS_BACK,
        "Load schedule or team box score again; `phase3 run DATE --repair` where rows were copied by hand.",
        LOADED,
    ),
    "game_count": _rule(
        _OURS,
        "`phase3 run DATE --repair`: the table has other rows of the game than were published.",
        REPUBLISHED,
    ),
    "games_complete": _rule(
        _HOLDS_BACK,
        "`phase3 status DATE` says why; `phase3 waive GAME` gives up on it.",
        "`phase3 waive GAME_ID --undo --reason ...` takes a waiver back.",
    ),
    "home_flag_differs": _rule(
        _WARNS,
        "Nothing: the schedule decides. Correct the source if it is yours.",
        NOTHING_DONE,
    ),
    "impossible_statistics": _rule(
        _HOLDS_BACK,
        "Load the source again; the figure is named.",
        LOADED,
    ),
    "left_out": _rule(
        _WARNS,
        "Load what is named again, corrected; a player whom nobody places needs a roster or a report that says his "
        "team.",
        LOADED,
    ),
    "line_match": _rule(
        _WARNS,
        "Look whether the props of the date came, and whether their player names are spelled as ours.",
        LOADED,
    ),
    "names": _rule(
        _HOLDS_BACK,
        "Correct the key in the source: the figures are another player's.",
        LOADED,
    ),
    "not_constant": _rule(
        _WARNS,
        "Look at the source of the column: it has stopped varying, or coming.",
        LOADED,
    ),
    "nulls": _rule(
        _HOLDS_BACK,
        "Load the source again; the missing columns are named.",
        LOADED,
    ),
    "plausible_ranges": _rule(
        _WARNS,
        "Look at the game; a true record passes as it is, the thresholds are settings.",
        NOTHING_DONE,
    ),
    "players_incomplete": _rule(
        _WARNS,
        "Load the gamebook again when the league has completed it; published as bronze until then.",
        LOADED,
    ),
    "play_by_play_missing": _rule(
        _WARNS,
        "Load the play-by-play of the games; they are published without it until then.",
        LOADED,
    ),
    "point_in_time": _rule(
        _OURS,
        "Report it: a SELECT reads what came later. Nothing that was visible before has changed.",
        REPUBLISHED,
    ),
    "rest_arithmetic": _rule(
        _HOLDS_BACK,
        "Look at the schedule of the team: a date twice, or out of order; load it again.",
        LOADED,
    ),
    "same_figures": _rule(
        _OURS,
        "`phase3 run DATE` makes the rows of both tables anew; `--repair` where one was changed by hand.",
        REPUBLISHED,
    ),
    "symmetry": _rule(
        _HOLDS_BACK,
        "Look at the schedule and the lines of the game: both sides must be listed once; load them again.",
        LOADED,
    ),
    "scores_exchanged": _rule(
        _HOLDS_BACK,
        "Load the schedule again: it has the two scores the other way round.",
        LOADED,
    ),
    "source_contradicted": _rule(
        _WARNS,
        "Nothing: another source that adds up serves. Load the contradicted one again for gold.",
        LOADED,
    ),
    "team_totals": _rule(
        _WARNS,
        "Nothing, mostly: a scorer's correction is on its way. Look at the differences if they stay.",
        NOTHING_DONE,
    ),
    "unreadable_minutes": _rule(
        _HOLDS_BACK,
        "Load the source again; a new spelling of the league's goes into `clock_seconds.sql`.",
        LOADED,
    ),
    "zone_arithmetic": _rule(
        _OURS,
        "Report it: figures by zone are published only where they add up. `phase3 run DATE --repair`.",
        REPUBLISHED,
    ),
    "zones_complete": _rule(
        _WARNS,
        "Load play-by-play and box score of the games again: their shots differ.",
        LOADED,
    ),
    "usage_rate": _rule(
        _HOLDS_BACK,
        "Look at the players' minutes and the team's row. Above 100 is only right in a few seconds.",
        LOADED,
    ),
}
