"""Writing on BigQuery: stopped between any two statements, and two writers at once."""

import threading
from datetime import timedelta
from typing import Any

import pytest

from phase3_assets.catalog.queries import STAGING_DATASET
from phase3_assets.catalog.tables import bookkeeping_contracts, published_table, published_tables
from phase3_assets.clock import utc_now
from phase3_assets.errors import PublicationError, WarehouseBusyError, WarehouseRequestError
from phase3_assets.publishing import rollback
from phase3_assets.publishing.drift import verify
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.bigquery import lease as bigquery_lease
from phase3_assets_tests.support.games import DAY, OFFENSE, all_outcomes

pytestmark = pytest.mark.slow
PUBLISHED = f"nba_analytics.{OFFENSE}"


def long_run(done: int) -> Any:
    """Stopped after every statement in the long run, after one or two in CI."""
    return pytest.param(done, marks=pytest.mark.long)


def rows(server, table=PUBLISHED):
    return server.connection.execute(
        f"SELECT * EXCLUDE (publication_id, processed_at) FROM {table} ORDER BY ALL"
    ).fetchall()


def correct(server):
    """The league corrects a steal of every team."""
    server.connection.execute(
        "UPDATE nba_raw.nbac_team_boxscore SET steals = steals + 1, processed_at = processed_at + INTERVAL 1 DAY"
    )


def settled(server, connect_to):
    """Everything is recorded, shown and as published; nothing is left to do."""
    again = publish(connect_to(server), Request(DAY, DAY))
    assert all_outcomes(again) == {"unchanged"}
    assert verify(connect_to(server), DAY, DAY, published_tables()) == []
    assert again.failed_checks == []


@pytest.mark.parametrize("done", [long_run(0), long_run(1), long_run(2), 3, long_run(4), long_run(5)])
@pytest.mark.long
def test_stopped_after_any_statement_of_a_correction_the_next_run_converges(published_server, connect_to, done):
    server = published_server
    before = rows(server)
    correct(server)
    server.stop_script_after = done
    with _StoppedOrNot():
        publish(connect_to(server), Request(DAY, DAY, run_id="killed"), [published_table(OFFENSE)])
    seen = rows(server)
    assert seen == before if done < 2 else seen != before, "readers see the old rows, or all of the new ones"
    publish(connect_to(server), Request(DAY, DAY, run_id="next"))
    settled(server, connect_to)
    versions = rollback.history(connect_to(server), published_table(OFFENSE), DAY)
    assert versions
    earliest = versions[0]["publication_id"]
    found = rollback.diff(connect_to(server), published_table(OFFENSE), DAY, earliest, versions[-1]["publication_id"])
    assert {tuple(d.columns) for d in found} == {("steals",)}, "the version before is still there to go back to"


class _StoppedOrNot:
    """Stopped or not, whichever the number of statements makes it."""

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        return kind is WarehouseRequestError


@pytest.mark.parametrize("done", [long_run(0), long_run(1), 3])
@pytest.mark.long
def test_stopped_after_any_statement_of_a_first_publication(server, connect_to, done):
    publish(connect_to(server), Request(DAY, DAY), [])  # the survey's own states
    server.stop_script_after = done
    with _StoppedOrNot():
        publish(connect_to(server), Request(DAY, DAY, run_id="killed"))
    publish(connect_to(server), Request(DAY, DAY, run_id="next"))
    settled(server, connect_to)


@pytest.mark.long
def test_a_rollback_stopped_before_its_records_is_found_and_can_be_repeated(published_server, connect_to):
    server, table = published_server, published_table(OFFENSE)
    correct(server)
    publish(connect_to(server), Request(DAY, DAY))
    first = rollback.history(connect_to(server), table, DAY)[0]["publication_id"]
    server.stop_script_after = 2
    with pytest.raises(WarehouseRequestError, match="stopped"):
        rollback.rollback(connect_to(server), table, DAY, first, [], "wrong", Thresholds(), "r1")
    assert verify(connect_to(server), DAY, DAY, [table]), "rows that no record vouches for are drift"
    put_back = rollback.rollback(connect_to(server), table, DAY, first, [], "wrong", Thresholds(), "r2")
    assert len(put_back.games) == 3
    assert verify(connect_to(server), DAY, DAY, [table]) == []


