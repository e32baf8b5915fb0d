"""DuckDB running the translation and Google's evaluator running the BigQuery text give equal rows.

What belongs here: whole publications done on both at once, on real and made-up nights. What doesn't: single formulas
and generated edge values (test_edge_values.py), whether a text is valid at all (test_analyzer.py).
"""

import re
from collections.abc import Collection
from datetime import UTC, date, datetime

import pytest

from phase3_assets import rollback
from phase3_assets.contracts import raw_contracts
from phase3_assets.interventions import release
from phase3_assets.outcomes import Request
from phase3_assets.publisher import Publisher
from phase3_assets.publishing import publish
from phase3_assets.queries import sql_text
from phase3_assets.readiness import date_parameters
from phase3_assets.schema import initialise
from phase3_assets.simulation import raw_rows
from phase3_assets.tables import published_table, published_tables
from phase3_assets.thresholds import Thresholds
from phase3_assets.verifying import verify
from phase3_assets.warehouse import Row, duckdb
from phase3_assets.warehouse.dialect import duckdb_sql
from phase3_assets.warehouse.duckdb import DuckDBWarehouse
from phase3_assets_tests.bigquery import engines, google_sql
from phase3_assets_tests.bigquery.engines import EnginesDisagree, GoogleWarehouse, PairedWarehouse
from phase3_assets_tests.games import DAY, night

pytestmark = [pytest.mark.google_sql, pytest.mark.timeout(600)]

BOX_SCORES, GAMEBOOK, EVENING = "nbac_team_boxscore", "nbac_gamebook_player_stats", "nbac_player_boxscores"

NIGHTS = [
    pytest.param(date(2024, 11, 4), (), 15, id="fifteen games, lines in whole points"),
    pytest.param(date(2024, 11, 7), (), 3, id="three games"),
    pytest.param(date(2024, 12, 14), (), 2, id="neutral site"),
    pytest.param(date(2025, 10, 21), (), 2, id="double overtime"),
    pytest.param(date(2025, 10, 22), (), 12, id="many dnp, minutes like 30:60"),
    pytest.param(date(2025, 11, 13), (BOX_SCORES,), 3, id="no team box scores: rebuilt"),
    pytest.param(date(2025, 11, 13), (GAMEBOOK,), 3, id="no gamebook: the same-evening rows"),
    pytest.param(date(2025, 11, 13), (BOX_SCORES, GAMEBOOK), 0, id="neither: every game waits"),
    pytest.param(date(2025, 7, 1), (), 0, id="no games"),
]

WARN_OF_EVERYTHING = Thresholds(
    usage_coverage_warning=2.0,
    usage_rate_high=0.0,
    pace_minimum=1000.0,
    rating_maximum=0.0,
    ts_pct_minimum=1000.0,
    points_line_minimum=1000.0,
    player_points_minimum=1000.0,
    line_match_minimum=2.0,
    not_constant_rows=0.0,
)
"""Thresholds that make a warning of every row, so that the rules' words and figures are compared too."""


@pytest.fixture
def paired(warehouse: DuckDBWarehouse) -> PairedWarehouse:
    """Both engines, initialised and empty."""
    google = GoogleWarehouse()
    initialise(google)
    return PairedWarehouse(warehouse, google)


def load(paired: PairedWarehouse, rows: dict[str, list[Row]]) -> None:
    contracts = raw_contracts()
    with paired.session() as session, session.unit():
        for table, of_table in rows.items():
            session.append(contracts[table], of_table)


def real_rows(real: DuckDBWarehouse, day: date, without: Collection[str]) -> dict[str, list[Row]]:
    with real.session(read_only=True) as session:
        return {
            name: session.query(f"SELECT * FROM {contract.full_name} WHERE {contract.partition} = @day", {"day": day})
            for name, contract in raw_contracts().items()
            if name not in without
        }


@pytest.mark.real_data
@pytest.mark.parametrize(("day", "without", "published"), NIGHTS)
def test_a_real_night(paired, real_warehouse, day, without, published):
    load(paired, real_rows(real_warehouse, day, without))
    publication = publish(paired, Request(day, day), thresholds=WARN_OF_EVERYTHING)
    assert [report.count("published") for report in publication.reports] == [published] * 3
    assert bool(publication.verdicts[0].rows) == bool(published)


