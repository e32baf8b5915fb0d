"""What to do about a message that is about runs or code, and not about the data.

What belongs here: one paragraph per kind of such message. What doesn't: messages about quality events (events.py).
"""

from phase3_assets.runbook.paragraph import NOTHING_DONE, Paragraph

ALERTS = {
    "run failed": Paragraph(
        "A run of a job and its dates failed, or fails for another reason than before. The message names the step and "
        "the error. What was published before stays; what the run was to publish may be missing.",
        "Now. Sensors ask for it again up to five times, and then hourly.",
        "Read the error: ours say what to do next. Then `phase3 run DATE`, or start the run again in the UI. "
        "If a check "
        "failed, look it up here (`check: ...`).",
        "A run that is repeated writes only what differs: there is nothing to undo.",
    ),
    "run recovered": Paragraph("The job and its dates succeed again.", "Not urgent.", "Nothing.", NOTHING_DONE),
    "code drift": Paragraph(
        "For more than a day, code that runs or has written is not the code that is installed: readers see rows of an "
        "earlier formula, or a process still runs an earlier deployment.",
        "Today. Every row passed the audit of its time; rows of two formulas must not be compared.",
        "`phase3 health` names which. Rows of earlier code: `phase3 backfill FIRST LAST`. A process that runs earlier "
        "code: restart Dagster's code location and its daemon, or update that machine.",
        "If the installed code is the wrong one, install the former again and `phase3 backfill FIRST LAST`: "
        "exactly the "
        "rows that differ are replaced. `phase3 drill wrong-formula` rehearses it.",
    ),
    "code agrees": Paragraph(
        "The code that runs, has written and is installed is one again.", "Not urgent.", "Nothing.", NOTHING_DONE
    ),
}
