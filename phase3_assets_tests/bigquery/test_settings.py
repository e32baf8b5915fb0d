"""One switch, and one sentence for everything that is wrong with it."""

import subprocess
import sys

import pytest

from phase3_assets.errors import ConfigurationError
from phase3_assets.settings.locations import DATASET_VARIABLES, Settings
from phase3_assets.warehouse.opening import open_warehouse

GOOD = {
    "PHASE3_WAREHOUSE": "bigquery",
    "PHASE3_BIGQUERY_PROJECT": "my-project-123",
    "PHASE3_BIGQUERY_LOCATION": "europe-west1",
}


def test_defaults():
    settings = Settings.from_environment(GOOD).bigquery
    assert (settings.project, settings.location) == ("my-project-123", "europe-west1")
    assert settings.dataset("nba_raw") == "nba_raw"
    assert settings.maximum_bytes_billed == 10 * 1024**3
    assert settings.impersonate is None
    assert type(open_warehouse(Settings.from_environment(GOOD))).__name__ == "BigQueryWarehouse"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PHASE3_BIGQUERY_PROJECT", ""),
        ("PHASE3_BIGQUERY_PROJECT", "My Project"),
        ("PHASE3_BIGQUERY_LOCATION", ""),
        ("PHASE3_BIGQUERY_LOCATION", "US; DROP"),
        ("PHASE3_BIGQUERY_MAX_BYTES_BILLED", "10GB"),
        ("PHASE3_BIGQUERY_MAX_BYTES_BILLED", "0"),
        ("PHASE3_BIGQUERY_STAGING_HOURS", "0"),
        ("PHASE3_BIGQUERY_IMPERSONATE", "somebody"),
        *(
            (variable, hostile)
            for variable in DATASET_VARIABLES.values()
            for hostile in ("a.b", "x`; DROP SCHEMA y", "1st")
        ),
    ],
)
def test_a_wrong_or_missing_setting_is_one_sentence_that_names_it(variable, value):
    with pytest.raises(ConfigurationError, match=variable) as raised:
        Settings.from_environment({**GOOD, variable: value})
    assert "\n" not in str(raised.value)


def test_two_datasets_of_one_name_are_refused():
    with pytest.raises(ConfigurationError, match=r"PHASE3_BIGQUERY_STAGING_DATASET and PHASE3_BIGQUERY_RAW_DATASET"):
        Settings.from_environment({**GOOD, "PHASE3_BIGQUERY_STAGING_DATASET": "nba_raw"})


def test_nothing_of_it_is_needed_for_duckdb():
    assert Settings.from_environment({"PHASE3_BIGQUERY_PROJECT": "Not A Project"}).bigquery is None


def test_google_is_imported_only_where_bigquery_is_the_warehouse():
    program = (
        "import sys, phase3_assets.cli, phase3_assets.publishing.publish, phase3_assets.definitions\n"
        "from phase3_assets.settings.locations import Settings\n"
        "from phase3_assets.warehouse.opening import open_warehouse\n"
        "open_warehouse(Settings.from_environment({}))\n"
        "print([m for m in sys.modules if m.startswith(('google.cloud', 'google.auth', 'dagster_gcp'))])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
