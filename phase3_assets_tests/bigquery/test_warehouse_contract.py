"""What every warehouse must do, held against the embedded one, BigQuery's emulator and, on request, BigQuery itself.

The same tests, the same expectations. On a cloud project (`make test-cloud`) they work in scratch datasets.
"""

import json
import os
import threading
import uuid
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from phase3_assets.catalog.contracts import raw_contracts
from phase3_assets.catalog.tables import all_contracts, bookkeeping_contracts, published_table, published_tables
from phase3_assets.clock import utc_now
from phase3_assets.demo.season import raw_rows
from phase3_assets.demo.story import load_rows
from phase3_assets.errors import LoadError, SchemaDriftError, WarehouseBusyError
from phase3_assets.publishing import rollback
from phase3_assets.publishing.as_of import as_of
from phase3_assets.publishing.check import check_published
from phase3_assets.publishing.drift import verify
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.records import QualityEvent
from phase3_assets.publishing.requests import Request
from phase3_assets.publishing.vocabulary import EventSeverity
from phase3_assets.settings.locations import DATASET_VARIABLES, Settings
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets.warehouse.interface import Warehouse
from phase3_assets.warehouse.opening import open_warehouse
from phase3_assets.warehouse.schema import check_schema, initialise
from phase3_assets_tests.bigquery import story
from phase3_assets_tests.bigquery.emulator import PROJECT, emulator, why_absent
from phase3_assets_tests.support.games import DAY, OFFENSE, SOME_WORK, SUMMARIES, all_outcomes, night, of_summaries

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
GAMES = night(2)


@pytest.fixture(autouse=True)
def _no_waiting() -> None:
    """Here the waits are real."""


