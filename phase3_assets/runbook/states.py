"""What to do about a game in each state.

What belongs here: the states of `phase3 status`. What doesn't: the reasons behind them (reasons.py, rules.py).
"""

from phase3_assets.runbook.paragraph import LOADED, NOTHING_DONE, REPUBLISHED, Paragraph

STATES = {
    "scheduled": Paragraph(
        "The game is not final, by the schedule.",
        "Not urgent before the game is over. Today, once its date has passed: the schedule has not been loaded since.",
        "Nothing, or load nbac_schedule of the date again once the game is over.",
        LOADED,
    ),
    "live": Paragraph(
        "The game is being played, by the schedule.",
        "Not urgent during the game. Today, once its date has passed: the schedule has not been loaded since.",
        "Nothing, or load nbac_schedule of the date again once the game is over. After 14 days it is waived.",
        LOADED,
    ),
    "waiting": Paragraph(
        "The game is final, and a source is missing or invalid. The reason names it.",
        "Today. Readers see nothing of the game, and nothing wrong.",
        "Look the reason up here (`reason: ...`), and load what it names.",
        LOADED,
    ),
    "quarantined": Paragraph(
        "The game's rows were computed, and a rule failed. The reason names the table, the rule and the "
        "worst offender.",
        "Now. Readers lack the game, or see the version before.",
        "Look the rule up here (`check: ...`). `phase3 audit DATE --staged` lists every row that breaks it.",
        LOADED,
    ),
    "ready": Paragraph(
        "Everything is there, and nobody has published it yet.",
        "Today. Where the daemon runs, the next tick publishes it within a minute.",
        "`phase3 run DATE`. If the daemon should have done it, look at `phase3 health`: sensors, queue.",
        REPUBLISHED,
    ),
    "published": Paragraph(
        "Readers see the game. A reason beside it says what stands against its newest version.",
        "Not urgent without a reason; otherwise look the reason up here.",
        "Nothing, or what the reason's paragraph says.",
        REPUBLISHED,
    ),
    "waived": Paragraph(
        "A person, or the age limit of 14 days, has given up on the game.",
        "Not urgent. Readers do not see the game, and it counts as missing nowhere.",
        "Nothing, or `phase3 waive GAME_ID --undo --reason ...` once its source can be had.",
        "`phase3 waive GAME_ID --reason ...`.",
    ),
    "void": Paragraph(
        "The game was called off, or the schedule lists it elsewhere. What was published of it is in history.",
        "Not urgent. The schedule decides.",
        "Nothing, or load the schedule again if it is wrong.",
        LOADED,
    ),
}
NOT_KNOWN = Paragraph(
    "The project tells something that this runbook has no paragraph for: a fault of ours.",
    "Today.",
    "Read what it says, and report that its paragraph is missing.",
    NOTHING_DONE,
)
