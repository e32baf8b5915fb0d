"""What a run costs on BigQuery, whoever starts it: statements and jobs, counted at the server."""

from collections import Counter

import dagster as dg
import pytest

from phase3_assets.definitions import build_defs
from phase3_assets.jobs import PUBLISH_JOB
from phase3_assets.outcomes import Request
from phase3_assets.publisher import Publisher
from phase3_assets.publishing import publish
from phase3_assets.thresholds import Thresholds
from phase3_assets_tests.bigquery.emulator import statements
from phase3_assets_tests.bigquery.loopback import loopback
from phase3_assets_tests.games import DAY

pytestmark = pytest.mark.slow


def sent(server) -> Counter:
    """Jobs and statements by what they were for."""
    counted = Counter()
    for job in server.started():
        labels = job.body["configuration"]["labels"]
        counted[labels["purpose"], labels.get("table", ""), "jobs"] += 1
        counted[labels["purpose"], labels.get("table", ""), "statements"] += len(statements(job.sql))
    return counted


def total(counted: Counter, what: str) -> int:
    return sum(number for (_, _, kind), number in counted.items() if kind == what)


def test_a_run_of_dagster_sends_what_the_command_line_sends(server, connect_to, tmp_path, _loaded_file):
    publish(connect_to(server), Request(DAY, DAY))
    by_command_line = sent(server)
    other = tmp_path / "other.duckdb"
    other.write_bytes(_loaded_file)
    with loopback(other) as running:
        result = (
            build_defs(Publisher(connect_to(running), Thresholds()))
            .resolve_job_def(PUBLISH_JOB)
            .execute_in_process(instance=dg.DagsterInstance.ephemeral(), partition_key=DAY.isoformat())
        )
        assert result.success
        assert sent(running) == by_command_line
    assert total(by_command_line, "jobs") == 12
    assert total(by_command_line, "statements") == 52
