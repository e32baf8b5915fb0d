"""What to do about each line of `phase3 health`.

What belongs here: one paragraph per subject of a line. What doesn't: looking and judging (health/).
"""

from phase3_assets.runbook.paragraph import LOADED, NOTHING_DONE, REPUBLISHED, Paragraph

MORNING = {
    "games": Paragraph(
        "How many of the night's games readers see in every table, of those that are neither void nor waived.",
        "Today, where one is missing. Each missing game has a line of its own.",
        "Follow the lines of the games.",
        NOTHING_DONE,
    ),
    "game": Paragraph(
        "A game of the night is held back, late, or not in every table.",
        "Now, where a rule holds it back; today, where a source is late.",
        "The line names the paragraph of its reason.",
        LOADED,
    ),
    "late": Paragraph(
        "Raw rows of published games have changed, and no run has published them yet.",
        "Today. Readers see the rows of before the correction. The daemon publishes it within minutes, where it runs.",
        "`phase3 plan DATE` says what is due and why; `phase3 run DATE` does it.",
        REPUBLISHED,
    ),
    "schedule": Paragraph(
        "The loaded schedule ends before yesterday, and not so long ago that it could be the off-season.",
        "Today. Without a schedule nobody knows of a game, so nothing is missing that the other lines could name.",
        "Load nbac_schedule. If the season is over, nothing: the line goes away after two weeks.",
        LOADED,
    ),
    "sources": Paragraph(
        "Games of the night are published from another source than the first, or with players missing: silver, bronze.",
        "This week. The rows add up, and say so in `quality_tier` and `quality_issues`.",
        "Load the source that is named again; the games become gold by themselves.",
        LOADED,
    ),
    "checks": Paragraph(
        "A check of the night's published rows fails with an error.",
        "Now. What reads these rows stops.",
        "`phase3 checks DATE` names the rows. Look the check up here (`check: ...`).",
        REPUBLISHED,
    ),
    "usage": Paragraph(
        "The highest usage rate of the night, of players with five minutes or more, is above "
        "PHASE3_USAGE_RATE_HIGH, or "
        "beyond what is possible.",
        "Today. A star's true record may be above 50; above 100 is a fault.",
        "`phase3 explain player_game_summary DATE PLAYER usage_rate` shows the formula with its numbers and "
        "the raw rows. "
        "If the minutes or the team's row are wrong, load the source again.",
        LOADED,
    ),
    "coverage": Paragraph(
        "Players with minutes have no usage rate.",
        "Now below PHASE3_USAGE_COVERAGE_ERROR, which is an error of the check; today below "
        "PHASE3_USAGE_COVERAGE_WARNING.",
        "`phase3 audit DATE` names the games. Mostly the team's row lacks figures: load nbac_team_boxscore again.",
        LOADED,
    ),
    "drift": Paragraph(
        "Published rows of the last 30 dates are not those that were written: somebody changed them by hand.",
        "Now. Readers see rows that no audit has passed.",
        "`phase3 run DATE --repair` publishes the true rows again, but for a held game: roll that back "
        "again, or release "
        "it first. Find out who wrote.",
        "Write the change to the raw table and run the date: then it is audited and kept.",
    ),
    "sensors": Paragraph(
        "Dagster's daemon, a sensor or a schedule is stopped, silent, or fails at every tick.",
        "Now. Nothing is published, verified or told by itself.",
        "Start the daemon (docs/deployment.md). A stopped sensor: the UI, Automation, switch it on. A failing one: its "
        "last tick there says why.",
        "Switch it off again in the UI.",
    ),
    "queue": Paragraph(
        "A run has waited in Dagster's queue for longer than PHASE3_QUEUE_SECONDS.",
        "Today. What it publishes is late.",
        "The UI, Runs, Queued: a run that hangs before it holds the slot, so end that one. `phase3 doctor` "
        "looks at the "
        "queue's limit and the daemon.",
        "A run that was ended is asked for again by the sensors.",
    ),
    "runs": Paragraph(
        "A run of the last day failed, and no later run of the same job and dates has succeeded.",
        "Today. What it was to publish may be missing; what was published before stays.",
        "Read the error in the UI: ours say what to do next. Then `phase3 run DATE`.",
        "A run that is repeated writes only what differs: there is nothing to undo.",
    ),
    "backup": Paragraph(
        "The newest backup is older than PHASE3_BACKUP_HOURS and the warehouse has changed since; or it is empty or "
        "not there; or nobody has said where backups are.",
        "Today. History takes back a wrong publication; a lost disk needs a backup.",
        "Copy the warehouse file, and a `.wal` beside it, into the folder that PHASE3_BACKUP_FOLDER names, once a day, "
        "while nothing has it open: docs/deployment.md, Backup. Without backups on purpose: PHASE3_BACKUP_FOLDER=none. "
        "BigQuery keeps seven days by itself; for more, docs/bigquery.md, Backup.",
        "To restore: end every process that has the warehouse open, move the file at PHASE3_DUCKDB_PATH and its `.wal` "
        "aside, copy the backup there (with its `.wal`, if it has one), then `phase3 verify FIRST LAST` and `phase3 "
        "backfill FIRST LAST`.",
    ),
    "disk": Paragraph(
        "The disk of the warehouse (of DAGSTER_HOME, on BigQuery) has less room than PHASE3_DISK_FREE_GIB.",
        "Today. A full disk stops publishing; what is published stays whole.",
        "Make room: `phase3 prune` lets go of what is old, backups and logs often take most.",
        "What `phase3 prune` deletes is gone; `--dry-run` says before what that is.",
    ),
    "code": Paragraph(
        "The code that is installed, the code that runs in Dagster and the code that wrote the rows are not one.",
        "Today, if it has lasted for more than PHASE3_CODE_DRIFT_HOURS; before that, finish the deployment.",
        "Rows of earlier code: `phase3 backfill FIRST LAST`. A process of earlier code: restart Dagster's "
        "code location "
        "and daemon, or update that machine.",
        "Install the former code again and `phase3 backfill FIRST LAST`: exactly the rows that differ are replaced. ",
    ),
}
