"""What ends a writing session while its job may still run: the job is ended before its lease, or the lease stays."""

import os
import signal
import threading

import pytest
from dagster._core.errors import DagsterExecutionInterruptedError
from dagster._utils.interrupts import raise_interrupts_as

from phase3_assets.errors import ConfigurationError, WarehouseBusyError, WarehouseRequestError
from phase3_assets.warehouse.bigquery import jobs as bigquery_jobs
from phase3_assets.warehouse.bigquery import lease as bigquery_lease
from phase3_assets.warehouse.bigquery.lease import LEASE_TABLE
from phase3_assets_tests.bigquery.events import append, descriptions, event

pytestmark = pytest.mark.slow


def states(server):
    """Every publishing job by its state and how it ended."""
    found = [job["status"] for job_id, job in server.jobs.items() if "_publish_" in job_id]
    return [(status["state"], status.get("errorResult", {}).get("reason")) for status in found]


def cancelled(server):
    return [sent for sent in server.sent if sent.path.endswith("/cancel")]


@pytest.fixture
def soon():
    """Sends this process a signal as soon as a condition holds."""
    threads = []

    def send(number, condition):
        def wait():
            for _ in range(2000):
                if condition():
                    os.kill(os.getpid(), number)
                    return
                threading.Event().wait(0.01)

        threads.append(threading.Thread(target=wait))
        threads[-1].start()

    yield send
    for thread in threads:
        thread.join()


@pytest.mark.parametrize(
    ("number", "raised"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, DagsterExecutionInterruptedError)]
)
def test_ctrl_c_and_dagsters_cancelling_end_the_job_before_the_lease(server, connect_to, soon, number, raised):
    server.hold_job("_publish_")
    soon(number, lambda: any("/queries/" in sent.path for sent in server.sent))
    with pytest.raises(raised), raise_interrupts_as(raised):
        append(connect_to(server), event())
    assert states(server) == [("DONE", "stopped")]
    assert server.writer == ""
    ended = [sent.path for sent in server.sent].index(cancelled(server)[0].path)
    assert all(sent.method != "PATCH" for sent in server.sent[1:ended] if "/tables/" in sent.path)
    assert descriptions(server) == []


def test_a_job_that_goes_on_though_it_was_cancelled_keeps_the_lease(server, connect_to, soon, monkeypatch, caplog):
    monkeypatch.setattr(bigquery_jobs, "STOP_SECONDS", 0.3)
    server.hold_job("_publish_")
    server.heeds_cancelling = False
    soon(signal.SIGINT, lambda: any("/queries/" in sent.path for sent in server.sent))
    with pytest.raises(KeyboardInterrupt), raise_interrupts_as(KeyboardInterrupt):
        append(connect_to(server), event())
    assert states(server) == [("RUNNING", None)]
    assert server.writer, "its lease ends by itself, after the job"
    assert "publish_1 may still run" in caplog.text
    monkeypatch.setattr("phase3_assets.warehouse.bigquery.warehouse._TURNS", {})
    with pytest.raises(WarehouseBusyError, match="has been writing since"):
        append(connect_to(server, wait_seconds=0), event())


def test_a_job_whose_end_is_never_heard_of_is_cancelled_before_the_lease_is_given_back(server, connect_to):
    server.hold_job("_publish_")
    for _ in range(2 * bigquery_jobs.ATTEMPTS):
        server.fail("GET .*/(queries|jobs)/.*_publish_", 503, "backendError", "down")
    with pytest.raises(WarehouseBusyError, match="down"):
        append(connect_to(server), event())
    assert states(server) == [("DONE", "stopped")]
    assert server.writer == ""


def test_a_job_that_never_arrived_cannot_arrive_late(server, connect_to):
    for _ in range(bigquery_jobs.ATTEMPTS):
        server.cut_before("POST .*/jobs .*_publish_")
    with pytest.raises(WarehouseBusyError):
        append(connect_to(server), event())
    lost, *_, instead = [sent for sent in server.sent if sent.method == "POST" and sent.path.endswith("/jobs")]
    assert (instead.sql, instead.job_id) == ("SELECT 1", lost.job_id)
    assert server.writer == ""
    status, _ = server.answer(lost, b"")
    assert status == 409, "its id is taken"
    assert descriptions(server) == []


def test_each_attempt_is_under_a_lease_that_outlasts_it(server, connect_to, monkeypatch):
    """Five attempts of ten minutes each: the lease never has less left than a job may take."""
    now, left = [bigquery_lease.utc_now()], []
    monkeypatch.setattr(bigquery_lease, "utc_now", lambda: now[0])
    answer = server.answer

    def ten_minutes_each(sent, raw):
        if "_publish_" in sent.job_id:
            left.append(bigquery_lease.holder_of(_table(server)).end - now[0])
            now[0] += bigquery_lease.timedelta(minutes=bigquery_jobs.JOB_MINUTES)
        return answer(sent, raw)

    server.answer = ten_minutes_each
    for attempt in range(1, bigquery_jobs.ATTEMPTS):
        server.fail_job(f"_publish_{attempt}$", "jobBackendError")
    append(connect_to(server), event("once"))
    assert descriptions(server) == ["once"]
    assert len(left) == bigquery_jobs.ATTEMPTS
    assert min(left) >= bigquery_lease.timedelta(minutes=bigquery_jobs.JOB_MINUTES + bigquery_lease.CLOCK_MINUTES)


def test_work_that_is_done_is_done_though_the_lease_cannot_be_given_back(server, connect_to, caplog):
    with connect_to(server).session() as session:
        session.query("SELECT 1 AS one")
        for _ in range(2 * bigquery_jobs.ATTEMPTS):
            server.fail(f"PATCH .*{LEASE_TABLE}", 503, "backendError", "down")
    assert "not given back, and ends by itself" in caplog.text
    assert server.writer == session._jobs.session


def test_a_refusal_gives_the_lease_back_and_asks_for_nothing_more(server, connect_to):
    server.fail("POST .*/jobs$", 403, "accessDenied")
    with pytest.raises(ConfigurationError):
        append(connect_to(server), event())
    assert server.writer == ""
    assert cancelled(server) == []


def test_a_table_that_is_no_lease_is_never_taken_for_a_free_one(server, connect_to):
    with connect_to(server).session():
        pass
    server.leases[LEASE_TABLE]["description"] = "do not touch"
    with pytest.raises(WarehouseRequestError, match="delete that table"), connect_to(server).session():
        pass
    assert server.leases[LEASE_TABLE]["description"] == "do not touch"


def test_a_lease_is_still_since_when_it_was_after_it_was_renewed(server, connect_to, monkeypatch):
    with connect_to(server).session() as session:
        before = bigquery_lease.holder_of(_table(server))
        later = bigquery_lease.utc_now() + bigquery_lease.timedelta(minutes=9)
        monkeypatch.setattr(bigquery_lease, "utc_now", lambda: later)
        session._lease.renew()
        after = bigquery_lease.holder_of(_table(server))
    assert (after.since, after.session) == (before.since, before.session)
    assert after.end > before.end


def _table(server):
    return bigquery_lease.bigquery.Table.from_api_repr(server.leases[LEASE_TABLE])
