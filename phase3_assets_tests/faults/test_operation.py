"""Failures 56 to 60, and 73: operation.

What belongs here: stale code, noise, figures about quality, progress that outlives its machine, values nobody trusts.
What doesn't: how alerts are sent (alerting/test_alerts.py).
"""

import json
from datetime import date, timedelta

import pytest
from click.testing import CliRunner

from phase3_assets.catalog.tables import tables_named
from phase3_assets.cli import main
from phase3_assets.demo.season import simulate_season
from phase3_assets.errors import ConfigurationError
from phase3_assets.publishing.plan import plan
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.publishing.survey import survey
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets_tests.faults.scenes import EVENING, GAMEBOOK, TEAM_BOX, Scene, failing, outcomes
from phase3_assets_tests.support.games import DAY, OFFENSE, PLAYERS, SUMMARIES, all_outcomes, of_summaries, state_of


def steps(scene: Scene) -> set[tuple[str, str]]:
    """What a run would do now, and why."""
    days = sorted({game.game_date for game in scene.games})
    with DuckDBWarehouse(scene.path).session(read_only=True) as session:
        games = survey(session, days[0], days[-1]).values()
    return {(step.action, step.reason) for step in plan(games, tables_named(SUMMARIES))}


@pytest.mark.slow
@pytest.mark.long
def test_56_rows_of_other_code_are_visible_as_such_and_brought_up_to_date(published):
    """Deployed code is not the code that ran: 13 days of drift.

    Guard: phase3_assets/catalog/tables.py (code_version), phase3_assets/publishing/game.py (is_decided)
    """
    versions = {table.name: table.code_version for table in tables_named(SUMMARIES)}
    for table in SUMMARIES:
        assert {row["code_version"] for row in published.table(table)} == {versions[table]}
    published.tamper(
        "UPDATE nba_phase3.publications SET code_version = 'thirteen days ago'",
        *(f"UPDATE nba_analytics.{table} SET code_version = 'thirteen days ago'" for table in SUMMARIES),
    )
    assert ("compute", "changed code") in steps(published)
    before = published.look()
    publication = published.publish()
    assert all_outcomes(publication) == {"unchanged"}
    assert published.look() == before
    recorded = published.query(
        "SELECT DISTINCT table_name, code_version FROM nba_phase3.publications WHERE outcome = 'unchanged'"
    )
    assert {row["table_name"]: row["code_version"] for row in of_summaries(recorded)} == versions
    assert {action for action, _ in steps(published)} == {"nothing"}


@pytest.mark.slow
@pytest.mark.long
def test_57_a_state_is_told_once_however_often_it_is_seen(loaded):
    """Alerts for false positives until nobody reads them.

    Guard: phase3_assets/publishing/write.py (_events), phase3_assets/publishing/check.py (_completeness_events)
    """
    loaded.contradict()
    loaded.load(TEAM_BOX, EVENING)
    for _ in range(3):
        loaded.publish()
    told = [(event["event_type"], event["severity"], event["table_name"]) for event in loaded.events()]
    late = [("game_incomplete", "CRITICAL", name) for name in SUMMARIES]
    assert sorted(told) == sorted([("game_quarantined", "CRITICAL", OFFENSE), *late])
    loaded.restore()
    for _ in range(2):
        loaded.publish()
    news = loaded.events()[len(told) :]
    assert {event["severity"] for event in news} == {"INFO"}
    assert sorted(event["event_type"] for event in news) == ["game_completed"] * 3 + ["game_released"]


def test_58_figures_about_quality_are_the_checks_own(published):
    """Ad-hoc quality metrics computed wrongly: 22 %, 67 %, 78 % "polluted".

    Guard: phase3_assets/publishing/check.py (metadata), phase3_assets/publishing/audit.py (offenders),
    phase3_assets/catalog/tables.py (with_measures), sql/tables/player_game_summary/metrics/usage_rate.sql
    """
    published.tamper(
        f"UPDATE nba_analytics.{PLAYERS} SET usage_rate = 1228, usage_rate_raw = 1228 "
        "WHERE game_id = '{game}' AND minutes_played >= 3"
    )
    counted = published.query(
        f"SELECT COUNT(*) AS every_row, COUNT(CASE WHEN usage_rate_raw > 100 THEN 1 END) AS polluted "
        f"FROM nba_analytics.{PLAYERS}"
    )[0]
    shown = published.check()[PLAYERS, "usage_rate"].metadata
    assert (shown["offending_rows"], shown["rows_checked"]) == (counted["polluted"], counted["every_row"])
    assert shown["offending_games"] == 1 and shown["worst_value"] == 1228
    assert shown["max_raw_usage_rate"] == 1228
    (kept,) = published.query(
        "SELECT value FROM nba_phase3.check_results WHERE NOT passed AND metric = 'offending_rows' "
        f"AND table_name = '{PLAYERS}' AND check_name = 'usage_rate'"
    )
    assert kept["value"] == counted["polluted"]
    (event,) = published.events("check_failed")
    assert (event["metric_name"], event["metric_value"]) == ("usage_rate", 1228)
    assert failing(published.publish().verdicts) == {}


