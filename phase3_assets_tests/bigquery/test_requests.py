"""What the real client sends, and what becomes of a job when the answer is an error, late, or lost."""

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import dagster as dg
import pytest

from phase3_assets.automation.memory import Memory
from phase3_assets.automation.tick import tick
from phase3_assets.catalog.contracts import raw_contracts
from phase3_assets.catalog.tables import published_tables
from phase3_assets.clock import utc_now
from phase3_assets.definitions import build_defs
from phase3_assets.defs.resources import Publisher
from phase3_assets.errors import ConfigurationError, WarehouseBusyError, WarehouseRequestError
from phase3_assets.publishing.check import check_published
from phase3_assets.publishing.look_back import looking_back
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.settings.pacing import Pacing
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.bigquery.jobs import LARGEST_REQUEST
from phase3_assets_tests.bigquery.events import append, descriptions, event
from phase3_assets_tests.bigquery.story import NO_RUNS
from phase3_assets_tests.support.games import DAY, OFFENSE, SUMMARIES, all_outcomes, of_summaries

pytestmark = pytest.mark.slow
MOMENT = datetime(2026, 2, 4, 1, 30, 15, 123456, UTC)
EVENTS = "SELECT event_id, description FROM nba_phase3.data_quality_events WHERE game_date = @day"


def test_every_job_says_who_what_for_and_how_much(server, connect_to):
    append(connect_to(server, PHASE3_BIGQUERY_MAX_BYTES_BILLED="123456"), event())
    [job] = server.started()
    configuration = job.body["configuration"]
    assert re.fullmatch(r"phase3_[0-9a-f]{12}_0001_publish_1", job.job_id)
    assert job.body["jobReference"]["location"] == "US"
    assert configuration["labels"] == {
        "owner": "phase3",
        "purpose": "publish",
        "table": "data_quality_events",
        "run": "run_1____",
    }
    assert configuration["query"]["maximumBytesBilled"] == "123456"
    assert configuration["jobTimeoutMs"] == "600000"
    assert configuration["query"]["useLegacySql"] is False


HOSTILE = [
    "'); DROP TABLE nba_phase3.data_quality_events; --",
    'a"b\\n`c',
    "@rows nba_raw.nbac_schedule",
    "Dončić\u2028",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_value_travels_as_a_parameter_and_comes_back_as_it_was(server, connect_to, name):
    warehouse = connect_to(server)
    append(warehouse, event(name))
    assert all(name not in job.sql for job in server.started())
    with warehouse.session(read_only=True) as session:
        assert [row["description"] for row in session.query(EVENTS, {"day": DAY})] == [name]


def test_parameters_have_the_types_of_their_values(server, connect_to):
    with connect_to(server).session(read_only=True) as session:
        [row] = session.query(
            "SELECT @a AS a, @b AS b, @c AS c, @d AS d, @e AS e, @f AS f, @g AS g",
            {"a": 1, "b": 2.5, "c": True, "d": DAY, "e": utc_now(), "f": ["x", "y"], "g": "z", "not_in_the_text": 1},
        )
    assert (row["a"], row["b"], row["c"], row["d"], row["f"]) == (1, 2.5, True, DAY, ["x", "y"])
    sent = server.started()[0].body["configuration"]["query"]["queryParameters"]
    types = {p["name"]: p["parameterType"]["type"] for p in sent}
    assert types == {
        "a": "INT64", "b": "FLOAT64", "c": "BOOL", "d": "DATE", "e": "TIMESTAMP", "f": "ARRAY", "g": "STRING",
    }  # fmt: skip


def test_a_lost_answer_does_not_write_twice(server, connect_to):
    server.cut_after("POST .*/jobs .*_publish_")
    jobs = append(connect_to(server), event("once"))
    assert descriptions(server) == ["once"]
    sent = [s for s in server.sent if "_publish_" in s.job_id]
    assert [s.status for s in sent] == [200, 409]
    assert len({s.job_id for s in sent}) == 1
    assert any("was there already; its result is used" in line for line in jobs.retries)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (503, "backendError"),
        (500, "internalError"),
        (403, "rateLimitExceeded"),
        (429, "rateLimitExceeded"),
        (502, "badGateway"),
    ],
)
def test_a_passing_refusal_is_tried_again_under_the_same_id_and_reported(server, connect_to, status, reason):
    server.fail("POST .*/jobs$", status, reason)
    server.fail("POST .*/jobs$", status, reason)
    jobs = append(connect_to(server), event("once"))
    assert descriptions(server) == ["once"]
    sent = [s for s in server.sent if "_publish_" in s.job_id]
    assert [s.status for s in sent] == [status, status, 200]
    assert len({s.job_id for s in sent}) == 1
    assert [line.partition(":")[0] for line in jobs.retries] == ["publish data_quality_events"] * 2
    assert jobs.usage()["retries"] == 2


