"""What `phase3 doctor` examines in a BigQuery project.

What belongs here: credentials, project, location, datasets, permissions (those needed, and no more), the lease, limits.
What doesn't: table contracts (examine.py). Dry runs and metadata only: nothing is read, written or billed.
"""

from collections.abc import Iterator

from google.api_core import exceptions
from google.cloud import bigquery

from phase3_assets.doctor.diagnosis import ERROR, OK, WARNING, Diagnosis
from phase3_assets.errors import Phase3Error
from phase3_assets.settings.locations import DATASET_VARIABLES
from phase3_assets.warehouse.bigquery.jobs import NO_RETRY, Jobs
from phase3_assets.warehouse.bigquery.lease import holder_of, lease_name
from phase3_assets.warehouse.bigquery.warehouse import BigQueryWarehouse

READ = ("bigquery.tables.get", "bigquery.tables.getData")
WRITE = ("bigquery.tables.updateData", "bigquery.tables.update")
_TABLES = {
    "nba_raw": "nbac_schedule",
    "nba_analytics": "player_game_summary",
    "nba_precompute": "player_daily_cache",
    "nba_phase3": "publications",
}
"""One table of each dataset that lasts; its permissions stand for the dataset's, since they are granted by dataset."""
_DAY_MS = 24 * 3_600_000


def examine_project(warehouse: BigQueryWarehouse) -> Iterator[Diagnosis]:
    """Examine the project, the most basic first; stop where nothing further can be found out."""
    settings = warehouse.settings
    try:
        jobs = Jobs(warehouse.client, settings, "doctor")
        jobs.estimate("SELECT 1 AS one", {})
    except Phase3Error as error:
        remedy = (
            "`gcloud auth application-default login` (or GOOGLE_APPLICATION_CREDENTIALS); grant roles/bigquery.jobUser "
            f"on {settings.project}; check PHASE3_BIGQUERY_PROJECT and PHASE3_BIGQUERY_LOCATION"
        )
        yield Diagnosis(ERROR, "credentials and project", str(error), remedy)
        return
    acting = f", acting as {settings.impersonate}" if settings.impersonate else ""
    yield Diagnosis(OK, "credentials and project", f"queries can be run in {settings.project}{acting}")
    for name in DATASET_VARIABLES:
        yield _dataset(jobs, name)
    for name, table in _TABLES.items():
        yield from _permissions(jobs, name, table)
    yield _lease(jobs)
    gigabytes = settings.maximum_bytes_billed / 1024**3
    yield Diagnosis(
        OK,
        "limits",
        f"a job may bill {gigabytes:.1f} GiB; BigQuery admits 1,500 changes a table a day, a run makes one",
    )


def _dataset(jobs: Jobs, name: str) -> Diagnosis:
    dataset, variable = jobs.settings.dataset(name), DATASET_VARIABLES[name]
    subject = f"dataset {dataset}"
    try:
        found = jobs.call(lambda: jobs.client.get_dataset(dataset, retry=NO_RETRY), subject)
    except exceptions.NotFound:
        return Diagnosis(ERROR, subject, "is not there", f"`phase3 init` creates it; or set {variable} to its name")
    except Phase3Error as error:
        return Diagnosis(ERROR, subject, str(error), "grant roles/bigquery.metadataViewer on it")
    if found.location.upper() != jobs.settings.location.upper():
        return Diagnosis(
            ERROR,
            subject,
            f"is in {found.location}, PHASE3_BIGQUERY_LOCATION is {jobs.settings.location}",
            "all four datasets are in one location: correct the variable, or the dataset's name",
        )
    expiring = _expiring(found)
    if name in _TABLES and expiring:
        return Diagnosis(
            ERROR,
            subject,
            f"BigQuery deletes {expiring}: rows would vanish unnoticed, and be published again",
            f"in {dataset}, set the default expirations to none, and that of each table there: docs/bigquery.md",
        )
    return Diagnosis(OK, subject, f"is in {found.location}")


def _expiring(dataset: bigquery.Dataset) -> str:
    """What BigQuery deletes of new tables in the dataset, and when; empty where it deletes nothing."""
    defaults = {"tables": dataset.default_table_expiration_ms, "partitions": dataset.default_partition_expiration_ms}
    return " and ".join(f"new {what} after {ms / _DAY_MS:g} days" for what, ms in defaults.items() if ms)


def _permissions(jobs: Jobs, name: str, table: str) -> Iterator[Diagnosis]:
    dataset = jobs.settings.dataset(name)
    subject = f"permissions on {dataset}"
    full = f"{jobs.settings.project}.{dataset}.{table}"
    try:
        answer = jobs.call(
            lambda: jobs.client.test_iam_permissions(full, [*READ, *WRITE], retry=NO_RETRY), f"permissions of {full}"
        )
    except (Phase3Error, exceptions.NotFound) as error:
        yield Diagnosis(WARNING, subject, f"cannot be told: {error}", f"`phase3 init` creates {dataset}.{table}")
        return
    held = set(answer.get("permissions", []))
    needed = READ if name == "nba_raw" else (*READ, *WRITE)
    missing = [permission for permission in needed if permission not in held]
    if missing:
        role = "roles/bigquery.dataViewer" if name == "nba_raw" else "roles/bigquery.dataEditor"
        yield Diagnosis(ERROR, subject, f"{', '.join(missing)} missing", f"grant {role} on {dataset}")
        return
    if name == "nba_raw" and held & set(WRITE):
        yield Diagnosis(
            WARNING,
            subject,
            "this account can change raw tables, which publishing never needs",
            "give it roles/bigquery.dataViewer there, and keep the editor for whoever loads",
        )
        return
    yield Diagnosis(OK, subject, "what is needed, and no more")


def _lease(jobs: Jobs) -> Diagnosis:
    full = lease_name(jobs.settings)
    try:
        holder = holder_of(jobs.call(lambda: jobs.client.get_table(full, retry=NO_RETRY), "the writer's lease"))
    except exceptions.NotFound:
        return Diagnosis(OK, "writers", "nobody is writing")
    except Phase3Error as error:
        return Diagnosis(WARNING, "writers", str(error))
    if not holder.is_writing:
        return Diagnosis(OK, "writers", "nobody is writing")
    return Diagnosis(
        WARNING,
        "writers",
        f"{holder.who} has been writing since {holder.since}",
        f"wait; if that process was killed, its lease ends by itself at {holder.until}",
    )