def test_a_guard_that_finds_something_says_what_is_visible(published_server, connect_to):
    with connect_to(published_server).session() as session:
        with pytest.raises(PublicationError, match=r"not so.*stays visible.*--repair"):
            with session.unit():
                session.require_none(
                    "SELECT 1 AS n FROM nba_phase3.publications WHERE game_date = @day", {"day": DAY}, "not so"
                )


def test_a_read_only_session_writes_nothing(published_server, connect_to):
    before = rows(published_server)
    with connect_to(published_server).session(read_only=True) as session, pytest.raises(Exception, match="only reads"):
        session.replace_games(published_table(OFFENSE).contract, ["x"], DAY, DAY, None)
    assert rows(published_server) == before
    assert published_server.leases == {}


def test_a_second_writer_waits_and_is_told_who_writes(server, connect_to, monkeypatch):
    monkeypatch.setattr("phase3_assets.warehouse.bigquery.warehouse._TURNS", {})
    with connect_to(server).session():
        monkeypatch.setattr("phase3_assets.warehouse.bigquery.warehouse._TURNS", {})  # as another process would find it
        with pytest.raises(WarehouseBusyError, match=r"process \d+ on .* has been writing since"):
            with connect_to(server, wait_seconds=0.2).session():
                pass
    assert server.writer == ""
    with connect_to(server).session() as session:
        assert list(server.leases) == [bigquery_lease.LEASE_TABLE]
        assert server.writer == session._jobs.session


@pytest.mark.long
def test_two_writers_end_as_one_after_the_other(server, connect_to):
    warehouse, outcomes = connect_to(server, wait_seconds=60), []

    def write(run_id):
        publication = publish(warehouse, Request(DAY, DAY, run_id=run_id))
        outcomes.append(all_outcomes(publication))

    threads = [threading.Thread(target=write, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes, key=sorted) == [{"published"}, {"unchanged"}]
    settled(server, connect_to)


def test_the_lease_of_a_killed_writer_ends(server, connect_to, monkeypatch):
    session = connect_to(server).session()
    session.__enter__()  # and never again heard of
    monkeypatch.setattr("phase3_assets.warehouse.bigquery.warehouse._TURNS", {})
    with pytest.raises(WarehouseBusyError), connect_to(server, wait_seconds=0).session():
        pass
    later = utc_now() + timedelta(minutes=bigquery_lease.LEASE_MINUTES + 1)
    monkeypatch.setattr(bigquery_lease, "utc_now", lambda: later)
    with connect_to(server, wait_seconds=0).session() as second:
        second.append(bookkeeping_contracts()["interventions"], [])
    session.gen.close()


def test_a_writer_that_lost_its_lease_writes_nothing(server, connect_to, monkeypatch):
    with connect_to(server).session() as session:
        lease = server.leases[bigquery_lease.LEASE_TABLE]
        lease["description"] = lease["description"].replace(session._jobs.session, "another")
        later = utc_now() + timedelta(minutes=bigquery_lease.LEASE_MINUTES - 1)
        monkeypatch.setattr(bigquery_lease, "utc_now", lambda: later)
        with pytest.raises(WarehouseBusyError, match="took over"):
            session.replace_games(published_table(OFFENSE).contract, ["x"], DAY, DAY, None)
    assert server.started() == []
    assert server.writer == "another", "what has become another's is left alone"


def test_sessions_keep_their_staging_apart(server, connect_to):
    warehouse = connect_to(server)
    with warehouse.session(read_only=True) as one, warehouse.session(read_only=True) as other:
        staged = [s.stage("numbers", "SELECT @n AS n", {"n": n}) for s, n in ((one, 1), (other, 2))]
        assert staged == [f"{STAGING_DATASET}.numbers"] * 2
        assert [s.query(f"SELECT n FROM {staged[0]}") for s in (one, other)] == [[{"n": 1}], [{"n": 2}]]
    assert all("INTERVAL 6 HOUR" in job.sql for job in server.started("stage"))
