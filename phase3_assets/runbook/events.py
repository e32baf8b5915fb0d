"""What each quality event tells (`phase3 events`, nba_phase3.data_quality_events, alerts), and what to do.

What belongs here: one paragraph per event type. What doesn't: making events (publishing/), sending them (alerting/).
"""

from phase3_assets.runbook.paragraph import LOADED, NOTHING_DONE, REPUBLISHED, Paragraph

EVENTS = {
    "check_failed": Paragraph(
        "A blocking check of published rows fails; what reads them stops for these games.",
        "Now. Readers see rows that break a rule.",
        "`phase3 checks DATE` names the rows. `phase3 run DATE --repair` computes them anew; if the source is wrong, "
        "load it again first.",
        REPUBLISHED,
    ),
    "check_recovered": Paragraph(
        "It passes again.",
        "Not urgent.",
        "Nothing.",
        NOTHING_DONE,
    ),
    "date_completed": Paragraph(
        "The date is complete again.",
        "Not urgent.",
        "Nothing; work that waits for the date may start.",
        NOTHING_DONE,
    ),
    "date_incomplete": Paragraph(
        "A date that was complete is so no longer: a game is missing, or fails a check.",
        "Today. Work on the date may have started already and is now about other rows.",
        "`phase3 ready DATE` names what is missing and why; look that reason up here.",
        NOTHING_DONE,
    ),
    "drift": Paragraph(
        "Published rows are not those that were written.",
        "Now. Readers see rows that no audit has passed.",
        "`phase3 run DATE --repair` publishes the true rows again, but for a held game: roll that back again, or "
        "release it first. Find out who wrote.",
        "Write the change to the raw table and run the date: then it is audited and kept.",
    ),
    "game_completed": Paragraph(
        "A game that was missing for too long has arrived, or no longer counts as a game.",
        "Not urgent.",
        "Nothing.",
        NOTHING_DONE,
    ),
    "game_excluded": Paragraph(
        "A row of the schedule is excluded: an exhibition, teams not known yet, an unknown kind of game.",
        "Not urgent where the game is an exhibition or its teams are not known yet; otherwise this week.",
        "Correct the row of the schedule if it is a game that counts, and load it again.",
        LOADED,
    ),
    "game_incomplete": Paragraph(
        "A final game is missing for more than the hours of the threshold.",
        "Today. Readers have missed the game for two days.",
        "`phase3 status DATE` says why; look that reason up here. `phase3 waive GAME_ID --reason ...` gives up on the "
        "game.",
        "`phase3 waive GAME_ID --undo --reason ...`.",
    ),
    "game_kept": Paragraph(
        "The source is gone or worse now; the published rows stay.",
        "Today. Readers see the right rows; a correction would not reach them.",
        "Load again what the description names.",
        LOADED,
    ),
    "game_no_longer_excluded": Paragraph(
        "The excluded row counts as a game now, or has left the schedule.",
        "Not urgent.",
        "Nothing; it is published like any other game.",
        LOADED,
    ),
    "game_quarantined": Paragraph(
        "A rule holds the game back.",
        "Now. Readers lack the game, or see the version before.",
        "The description names rule and offender: look the rule up here (`check: ...`). `phase3 audit DATE --staged` "
        "lists every row.",
        LOADED,
    ),
    "game_released": Paragraph(
        "It passes its audit again.",
        "Not urgent.",
        "Nothing.",
        NOTHING_DONE,
    ),
    "game_waived": Paragraph(
        "A person, or the age limit, has given up on the game.",
        "This week, if nobody knows of it: the age limit waives what waited for 14 days.",
        "Nothing, or `phase3 waive GAME_ID --undo --reason ...` once its source can be had.",
        "`phase3 waive GAME_ID --undo --reason ...`.",
    ),
    "game_waiver_undone": Paragraph(
        "A person has taken the waiver back.",
        "Not urgent.",
        "Nothing; the next run looks at the game again.",
        "`phase3 waive GAME_ID --reason ...`.",
    ),
    "game_withdrawn": Paragraph(
        "The game is void; its rows went into history.",
        "Today, if the game was played.",
        "Nothing, or load the schedule again if it is wrong; the next run publishes the game again.",
        "The rows are in history; a right schedule and `phase3 run DATE` bring the game back.",
    ),
    "hold_released": Paragraph(
        "A version that was gone back to may be replaced again.",
        "Not urgent.",
        "`phase3 run DATE` computes the games again, if no sensor does.",
        "`phase3 rollback TABLE DATE --to ID --reason ...` puts the hold back.",
    ),
    "inputs_left_out": Paragraph(
        "Lines, reports or players of a game are left out of a pre-game table: the check `left_out`.",
        "This week. Rows of before the game say less than they could.",
        "The description names what is left out and why: load it again, corrected.",
        LOADED,
    ),
    "inputs_no_longer_left_out": Paragraph(
        "Nothing of the game is left out any more.",
        "Not urgent.",
        "Nothing.",
        NOTHING_DONE,
    ),
    "player_rows_left_out": Paragraph(
        "Player rows name none of the game's teams and are in no table.",
        "Today. Players of the game are in no table.",
        "Correct the team of the rows that are named, and load them again.",
        LOADED,
    ),
    "players_incomplete": Paragraph(
        "Published as bronze: players are missing, with their minutes and points.",
        "This week. The rows are published as bronze, with what is missing.",
        "Load the gamebook again once the league has completed it.",
        LOADED,
    ),
    "rollback": Paragraph(
        "Somebody went back to an earlier version.",
        "Not urgent; it is a person's decision.",
        "Mend what was wrong, then `phase3 release TABLE DATE --reason ...`.",
        "`phase3 release TABLE DATE --reason ...`, and `phase3 run DATE`.",
    ),
    "source_contradicted": Paragraph(
        "Published as silver: the first source of the rows is not believed, with the figure.",
        "This week. Another source that adds up serves, as silver.",
        "Load the contradicted source again for gold.",
        LOADED,
    ),
    "stray_rows_removed": Paragraph(
        "Rows that no publication wrote were removed into history.",
        "Today. Somebody wrote to a published table.",
        "Find out who wrote. Nothing else: the rows are gone from the table.",
        "The rows are in the table's history, `nba_phase3.TABLE__history`.",
    ),
}