@pytest.mark.slow
@pytest.mark.long
def test_59_progress_is_in_the_warehouse(make_scene):
    """A backfill's progress is known only from a log file on a machine that is gone.

    Guard: phase3_assets/publishing/plan.py (plan), sql/bookkeeping/queries/latest_publications.sql
    """
    first, days = date(2025, 11, 1), 4
    games = simulate_season(9, first, days)
    scene = make_scene([next(game for game in games if game.game_date == first + timedelta(n)) for n in range(days)])
    half = first + timedelta(days=days // 2 - 1)
    publish(scene.warehouse, Request(first, half))
    elsewhere = DuckDBWarehouse(scene.path)
    with elsewhere.session(read_only=True) as session:
        left = plan(survey(session, first, first + timedelta(days=days - 1)).values(), tables_named(SUMMARIES))
    assert {step.game_date for step in left if step.action == "compute"} == {
        half + timedelta(days=n) for n in range(1, days // 2 + 1)
    }
    report = outcomes(scene.publish(), PLAYERS)
    assert sorted(report.values()) == ["published"] * 2 + ["unchanged"] * 2
    assert {action for action, _ in steps(scene)} == {"nothing"}


@pytest.mark.slow
@pytest.mark.long
def test_60_values_are_data_and_names_come_from_lists(loaded):
    """An untrusted value in SQL (a player named `'); DROP`), a partition key from the UI.

    Guard: phase3_assets/warehouse/duckdb/warehouse.py (_execute), phase3_assets/settings/calendar.py (parse_date),
    phase3_assets/catalog/tables.py (published_table)
    """
    evil = "Robert'); DROP TABLE nba_analytics.player_game_summary; --"
    line = next(line for line in loaded.game.lines if line.seconds)
    for row in loaded.of(GAMEBOOK):
        if row["player_lookup"] == line.player.lookup:
            row.update(player_name=evil, player_name_original=evil, player_lookup=evil, dnp_reason=evil)
    for row in loaded.of(EVENING):
        if row["player_lookup"] == line.player.lookup:
            row.update(player_full_name=evil, player_lookup=evil)
    loaded.allow_truth_of(loaded.rows)
    loaded.load()
    publication = loaded.publish()
    assert {state_of(publication, game) for game in loaded.games} == {("published", None)}
    assert evil in {row["player_full_name"] for row in loaded.table(PLAYERS)}
    before = loaded.look()
    with pytest.raises(ConfigurationError):
        loaded.publish(game_ids=frozenset({"'; DROP TABLE nba_analytics.player_game_summary; --"}))
    hostile = "2026-02-03'; DROP TABLE nba_analytics.player_game_summary; --"
    for arguments in (
        ["run", hostile],
        ["checks", hostile],
        ["history", hostile, DAY.isoformat()],
        ["waive", f"20260203_{hostile}", "--reason", hostile],
        ["rollback", PLAYERS, DAY.isoformat(), "--to", hostile, "--reason", hostile],
    ):
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 2 and "Traceback" not in result.output, (arguments, result.output)
    assert loaded.look() == before
    loaded.restore()
    assert failing(loaded.publish().verdicts) == {}


@pytest.mark.slow
@pytest.mark.long
def test_73_a_check_that_passes_leaves_what_it_measured(loaded):
    """A passing check leaves no trace of what it measured: nobody sees the highest usage creep up.

    Guard: phase3_assets/publishing/measure.py (news), phase3_assets/publishing/check.py (metrics),
    sql/bookkeeping/tables/check_results.sql
    """
    assert failing(loaded.publish().verdicts) == {}
    usages = [row["usage_rate"] for row in loaded.table(PLAYERS) if row["minutes_played"]]

    def measured() -> dict[str, float]:
        rows = loaded.query(
            "SELECT * FROM nba_phase3.check_results "
            f"WHERE table_name = '{PLAYERS}' AND check_name = 'usage_rate' ORDER BY recorded_at"
        )
        assert {row["passed"] for row in rows} == {True}
        return {row["metric"]: row["value"] for row in rows}

    assert measured()["max_usage_rate"] == float(max(usages))
    assert (measured()["usage_coverage"], measured()["players_with_minutes"]) == (1, len(usages))
    told = json.loads(CliRunner().invoke(main, ["metrics", "usage_rate", DAY.isoformat(), "--json"]).output)
    assert {row["metric"]: row["value"] for row in told} == measured()
    creeping = float(max(usages)) + 3
    loaded.tamper(
        f"UPDATE nba_analytics.{PLAYERS} SET usage_rate = usage_rate + 3 WHERE usage_rate = {max(usages)}",
    )
    assert (PLAYERS, "usage_rate") not in loaded.check(), "no rule minds it"
    assert measured()["max_usage_rate"] == pytest.approx(creeping)
    loaded.publish(repair=True)
    assert measured()["max_usage_rate"] == float(max(usages))