@pytest.fixture(
    scope="module",
    params=[
        "duckdb",
        "emulator",
        pytest.param("cloud", marks=pytest.mark.cloud),
    ],
)
def warehouse(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """An initialised warehouse of each kind with two games of one date in its raw tables."""
    folder = tmp_path_factory.mktemp(request.param)
    makers = {"duckdb": _embedded, "emulator": _emulated, "cloud": _scratch}
    for made in makers[request.param](folder):
        initialise(made)
        load_rows(made, raw_rows(GAMES))
        yield made


def _embedded(folder: Path) -> Iterator[Warehouse]:
    yield DuckDBWarehouse(folder / "warehouse.duckdb", 10)


def _emulated(folder: Path) -> Iterator[Warehouse]:
    if why_absent():
        pytest.skip(str(why_absent()))
    with emulator(folder) as line:
        variables = {
            "PHASE3_BIGQUERY_PROJECT": PROJECT,
            "PHASE3_BIGQUERY_LOCATION": "US",
            "BIGQUERY_EMULATOR_HOST": line.address,
        }
        yield open_warehouse(Settings.from_environment({"PHASE3_WAREHOUSE": "bigquery", **variables}))


def _scratch(folder: Path) -> Iterator[Warehouse]:
    if not os.environ.get("PHASE3_TEST_CLOUD_PROJECT"):
        pytest.skip("PHASE3_TEST_CLOUD_PROJECT names no project to test in")
    unique = uuid.uuid4().hex[:8]
    names = {variable: f"phase3_test_{unique}_{name}" for name, variable in DATASET_VARIABLES.items()}
    settings = Settings.from_environment(
        {
            "PHASE3_WAREHOUSE": "bigquery",
            "PHASE3_BIGQUERY_PROJECT": os.environ["PHASE3_TEST_CLOUD_PROJECT"],
            "PHASE3_BIGQUERY_LOCATION": os.environ.get("PHASE3_TEST_CLOUD_LOCATION") or "US",
            **names,
        }
    )
    made = open_warehouse(settings)
    try:
        yield made
    finally:
        for name in names.values():
            made.client.delete_dataset(name, delete_contents=True, not_found_ok=True)  # type: ignore[attr-defined]


def query(warehouse: Warehouse, sql: str, **parameters: object) -> list[dict[str, object]]:
    with warehouse.session(read_only=True) as session:
        return session.query(sql, {"day": DAY, **parameters})


def published(warehouse: Warehouse, table: str, day: date = DAY) -> list[dict[str, object]]:
    """The rows readers see, without what differs from run to run."""
    rows = query(
        warehouse,
        f"SELECT * EXCEPT (publication_id, processed_at, data_hash) FROM nba_analytics.{table} WHERE game_date = @day",
        day=day,
    )
    return sorted(rows, key=lambda row: [str(row[name]) for name in published_table(table).contract.key])


Look = dict[str, list[str]]
"""All rows of each summary, every column, as text."""


def look(warehouse: Warehouse) -> Look:
    return {
        name: sorted(map(repr, query(warehouse, f"SELECT * FROM nba_analytics.{name} WHERE game_date = @day")))
        for name in SUMMARIES
    }


def look_back(warehouse: Warehouse, moment: datetime) -> Look:
    """What as_of says of a moment; what the function for a console says is the same."""
    told: Look = {}
    for name in SUMMARIES:
        answer = as_of(warehouse, published_table(name), DAY, moment)
        assert answer.unknown == {}
        told[name] = sorted(map(repr, answer.rows))
        called = f"SELECT * FROM nba_phase3.{name}_as_of(@day, @day, @moment)"
        if isinstance(warehouse, DuckDBWarehouse):  # a macro takes no parameters
            called = f"SELECT * FROM nba_phase3.{name}_as_of('{DAY}', '{DAY}', '{moment.isoformat()}')"
        assert sorted(map(repr, query(warehouse, called, moment=moment))) == told[name]
    return told


def test_live_columns_are_the_contracts(warehouse):
    with warehouse.session(read_only=True) as session:
        live = session.live_columns()
        check_schema(session)
    for contract in [*raw_contracts().values(), *all_contracts()]:
        assert live[contract.full_name] == {column.name: column.type for column in contract.columns}


def test_init_again_changes_nothing(warehouse):
    assert [line for line in initialise(warehouse) if not line.startswith(("views", "functions"))] == []


def test_drift_of_a_type_is_an_error_that_names_the_column(warehouse, monkeypatch):
    with warehouse.session(read_only=True) as session:
        live = session.live_columns()
        live["nba_raw.nbac_schedule"]["season_year"] = "STRING"
        monkeypatch.setattr(session, "live_columns", lambda: live)
        with pytest.raises(
            SchemaDriftError, match=r"nba_raw\.nbac_schedule\.season_year should be INT64, found STRING"
        ):
            check_schema(session)


def test_rows_are_removed_by_key_and_no_others(warehouse):
    contract, game = bookkeeping_contracts()["data_quality_events"], f"20260203_{uuid.uuid4().hex}"
    events = [QualityEvent("text", EventSeverity.INFO, None, DAY, game, word) for word in ("one", "two", "three")]
    rows = [event.as_row(SOME_WORK) for event in events]
    of_day = {"start_date": DAY, "end_date": DAY}
    keys = (
        "SELECT event_id FROM nba_phase3.data_quality_events WHERE game_date BETWEEN @start_date AND @end_date "
        "AND game_id = @game AND description <> 'two'"
    )
    with warehouse.session() as session:
        with session.unit():
            session.append(contract, rows)
        with session.unit():
            session.remove_rows(contract, contract.key, keys, {**of_day, "game": game})
    left = "SELECT description FROM nba_phase3.data_quality_events WHERE game_date = @day AND game_id = @game"
    assert query(warehouse, left, game=game) == [{"description": "two"}]


def test_a_merged_row_takes_the_place_of_the_one_with_its_key_and_another_is_added(warehouse):
    contract, game = bookkeeping_contracts()["data_quality_events"], f"20260203_{uuid.uuid4().hex}"
    events = [QualityEvent("text", EventSeverity.INFO, None, DAY, game, word) for word in ("one", "two")]
    columns = ", ".join(name for name in contract.column_names if name not in ("event_id", "description"))
    found = f"SELECT {columns}, {{}} AS event_id, 'merged' AS description FROM nba_phase3.data_quality_events "
    found += "WHERE game_date BETWEEN @start_date AND @end_date AND game_id = @game AND description = 'one'"
    of_day = {"start_date": DAY, "end_date": DAY, "game": game}
    with warehouse.session() as session:
        assert not session.has_written
        with session.unit():
            session.append(contract, [event.as_row(SOME_WORK) for event in events])
        assert session.has_written
        for key in ("CONCAT(event_id, '-2')", "event_id"):
            with session.unit():
                session.merge(contract, found.format(key), of_day)
    rows = query(
        warehouse,
        "SELECT description FROM nba_phase3.data_quality_events WHERE game_date = @day AND game_id = @game",
        game=game,
    )
    assert sorted(row["description"] for row in rows) == ["merged", "merged", "two"]


@pytest.mark.parametrize("name", ["'); DROP TABLE x; --", 'Dončić \\ "q" `b` @rows', ""])
def test_any_text_comes_back_as_it_was(warehouse, name):
    event = QualityEvent("text", EventSeverity.INFO, None, DAY, f"20260203_{uuid.uuid4().hex}", name)
    row = event.as_row(SOME_WORK)
    with warehouse.session() as session, session.unit():
        session.append(bookkeeping_contracts()["data_quality_events"], [row])
    found = query(
        warehouse,
        "SELECT description, event_timestamp, metric_value FROM nba_phase3.data_quality_events "
        "WHERE game_date = @day AND game_id = @game",
        game=row["game_id"],
    )
    assert found == [{"description": name, "event_timestamp": row["event_timestamp"], "metric_value": None}]


def test_several_queries_are_answered_together(warehouse):
    with warehouse.session(read_only=True) as session:
        staged = session.stage("numbers", "SELECT @n AS n", {"n": 7})
        asked = {
            "staged": (f"SELECT n FROM {staged}", {}),
            "games": ("SELECT COUNT(*) AS n FROM nba_raw.nbac_team_boxscore WHERE game_date = @day", {"day": DAY}),
            "none": ("SELECT game_id FROM nba_raw.nbac_schedule WHERE game_date = @day", {"day": date(2020, 1, 1)}),
        }
        assert session.query_all(asked) == {"staged": [{"n": 7}], "games": [{"n": 4}], "none": []}


def test_loading_a_date_again_replaces_it(warehouse):
    before = query(warehouse, "SELECT COUNT(*) AS n FROM nba_raw.nbac_schedule WHERE game_date = @day")
    load_rows(warehouse, {"nbac_schedule": raw_rows(GAMES)["nbac_schedule"]})
    assert query(warehouse, "SELECT COUNT(*) AS n FROM nba_raw.nbac_schedule WHERE game_date = @day") == before


def test_a_wrong_file_changes_nothing(warehouse, tmp_path):
    path = tmp_path / "nbac_schedule.csv"
    path.write_text("game_id,game_date\nx,2026-02-03\n")
    with warehouse.session() as session, pytest.raises(LoadError, match=r"column game_code .* are missing"):
        session.load_file(raw_contracts()["nbac_schedule"], path, [])
    assert query(warehouse, "SELECT COUNT(*) AS n FROM nba_raw.nbac_schedule WHERE game_date = @day")[0]["n"] > 0


def test_a_file_with_a_date_that_is_taken_changes_nothing(warehouse, tmp_path):
    contract, counted = raw_contracts()["nbac_schedule"], "SELECT COUNT(*) AS n FROM nba_raw.nbac_schedule"
    rows = [dict.fromkeys(contract.column_names) | row for row in raw_rows(GAMES)["nbac_schedule"][:1]]
    path = tmp_path / "nbac_schedule.ndjson"
    path.write_text("".join(json.dumps(row, default=str) + "\n" for row in rows))
    before = query(warehouse, f"{counted} WHERE game_date = @day")
    with warehouse.session() as session, pytest.raises(LoadError, match=rf"{DAY}, which earlier\.csv holds too"):
        session.load_file(contract, path, [], {DAY: "earlier.csv"})
    assert query(warehouse, f"{counted} WHERE game_date = @day") == before


def test_a_second_writer_waits_and_is_refused(warehouse, monkeypatch):
    refused = []

    def write() -> None:
        try:
            with warehouse.session(wait_seconds=0.5):
                refused.append("")
        except WarehouseBusyError as error:
            refused.append(str(error))

    def in_turn() -> str:
        # the lock of this process taken away, what is left is what another process meets
        monkeypatch.setattr("phase3_assets.warehouse.bigquery.warehouse._TURNS", {})
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
        return refused.pop()

    with warehouse.session():
        assert "again" in in_turn()
    assert in_turn() == ""


@pytest.mark.parametrize("is_whole", [False, pytest.param(True, marks=pytest.mark.long)])
def test_the_flow_gives_what_the_embedded_warehouse_gives(warehouse, tmp_path, is_whole, request):
    """Publish and correct one game; wholly: publish again, check, roll back too. Rows and verdicts equal DuckDB's.

    At the end every moment is told as it was seen.
    """
    if request.node.callspec.params["warehouse"] == "emulator":
        pytest.skip(
            "the emulator takes a time zone that is a column for a time of day; see test_differential.py instead"
        )
    reference = DuckDBWarehouse(tmp_path / "reference.duckdb", 10)
    initialise(reference)
    load_rows(reference, raw_rows(GAMES))
    both = (warehouse, reference)
    seen: list[tuple[Warehouse, datetime, Look]] = []

    def same(step: str) -> None:
        seen.extend((one, utc_now(), look(one)) for one in both)
        for table in SUMMARIES:
            assert published(warehouse, table) == published(reference, table), f"{table} after {step}"

    for one in both:
        publication = publish(one, Request(DAY, DAY, run_id="first"))
        assert [report.count("published") for report in of_summaries(publication.reports)] == [2, 2, 2]
        assert publication.failed_checks == []
    same("the first publication")

    for one in both if is_whole else ():
        again = publish(one, Request(DAY, DAY, run_id="again"))
        assert all_outcomes(again) == {"unchanged"}

    corrected = [dict(row) for row in raw_rows(GAMES)["nbac_team_boxscore"]]
    for row in corrected:
        if row["game_id"] == GAMES[0].game_id:
            row["steals"] += 1
            row["processed_at"] += timedelta(days=1)
    outcomes = []
    for one in both:
        load_rows(one, {"nbac_team_boxscore": corrected})
        third = publish(one, Request(DAY, DAY, run_id="corrected"))
        outcomes.append([(g.game_id, g.outcome, g.rows_changed) for report in third.reports for g in report.games])
        assert verify(one, DAY, DAY, published_tables()) == []
    assert outcomes[0] == outcomes[1]
    assert (GAMES[0].game_id, "published", 2) in outcomes[0]
    same("a correction")
    if not is_whole:
        assert [look_back(one, moment) for one, moment, _ in seen] == [rows for *_, rows in seen]
        return

    verdicts = [
        [
            (v.table, v.check, v.passed, v.offenders, v.rows)
            for v in check_published(one, DAY, DAY, published_tables(), Thresholds())
        ]
        for one in both
    ]
    assert verdicts[0] == verdicts[1]

    table = published_table(OFFENSE)
    for one in both:
        first = rollback.history(one, table, DAY)[0]["publication_id"]
        put_back = rollback.rollback(one, table, DAY, first, [], "try", Thresholds(), "r")
        assert (put_back.games, put_back.left) == ([GAMES[0].game_id], {})
    same("a rollback")
    assert [look_back(one, moment) for one, moment, _ in seen] == [rows for *_, rows in seen]


DOUBLE_OVERTIME = date(2025, 10, 21)


@pytest.mark.long
@pytest.mark.real_data
def test_a_real_night_gives_what_the_embedded_warehouse_gives(warehouse, real_warehouse, tmp_path):
    """A double overtime, real names, several books: each row of each table equals DuckDB's."""
    reference = DuckDBWarehouse(tmp_path / "reference.duckdb", 10)
    initialise(reference)
    rows = story.real_rows(real_warehouse, DOUBLE_OVERTIME)
    assert sum(len(of_table) for of_table in rows.values()) > 100
    for one in (warehouse, reference):
        load_rows(one, {table: of_table for table, of_table in rows.items() if of_table})
        publication = publish(one, Request(DOUBLE_OVERTIME, DOUBLE_OVERTIME, run_id="real"))
        assert [report.count("published") for report in of_summaries(publication.reports)] == [2, 2, 2]
    for table in SUMMARIES:
        rows = published(warehouse, table, DOUBLE_OVERTIME)
        assert rows and rows == published(reference, table, DOUBLE_OVERTIME), table
