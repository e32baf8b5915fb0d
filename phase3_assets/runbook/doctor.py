"""What to do about each finding of `phase3 doctor`.

What belongs here: one paragraph per subject. What doesn't: looking (doctor/).
"""

from phase3_assets.runbook.paragraph import NOTHING_DONE, Paragraph

_VARIABLE = "Set the variable as it was before, or leave it unset: then the default holds."
_STOPS = "Now. Commands and Dagster's processes refuse to start with it, and change nothing."


def _variables(what: str) -> Paragraph:
    return Paragraph(
        f"A variable of the {what} cannot be used: the finding names it, its value and what it may be.",
        _STOPS,
        "Correct the variable for every command and for Dagster's processes: docs/settings.md.",
        _VARIABLE,
    )


DOCTOR = {
    "thresholds": _variables("rules' thresholds"),
    "pacing": _variables("waits and intervals"),
    "retention": _variables("times for which things are kept"),
    "operation": _variables("figures by which `phase3 health` judges"),
    "alerts": _variables("notifier"),
    "Dagster's home": Paragraph(
        "dagster.yaml in DAGSTER_HOME cannot be read, says nothing, or names our classes by former modules.",
        "Today. Publishing works; runs are not recorded, or only while the former names are kept.",
        "Correct the file, or take it away: the next command writes ours.",
        "Put your own file back.",
    ),
    "run history": Paragraph(
        "Where Dagster keeps its runs: on this machine, where a team does not see them, or in a database that does not "
        "answer.",
        "Today for a team; not urgent on a laptop.",
        "docs/deployment.md: one dagster.yaml with PostgreSQL, which every process reads.",
        "Put the former dagster.yaml back: both histories stay where they are.",
    ),
    "queue": Paragraph(
        "The pool phase3_writer does not admit exactly one run: runs wait for each other in the warehouse.",
        "This week. The core lets one writer in at a time, whatever the queue does.",
        "`dagster instance concurrency set phase3_writer 1`.",
        "The same command with the former number.",
    ),
    "daemon": Paragraph(
        "Dagster's daemon has not been heard of for five minutes.",
        "Now. Sensors, schedules and queued runs wait.",
        "Start it: docs/deployment.md.",
        "End it again.",
    ),
    "warehouse file": Paragraph(
        "The DuckDB file is not there, or cannot be opened or written: another process holds it, or it is damaged.",
        "Now. Nothing can be published or read.",
        "`phase3 init` where it is not there yet; end the process that holds it; else restore the newest backup "
        "(`health: backup`).",
        "Keep the damaged file beside the restored one until that is verified.",
    ),
    "disk": Paragraph(
        "The warehouse's disk has less than 2 GiB of room.",
        "Today. A full disk stops publishing; what is published stays whole.",
        "Make room; `phase3 prune` lets go of what is old.",
        "What `phase3 prune` deletes is gone; `--dry-run` says before what that is.",
    ),
    "tables": Paragraph(
        "A table lacks columns of its contract, or has columns that no contract knows.",
        "Now. Commands refuse to work on it, and change nothing.",
        "`phase3 init` adds what is missing; drop columns of others, or load the raw table in its contract's shape.",
        "`phase3 init` only adds columns, which stay empty until something is published.",
    ),
    "calendar": Paragraph(
        "Dates that are published lie before PHASE3_FIRST_DATE.",
        "This week. Readers see their rows, and nothing checks or corrects them.",
        "Set PHASE3_FIRST_DATE as it was, for every command and for Dagster's processes.",
        _VARIABLE,
    ),
    "credentials and project": Paragraph(
        "The BigQuery project does not answer: credentials, permission to run jobs, project or location.",
        "Now. Nothing can be published or read.",
        "`gcloud auth application-default login`, roles/bigquery.jobUser, and the variables of docs/bigquery.md.",
        "Revoke the role; set the variables as they were.",
    ),
    "dataset": Paragraph(
        "A dataset is not there, is in another location than the others, or gives its tables or partitions an end, at "
        "which BigQuery deletes them.",
        "Now. No query can join datasets of two locations; what has ended can be read back for seven days.",
        "`phase3 init` creates what is missing; correct the location, or the dataset's variable. Take the end away "
        "from the dataset and from each of its tables: docs/bigquery.md.",
        _VARIABLE,
    ),
    "permissions": Paragraph(
        "The account lacks a permission on a dataset, or has more on the raw dataset than publishing needs.",
        "Now where one is missing; this week where there are too many.",
        "Grant the role that the finding names.",
        "Revoke it.",
    ),
    "limits": Paragraph(
        "What one job may bill, and how many changes of a table BigQuery admits a day.",
        "Not urgent.",
        "Nothing; PHASE3_BIGQUERY_MAX_BYTES_BILLED raises what a job may bill.",
        _VARIABLE,
    ),
    "writers": Paragraph(
        "Another process holds the writer's lease.",
        "Not urgent for a few minutes: writers take turns. Today, if that process was killed.",
        "Wait; a killed process's lease ends by itself at the time that is named.",
        NOTHING_DONE,
    ),
}
"""By subject; `dataset` and `permissions` stand for those of every dataset."""
