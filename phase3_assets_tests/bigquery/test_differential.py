"""DuckDB running the translation and Google's evaluator running the BigQuery text give equal rows.

What belongs here: whole publications done on both at once, on real and made-up nights. What doesn't: single formulas
and generated edge values (test_edge_values.py), whether a text is valid at all (test_analyzer.py).
"""

import re
from datetime import date

import pytest

from phase3_assets.catalog.table_names import TABLE_NAMES
from phase3_assets.demo.before_tip_off import rows_before
from phase3_assets.demo.season import raw_rows
from phase3_assets.loading.files import load_raw
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.warehouse.duckdb import warehouse as duckdb
from phase3_assets.warehouse.duckdb.dialect import duckdb_sql
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets.warehouse.schema import initialise_raw
from phase3_assets_tests.bigquery import engines, google_sql, story
from phase3_assets_tests.bigquery.engines import EnginesDisagree, PairedWarehouse, side_by_side
from phase3_assets_tests.conftest import REAL_DATA
from phase3_assets_tests.support.games import DAY, night, of_summaries

pytestmark = [pytest.mark.google_sql, pytest.mark.timeout(600)]

REAL_2018 = REAL_DATA.parent / "raw_2018"
BOX_SCORES, GAMEBOOK, EVENING = "nbac_team_boxscore", "nbac_gamebook_player_stats", "nbac_player_boxscores"

# Those marked long run with `make test-google-sql` only: what is special about them, others show as well.
NIGHTS = [
    pytest.param(date(2024, 11, 4), (), 15, id="fifteen games, lines in whole points", marks=pytest.mark.long),
    pytest.param(date(2024, 11, 7), (), 3, id="three games", marks=pytest.mark.long),
    pytest.param(date(2024, 12, 14), (), 2, id="neutral site", marks=pytest.mark.long),
    pytest.param(date(2025, 10, 21), (), 2, id="double overtime", marks=pytest.mark.long),
    pytest.param(date(2025, 10, 22), (), 12, id="many dnp, minutes like 30:60", marks=pytest.mark.long),
    pytest.param(date(2025, 11, 13), (BOX_SCORES,), 3, id="no team box scores: rebuilt", marks=pytest.mark.long),
    pytest.param(date(2025, 11, 13), (GAMEBOOK,), 3, id="no gamebook: the same-evening rows", marks=pytest.mark.long),
    pytest.param(date(2025, 11, 13), (BOX_SCORES, GAMEBOOK), 0, id="neither: every game waits", marks=pytest.mark.long),
    pytest.param(date(2025, 7, 1), (), 0, id="no games", marks=pytest.mark.long),
]


@pytest.fixture
def paired(warehouse: DuckDBWarehouse) -> PairedWarehouse:
    return side_by_side(warehouse)


@pytest.mark.real_data
@pytest.mark.parametrize(("day", "without", "published"), NIGHTS)
def test_a_real_night(paired, real_warehouse, day, without, published):
    story.load(paired, story.real_rows(real_warehouse, day, without))
    publication = publish(paired, Request(day, day), thresholds=story.WARN_OF_EVERYTHING)
    assert [report.count("published") for report in of_summaries(publication.reports)] == [published] * 3
    assert bool(publication.verdicts[0].rows) == bool(published)


@pytest.mark.real_data
@pytest.mark.long
def test_a_real_night_with_play_by_play(paired, tmp_path):
    if not REAL_2018.is_dir():
        pytest.skip(f"the real play-by-play is not at {REAL_2018}")
    real, day = DuckDBWarehouse(tmp_path / "real.duckdb"), date(2018, 12, 20)
    initialise_raw(real)
    missing = [f"player_3_{column}" for column in ("name", "lookup", "team_abbr")]
    assert load_raw(real, REAL_2018, allow_missing=missing)[0] == []
    story.load(paired, story.real_rows(real, day))
    publication = publish(paired, Request(day, day), thresholds=story.WARN_OF_EVERYTHING)
    assert {report.count("published") for report in of_summaries(publication.reports)} == {2}
    with paired.duckdb.session() as session:
        told = session.query("SELECT * FROM nba_analytics.player_game_summary WHERE usage_rate_on_court > 0", {})
    assert len(told) > 15


def test_a_simulated_game_of_every_table(paired):
    games = night(1)
    story.load(paired, {**rows_before(games, games[0].tip_off), **raw_rows(games)})
    reports = publish(paired, Request(DAY, DAY), thresholds=story.WARN_OF_EVERYTHING).reports
    published = {report.table: report.count("published") for report in reports}
    assert published == {**dict.fromkeys(TABLE_NAMES, 1), story.ZONES: 0}


@pytest.mark.long
def test_a_simulated_night_and_all_that_follows(paired):
    def change_by_hand(table: str, game_id: str) -> None:
        with paired.duckdb.session() as session:
            session._connection.execute(f"UPDATE {table} SET assists = 77 WHERE game_id = '{game_id}'")
        for row in paired.google.relations[table][1]:
            if row["game_id"] == game_id:
                row["assists"] = 77

    story.tell(paired, change_by_hand)
    assert len(paired.statements) > 40 and paired.rows_compared > 3000


CHANGES = [
    pytest.param("duckdb", r"\b44 \* ", "48 * ", id="free throws weigh 0.48"),
    pytest.param("google", r"\b48 \+ 5\b", "44 + 5", id="regulation is 44 minutes"),
    pytest.param("google", r"'draftkings' THEN 1", "'draftkings' THEN 3", id="another book first"),
    pytest.param("duckdb", r"<= 4200\b", "< 1200", id="twenty minutes are unreadable"),
    pytest.param("google", r"fg_makes > (\w+\.)?fg_attempts", "fg_makes > 5", id="another rule"),
]
"""Whose text is changed, and one formula as it stands in the text of either engine."""


@pytest.mark.parametrize(
    ("engine", "formula", "other"),
    [*CHANGES[:2], *(pytest.param(*one.values, id=one.id, marks=pytest.mark.long) for one in CHANGES[2:])],
)
def test_a_formula_changed_in_one_engines_text_is_caught(paired, monkeypatch, engine, formula, other):
    story.load(paired, raw_rows(night(1)))
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