def test_a_simulated_night_and_all_that_follows(paired):
    """Published, corrected, changed by hand, repaired, compared, rolled back, released; both engines at every step."""
    world = raw_rows(night(3))
    load(paired, world)
    request = Request(DAY, DAY)
    publisher = Publisher(paired, WARN_OF_EVERYTHING)
    for table in published_tables():
        assert publisher.report(request, table).count("published") == 3

    game_id = correct(paired, world[GAMEBOOK])
    again = publish(paired, request)
    assert [report.count("published") for report in again.reports] == [0, 0, 1]

    players = published_table("player_game_summary")
    change_by_hand(paired, players.contract.full_name, game_id, "assists", 77)
    drifts = verify(paired, DAY, DAY, published_tables())
    assert [(drift.game_id, len(drift.changed_keys) > 0) for drift in drifts] == [(game_id, True)]
    assert publish(paired, request, [players]).reports[0].count("published") == 1

    versions = rollback.history(paired, players, DAY)
    first = versions[0]["publication_id"]
    assert rollback.diff(paired, players, DAY, before=first)
    assert rollback.rollback(paired, players, DAY, first, [game_id], "a test", Thresholds(), "run") == [game_id]
    assert release(paired, players.name, DAY, [], "a test", "run") == 1

    publisher.recent_dates(players)
    with paired.session(read_only=True) as session:
        for table in published_tables():
            assert session.query(sql_text(f"{table.name}/preview"), date_parameters(DAY, DAY))
        everything = {"first_date": DAY, "since": datetime(2020, 1, 1, tzinfo=UTC), "game_id": ""}
        assert session.query(sql_text("bookkeeping/events"), everything)


def correct(paired: PairedWarehouse, gamebook: list[Row]) -> str:
    """Give the first player one more steal; returns our id of the game."""
    contract = raw_contracts()[GAMEBOOK]
    changed = gamebook[0]["game_id"]
    rows = [dict(row) for row in gamebook if row["game_id"] == changed]
    rows[0]["steals"] += 1
    with paired.session() as session, session.unit():
        session.replace_games(contract, [changed], DAY, DAY, rows)
    return str(changed)


def change_by_hand(paired: PairedWarehouse, table: str, game_id: str, column: str, value: int) -> None:
    with paired.duckdb.session() as session:
        session._connection.execute(f"UPDATE {table} SET {column} = {value} WHERE game_id = '{game_id}'")
    for row in paired.google.relations[table][1]:
        if row["game_id"] == game_id:
            row[column] = value


CHANGES = [
    pytest.param(r"\b44 \* ", "48 * ", id="free throws weigh 0.48"),
    pytest.param(r"\b14400\b", "13400", id="regulation is 223 minutes"),
    pytest.param(r"'draftkings' THEN 1", "'draftkings' THEN 3", id="another book first"),
    pytest.param(r"<= 4200\b", "< 1200", id="twenty minutes are unreadable"),
    pytest.param(r"fg_makes > (\w+\.)?fg_attempts", "fg_makes > 5", id="another rule"),
]
"""One formula each, as it stands in the text of either engine."""


@pytest.mark.parametrize("engine", ["duckdb", "google"])
@pytest.mark.parametrize(("formula", "other"), CHANGES)
def test_a_formula_changed_in_one_engines_text_is_caught(paired, monkeypatch, engine, formula, other):
    load(paired, raw_rows(night(1)))
    changed = set()

    def altered(text: str) -> str:
        result, times = re.subn(formula, other, text)
        changed.add(times > 0)
        return result

    if engine == "duckdb":
        monkeypatch.setattr(duckdb, "duckdb_sql", lambda sql: altered(duckdb_sql(sql)))
    else:
        monkeypatch.setattr(engines, "evaluate", lambda sql, *rest: google_sql.evaluate(altered(sql), *rest))
    with pytest.raises(EnginesDisagree):
        publish(paired, Request(DAY, DAY))
    assert True in changed
