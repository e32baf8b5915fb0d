"""Why a game waits, and what happens to one that was published: by the first words of the reason.

What belongs here: the reasons of `phase3 status` and nba_phase3.game_readiness. What doesn't: states (states.py), rules
(rules.py).
"""

from phase3_assets.runbook.paragraph import LOADED, REPUBLISHED, Paragraph


def _waiting(means: str, to_do: str) -> Paragraph:
    return Paragraph(
        means,
        "Today. Readers see nothing of the game, and nothing wrong. It is published by itself once the "
        "source is there; "
        "after 48 hours it is an error, after 14 days it is waived.",
        to_do,
        f"{LOADED} A waiver: `phase3 waive GAME_ID --undo --reason ...`.",
    )


WAITING = {
    "no_final_score": _waiting(
        "The schedule says that the game is over, without a score of both teams.",
        "Load the game's rows of nbac_schedule again; the next tick publishes it.",
    ),
    "tip_off_on_another_date": _waiting(
        "The tip-off lies on another Eastern date than the one the schedule lists the game under.",
        "Correct `game_date` in the schedule's loader: it is the Eastern date, not that of UTC.",
    ),
    "team_in_two_games": _waiting(
        "The schedule has the team in two games of the date, and its row can only be of one.",
        "Load the game's rows of nbac_schedule again; the next tick publishes it.",
    ),
    "no_team_boxscore": _waiting(
        "The team box score has no row of the game, and the gamebook cannot replace it. Rows of the two teams that "
        "are dated a day earlier or later are named behind it.",
        "Load the game's rows of nbac_team_boxscore again; the next tick publishes it.",
    ),
    "one_sided_team_boxscore": _waiting(
        "The team box score has one team's row only.",
        "Load the game's rows of nbac_team_boxscore again; the next tick publishes it.",
    ),
    "placeholder_team_boxscore": _waiting(
        "A team's row has no points, no attempts or no minutes: written before the game was played.",
        "Load the game's rows of nbac_team_boxscore again; the next tick publishes it.",
    ),
    "unreadable_team_boxscore": _waiting(
        "A figure in a team's row is impossible in a game. The reason names the figure and the team.",
        "Load the game's rows of nbac_team_boxscore again; the next tick publishes it.",
    ),
    "conflicting_home_flags": _waiting(
        "Both rows of the team box score say home, or neither does.",
        "Load the game's rows of nbac_team_boxscore again; the next tick publishes it.",
    ),
    "team_boxscore_contradicted": _waiting(
        "The team box score contradicts itself or the final score, and there is no gamebook to rebuild it from. The "
        "figure is named.",
        "Load the game's rows of nbac_team_boxscore again, or its gamebook, which then replaces them.",
    ),
    "no_player_rows": _waiting(
        "Neither the gamebook nor the same-evening rows have anybody of the game. Rows of the two teams that are "
        "dated a day earlier or later are named behind it.",
        "Load nbac_gamebook_player_stats or nbac_player_boxscores of the date; correct the dates where rows are named.",
    ),
    "roster_only_gamebook": _waiting(
        "The gamebook lists the players, and none of them entered: published before the game.",
        "Load the game's rows of nbac_gamebook_player_stats again; the next tick publishes it.",
    ),
    "one_sided_gamebook": _waiting(
        "The gamebook has players of one team only.",
        "Load the game's rows of nbac_gamebook_player_stats again; the next tick publishes it.",
    ),
    "placeholder_gamebook": _waiting(
        "Five or more of a team entered and none scored: written before the game was played.",
        "Load the game's rows of nbac_gamebook_player_stats again; the next tick publishes it.",
    ),
    "one_sided_player_boxscore": _waiting(
        "There is no gamebook, and the same-evening rows have players of one team only.",
        "Load the game's rows of nbac_player_boxscores again, or its gamebook.",
    ),
    "placeholder_player_boxscore": _waiting(
        "There is no gamebook, and in the same-evening rows five or more of a team entered and none scored.",
        "Load the game's rows of nbac_player_boxscores again, or its gamebook.",
    ),
}
"""The reasons of games that wait."""

AFTERWARDS = {
    "PPD": Paragraph(
        "void: the schedule says that the game was called off. Its rows are withdrawn into history.",
        "Not urgent. The schedule decides, and the rows are kept in history.",
        "Nothing; if it was played, load the schedule again.",
        LOADED,
    ),
    "moved_to": Paragraph(
        "void: the schedule now has the game on the date that is named. Its rows are withdrawn into history.",
        "Not urgent. The schedule decides, and the rows are kept in history.",
        "Nothing; the game is published on its new date.",
        LOADED,
    ),
    "its source is gone": Paragraph(
        "published: raw rows, or the schedule's row, are missing or contradicted now. What was published stays as it "
        "is. The brackets say why the game would have to wait now.",
        "Today. Readers still see the right rows; a later correction of the game would not reach them.",
        "Load again what the reason names. There is nothing to waive: the visible rows passed their audit.",
        LOADED,
    ),
    "better_source_published": Paragraph(
        "published: the first source is gone and a second one is there. The better rows stay.",
        "This week. Readers see the better rows; a correction of the first source would not reach them.",
        "Load the first source again, or leave it.",
        LOADED,
    ),
    "quarantined": Paragraph(
        "The rows were computed and a rule holds them back: the table, the rule, the worst offender, and how many "
        "more there are. If a version was published before, it stays, and the reason says so.",
        "Now. Either readers lack the game, or they see a version that its source no longer bears out.",
        "Look the rule up below.",
        LOADED,
    ),
    "drift": Paragraph(
        "published, but the rows are not those that the publication wrote: somebody changed them by hand.",
        "Now. Readers see rows that no audit has passed; tables that read them stop for the game.",
        "`phase3 run DATE --repair` publishes the true rows again; find out who wrote.",
        "Write the change to the raw table, not to the published one, and run the date: then it is audited and kept.",
    ),
    "check failed": Paragraph(
        "published, but a check of the published rows fails, and their audit passed: they were changed, or a "
        "threshold was.",
        "Now. Readers see rows that break a rule; tables that read them stop for the game.",
        "`phase3 run DATE --repair`, or the threshold.",
        REPUBLISHED,
    ),
    "held": Paragraph(
        "published: a person went back to an earlier version, which stays until it is released.",
        "This week. The rows are right by somebody's word; corrections of the source do not reach readers meanwhile.",
        "`phase3 release TABLE DATE --reason ...` lets newer rows in again.",
        "The hold itself is the undo of a publication. `phase3 rollback TABLE DATE --to ID --reason ...` puts it back "
        "after a release.",
    ),
}
"""What happens to games that were published."""