def test_retries_end(server, connect_to):
    for _ in range(50):
        server.fail("POST .*/jobs$", 503, "backendError", "down")
    with pytest.raises(WarehouseBusyError, match=r"5 attempts.*down.*try again later"):
        append(connect_to(server), event())
    assert len([s for s in server.sent if "_publish_" in s.job_id and s.sql != "SELECT 1"]) == 5
    assert descriptions(server) == []


@pytest.mark.parametrize(
    ("reason", "message"),
    [
        ("rateLimitExceeded", "Exceeded rate limits: too many table update operations"),
        ("jobBackendError", "try again"),
        ("invalidQuery", "Could not serialize access to table x due to concurrent update"),
        ("invalid", "Transaction is aborted due to concurrent update against table x"),
    ],
)
def test_a_job_that_failed_for_a_passing_reason_is_done_again_under_the_next_id(server, connect_to, reason, message):
    server.fail_job("_publish_1", reason, message)
    jobs = append(connect_to(server), event("once"))
    assert descriptions(server) == ["once"]
    assert [s.job_id[-9:] for s in server.started("publish")] == ["publish_1", "publish_2"]
    assert len(jobs.retries) == 1


@pytest.mark.parametrize(
    ("status", "reason", "error", "advice"),
    [
        (400, "invalidQuery", WarehouseRequestError, "refused"),
        (400, "bytesBilledLimitExceeded", ConfigurationError, "PHASE3_BIGQUERY_MAX_BYTES_BILLED"),
        (403, "accessDenied", ConfigurationError, "phase3 doctor"),
        (403, "quotaExceeded", ConfigurationError, "phase3 doctor"),
        (404, "notFound", ConfigurationError, "phase3 init"),
        (412, "conditionNotMet", WarehouseRequestError, "refused"),
    ],
)
def test_any_other_refusal_is_one_sentence_and_no_retry(server, connect_to, status, reason, error, advice):
    server.fail("POST .*/jobs$", status, reason, "because of this")
    with pytest.raises(error, match=advice) as raised:
        append(connect_to(server), event())
    assert "because of this" in str(raised.value)
    assert len([s for s in server.sent if "_publish_" in s.job_id]) == 1
    assert descriptions(server) == []


def test_a_cut_while_reading_rows_reads_them_again(server, connect_to):
    server.cut_after("GET .*/queries/")
    with connect_to(server).session(read_only=True) as session:
        assert session.query("SELECT 7 AS n") == [{"n": 7}]
    assert len(server.started("query")) == 1


def test_several_queries_are_one_job_with_what_they_read_staged_and_values_keep_their_types(server, connect_to):
    with connect_to(server).session(read_only=True) as session:
        numbers = session.stage("numbers", "SELECT n FROM UNNEST(GENERATE_ARRAY(1, @n)) AS n", {"n": 3})
        answers = session.query_all(
            {
                "sum": (f"SELECT SUM(n) + @n AS total FROM {numbers}", {"n": 100}),
                "kinds": (
                    "SELECT @day AS day, CAST(1.5 AS NUMERIC) AS exact, TRUE AS yes, ['a', 'b'] AS texts, "
                    "CAST(NULL AS STRING) AS nothing, @moment AS moment",
                    {"day": DAY, "moment": MOMENT},
                ),
            }
        )
    assert answers["sum"] == [{"total": 106}]
    assert answers["kinds"] == [
        {"day": DAY, "exact": Decimal("1.5"), "yes": True, "texts": ["a", "b"], "nothing": None, "moment": MOMENT}
    ]
    assert len(server.started()) == 1


def test_a_cut_while_listing_rows_lists_them_again(server, connect_to):
    server.cut_after("GET .*/tables/answer_n__.*/data")
    with connect_to(server).session(read_only=True) as session:
        assert session.query_all({"n": ("SELECT 7 AS n", {})}) == {"n": [{"n": 7}]}
    assert len(server.started()) == 1


@pytest.mark.long
def test_what_is_listed_in_no_order_is_shown_in_order(server, connect_to):
    reports = publish(connect_to(server), Request(DAY, DAY)).reports
    shown = {report.table: report.previews[DAY] for report in reports if DAY in report.previews}
    ratings = [row["offensive_rating"] for row in shown["team_offense_game_summary"]]
    usages = [row["usage_rate"] for row in shown["player_game_summary"]]
    assert len(ratings) == 4
    assert ratings == sorted(ratings, reverse=True)
    assert len(usages) == 6
    assert usages == sorted(usages, reverse=True)


def test_a_statement_run_twice_writes_once(server, connect_to):
    row = event("once")
    warehouse = connect_to(server)
    append(warehouse, row)
    append(warehouse, row)
    assert descriptions(server) == ["once"]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_figure_that_is_no_number_loses_no_record(server, connect_to, value):
    append(connect_to(server), event("fine"), {**event("no number"), "metric_value": value})
    found = server.connection.execute(
        "SELECT description, metric_value FROM nba_phase3.data_quality_events ORDER BY description"
    ).fetchall()
    assert repr(found) == repr([("fine", None), ("no number", value)])
    [rows] = [
        parameter["parameterValue"]["value"]
        for parameter in server.started("publish")[0].body["configuration"]["query"]["queryParameters"]
        if parameter["name"] == "rows"
    ]

    def refuse(name):
        raise AssertionError(f"{name} is no JSON: BigQuery refuses all rows of the request")

    json.loads(rows, parse_constant=refuse)


def test_a_request_is_measured_as_it_is_sent(server, connect_to):
    """Quotation marks inside JSON inside JSON are four bytes each: what looks small may be too large."""
    quotes = '"' * (LARGEST_REQUEST // 4)
    with pytest.raises(ConfigurationError, match=r"10,\d{3},\d{3} bytes.*10,000,000.*several parts"):
        append(connect_to(server), event(quotes))
    assert server.started() == []
    append(connect_to(server), event(quotes[:-10_000]))
    [job] = server.started("publish")
    assert LARGEST_REQUEST - 100_000 < job.size <= LARGEST_REQUEST


def test_an_estimate_is_a_dry_run(server, connect_to):
    with connect_to(server).session(read_only=True) as session:
        found = session.estimate("SELECT * FROM nba_raw.nbac_schedule WHERE game_date = @day", {"day": DAY})
    assert found == server.dry_run_bytes
    [sent] = [s for s in server.sent if s.path.endswith("/jobs")]
    assert sent.body["configuration"]["dryRun"] is True
    assert server.started() == []


def test_datasets_are_called_what_the_settings_say(server, connect_to):
    server.connection.execute(
        "CREATE SCHEMA acme_raw; CREATE VIEW acme_raw.nbac_schedule AS FROM nba_raw.nbac_schedule"
    )
    warehouse = connect_to(server, PHASE3_BIGQUERY_RAW_DATASET="acme_raw")
    with warehouse.session(read_only=True) as session:
        rows = session.query(
            "SELECT COUNT(*) AS n, 'nba_raw.x' AS literal FROM nba_raw.nbac_schedule WHERE game_date = @day",
            {"day": DAY},
        )
    assert rows[0]["n"] > 0
    assert rows[0]["literal"] == "nba_raw.x"


@pytest.mark.long
def test_a_publication_is_one_writing_job_a_table_and_its_labels_name_run_and_table(server, connect_to):
    publication = publish(connect_to(server), Request(DAY, DAY, run_id="nightly-1"))
    assert [report.count("published") for report in of_summaries(publication.reports)] == [2, 2, 2]
    writing = server.started("publish")
    tables = [job.body["configuration"]["labels"]["table"] for job in writing]
    assert [t for t in tables if t in SUMMARIES] == list(SUMMARIES)
    looking = [job.body["configuration"]["labels"].get("table") for job in server.started("query")]
    assert [t for t in looking if t in SUMMARIES] == [table for table in SUMMARIES for _ in ("stage and judge", "look")]
    assert {job.body["configuration"]["labels"]["run"] for job in server.started()} == {"nightly-1"}
    for report in publication.reports:
        assert report.usage["jobs"] <= 3, "stage and judge, write, look"
    reported = {report.table for report in publication.reports}
    others = [job for job in server.started() if job.body["configuration"]["labels"].get("table") not in reported]
    without_rows = [report for report in publication.reports if DAY not in report.previews]
    assert len(others) == 3 + len(looking_back()) + len(without_rows), (
        "the survey, the states before the first table and after the last, the look-back anew, decisions without rows"
    )
    of_tables = sum(report.usage["jobs"] for report in publication.reports)
    assert len(server.started()) == of_tables + len(others) - len(without_rows), (
        "such a decision is in its table's usage"
    )


@pytest.mark.long
def test_what_checks_measured_is_written_in_a_job_that_there_is_anyway(server, connect_to):
    warehouse = connect_to(server)
    publish(warehouse, Request(DAY, DAY))
    [writing] = [job for job in server.started("publish") if "check_results" in job.sql]
    assert "nba_phase3.game_readiness" in writing.sql
    assert server.connection.execute("SELECT COUNT(*) FROM nba_phase3.check_results").fetchone()[0] > 60
    before = len(server.started())
    check_published(warehouse, DAY, DAY, published_tables(), Thresholds())
    assert len(server.started()) - before == 2, "a survey and a look; nothing is new"
    server.connection.execute("UPDATE nba_analytics.team_offense_game_summary SET pace = pace + 1")
    check_published(warehouse, DAY, DAY, published_tables(), Thresholds())
    assert len(server.started()) - before == 2 + 3, "and one to write what is new"


@pytest.mark.long
def test_the_number_of_jobs_does_not_depend_on_the_range(server, connect_to):
    warehouse = connect_to(server)
    publish(warehouse, Request(DAY, DAY, run_id="one"))
    short = len(server.started())
    server.connection.execute("UPDATE nba_raw.nbac_gamebook_player_stats SET plus_minus = plus_minus + 1")
    repaired = publish(warehouse, Request(DAY - timedelta(days=60), DAY, run_id="many", repair=True))
    assert all(report.usage["jobs"] <= 3 for report in repaired.reports)
    assert len(server.started()) - short <= short


@pytest.mark.long
def test_the_same_again_writes_nothing(published_server, connect_to):
    publish(connect_to(published_server), Request(DAY, DAY))
    first = len(published_server.started("publish"))
    publication = publish(connect_to(published_server), Request(DAY, DAY))
    assert len(published_server.started("publish")) == first
    assert all_outcomes(publication) == {"unchanged"}


def test_metadata_is_asked_for_without_a_job(server, connect_to):
    names = ["nbac_schedule", "nba_phase3.data_quality_events", "no_such_table"]
    versions = connect_to(server).table_versions(names)
    assert [versions[name] == "absent" for name in names] == [False, False, True]
    assert server.started() == []


def test_partition_versions_come_from_metadata_and_change_with_the_rows(server, connect_to):
    schedule, box = (raw_contracts()[name] for name in ("nbac_schedule", "nbac_team_boxscore"))
    with connect_to(server).session(read_only=True) as session:
        before = session.partition_versions([schedule, box], DAY, DAY)
        server.connection.execute("UPDATE nba_raw.nbac_schedule SET arena_name = 'elsewhere'")
        after = session.partition_versions([schedule, box], DAY, DAY)
        later = session.partition_versions([schedule, box], DAY + timedelta(days=1), DAY + timedelta(days=9))
    assert [list(of_table) for of_table in before.values()] == [[DAY], [DAY]]
    assert [name for name in before if before[name] != after[name]] == ["nbac_schedule"]
    assert later == {"nbac_schedule": {}, "nbac_team_boxscore": {}}
    assert len(server.started("versions")) == 3
    assert all("nba_raw.INFORMATION_SCHEMA.PARTITIONS" in job.sql for job in server.started("versions"))


@pytest.mark.long
def test_a_sensor_without_news_starts_no_job_and_with_news_asks_for_the_date(published_server, connect_to):
    server, memory, now = published_server, Memory(), utc_now()

    def ticked(seconds):
        found = tick(
            connect_to(server), "nbac_team_boxscore", memory, NO_RUNS, Pacing(), DAY + timedelta(days=1),
            now + timedelta(seconds=seconds),
        )  # fmt: skip
        return [(run.start, run.end) for run in found.runs]

    assert [ticked(seconds) for seconds in (0, 15, 30)] == [[], [], []]
    before = len(server.started())
    assert ticked(45) == []
    assert len(server.started()) == before, "metadata alone: no job, no bytes"
    server.connection.execute("UPDATE nba_raw.nbac_team_boxscore SET steals = steals + 1")
    assert [run for seconds in (60, 75, 90) for run in ticked(seconds)] == [(DAY, DAY)]


def test_a_materialization_shows_what_it_cost(server, connect_to):
    publisher = Publisher(connect_to(server), Thresholds())
    result = (
        build_defs(publisher)
        .resolve_implicit_global_asset_job_def()
        .execute_in_process(
            partition_key=str(DAY), asset_selection=[dg.AssetKey("game_readiness"), dg.AssetKey(OFFENSE)]
        )
    )
    [made] = result.asset_materializations_for_node(OFFENSE)
    assert made.metadata["bytes_billed"].value > 0
    assert made.metadata["slot_seconds"].value > 0
    assert made.metadata["jobs"].value == 3
    assert made.metadata["retries"].value == 0
