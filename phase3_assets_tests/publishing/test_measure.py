"""What the checks measured: kept in the warehouse, pass or fail, shown in the UI, read with `phase3 metrics`.

What belongs here: figures beside verdicts, and when they are kept anew. What doesn't: verdicts (test_check.py),
every real date's figures (sql/test_real_games.py), BigQuery's jobs (bigquery/test_requests.py).
"""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import dagster as dg
import pytest
from click.testing import CliRunner
from sqlglot import exp

from phase3_assets.catalog.contracts import POST_GAME, SQL_FOLDER
from phase3_assets.catalog.parser import parse
from phase3_assets.catalog.tables import published_table, published_tables
from phase3_assets.cli import main
from phase3_assets.definitions import build_defs
from phase3_assets.defs.jobs import PUBLISH_JOB
from phase3_assets.defs.resources import Publisher
from phase3_assets.errors import Phase3Error
from phase3_assets.loading.pulling import parts, pull
from phase3_assets.publishing import measure as measuring
from phase3_assets.publishing.check import check_names, check_published, checks_and_metrics
from phase3_assets.publishing.measure import Metric, metrics
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets_tests.support.games import DAY, OFFENSE, PLAYERS, SUMMARIES, World, of_summaries

BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)


def phase3(*arguments: str):
    return CliRunner().invoke(main, list(arguments), catch_exceptions=False)


def kept(world: World) -> list[dict[str, Any]]:
    """Every row of check_results, oldest first."""
    return world.query("SELECT * FROM nba_phase3.check_results ORDER BY recorded_at, table_name, check_name, metric")


def figures(rows: list[dict[str, Any]], table: str, check: str) -> dict[str, float | None]:
    """By metric, the latest figure of a check."""
    return {row["metric"]: row["value"] for row in rows if (row["table_name"], row["check_name"]) == (table, check)}


def check(world: World, thresholds: Thresholds | None = None, run_id: str = "desk") -> None:
    check_published(world.warehouse, BEFORE, AFTER, published_tables(), thresholds or Thresholds(), run_id)


@pytest.mark.long
def test_a_publication_keeps_a_figure_of_every_check_of_its_dates(world):
    rows = kept(world)
    # Nobody misses pre-game rows of a game that is over, and nothing but that is measured where there are no rows.
    asked = [(table, name) for table in published_tables() for name in check_names(table)]
    asked = [(table, name) for table, name in asked if name == "games_complete" or world.table(table.name)]
    expected = {(t.name, name) for t, name in asked if t.phase == POST_GAME or name != "games_complete"}
    assert {(row["table_name"], row["check_name"]) for row in rows} == expected
    assert {row["game_date"] for row in rows} == {DAY} and all(row["passed"] for row in rows)
    assert all(row["value"] == 0 for row in rows if row["metric"] == "offending_rows")
    told = checks_and_metrics()
    made = {name for _, name in expected}
    assert {(row["check_name"], row["metric"]) for row in rows} == {(c, m) for c in told if c in made for m in told[c]}


def test_the_figures_are_what_a_reader_counts(world):
    rows, players = kept(world), world.table(PLAYERS)
    entered = [row for row in players if row["minutes_played"]]
    usage = figures(rows, PLAYERS, "usage_rate")
    highest = max(row["usage_rate"] for row in entered)
    assert usage["max_usage_rate"] == float(highest) > 0
    of_five_minutes = max(row["usage_rate"] for row in entered if row["minutes_played"] >= 5)
    assert usage["max_usage_rate_in_five_minutes"] == float(of_five_minutes)
    assert usage["players_with_minutes"] == len(entered)
    assert (usage["usage_coverage"], usage["usage_coverage_of_worst_game"], usage["small_samples"]) == (1, 1, 0)
    lines = figures(rows, PLAYERS, "line_match")
    played = [row for row in players if not row["is_dnp"]]
    assert lines["rows_with_a_line"] == sum(row["points_line"] is not None for row in played) > 0
    assert lines["share_of_lines_matched"] == lines["rows_with_a_line"] / len(played)
    assert figures(rows, PLAYERS, "game_count")["rows_published"] == len(players)
    assert figures(rows, PLAYERS, "games_complete") == {"offending_rows": 0, "final_games": 3, "published_games": 3}
    limits = {row["metric"]: row["threshold"] for row in rows if row["check_name"] == "usage_rate"}
    assert limits["max_usage_rate_in_five_minutes"] == Thresholds().usage_rate_high
    assert limits["usage_coverage"] == Thresholds().usage_coverage_error
    assert limits["max_usage_rate"] is None


@pytest.mark.long
def test_the_same_again_is_kept_once(world):
    before = kept(world)
    world.publish()
    check(world)
    phase3("checks", str(BEFORE), str(AFTER))
    assert kept(world) == before


def test_dates_without_games_or_before_the_games_are_over_have_no_figures(make_world):
    world = make_world()
    world.rows["nbac_schedule"] = [row for row in world.rows["nbac_schedule"] if row["game_status"] == 1]
    for table in ("nbac_team_boxscore", "nbac_gamebook_player_stats", "nbac_player_boxscores"):
        world.rows[table] = []
    world.reload_and_publish()
    check(world)
    assert of_summaries(kept(world)) == []


def test_a_final_game_that_is_missing_is_counted_where_no_row_is(make_world):
    world = make_world(1)
    world.drop("nbac_team_boxscore")
    world.drop("nbac_gamebook_player_stats")
    world.reload_and_publish()
    rows = of_summaries(kept(world))
    assert {row["check_name"] for row in rows} == {"games_complete"}
    found = figures(rows, PLAYERS, "games_complete")
    assert found == {"offending_rows": 1, "final_games": 1, "published_games": 0}
    assert not any(row["passed"] for row in rows)


@pytest.mark.long
def test_a_failure_is_kept_with_its_figure_and_so_is_its_end(world):
    world.tamper(
        f"UPDATE nba_analytics.{PLAYERS} SET usage_rate = 1228, usage_rate_raw = 1228 "
        f"WHERE game_id = '{world.game.game_id}' AND minutes_played >= 5",
    )
    before = kept(world)
    check(world, run_id="morning")
    added = kept(world)[len(before) :]
    usage = {row["metric"]: row for row in added if (row["table_name"], row["check_name"]) == (PLAYERS, "usage_rate")}
    assert usage["max_raw_usage_rate"]["value"] == 1228 and usage["max_raw_usage_rate"]["threshold"] == 100
    assert usage["offending_rows"]["value"] > 0
    assert {(row["passed"], row["severity"], row["run_id"]) for row in usage.values()} == {(False, "ERROR", "morning")}
    assert "nulls" not in {row["check_name"] for row in added}, "only what is new"
    world.publish(repair=True)
    latest = json.loads(phase3("metrics", "usage_rate", str(DAY), "--json").output)
    assert all(row["passed"] for row in latest)
    assert {row["metric"]: row["value"] for row in latest} == figures(before, PLAYERS, "usage_rate")


def test_what_changes_is_measured_anew(world):
    before = kept(world)
    world.tamper(
        f"UPDATE nba_analytics.{PLAYERS} SET points_line = NULL, usage_rate = NULL",
        f"UPDATE nba_analytics.{OFFENSE} SET points_scored = points_scored + 3, overtime_periods = 1",
        f"UPDATE nba_analytics.{OFFENSE} SET fg_attempts = fg_attempts + 2, pace = 131.5 WHERE home_game",
    )
    check(world)
    after = kept(world)
    for table, name, metric, value in (
        (PLAYERS, "line_match", "share_of_lines_matched", None),
        (PLAYERS, "usage_rate", "max_usage_rate", None),
        (PLAYERS, "usage_rate", "usage_coverage", 0),
        (PLAYERS, "team_totals", "largest_difference", 3 + 2),
        (PLAYERS, "team_totals", "teams_that_differ", 6),
        (PLAYERS, "does_not_add_up", "largest_minutes_difference", 25),
        (OFFENSE, "does_not_add_up", "largest_score_difference", 3),
        (OFFENSE, "plausible_ranges", "max_pace", 131.5),
    ):
        measured = figures(after, table, name)[metric]
        assert measured != figures(before, table, name)[metric], metric
        assert measured == (None if value is None else pytest.approx(value, abs=0.5)), metric


def test_what_is_no_number_is_recorded_as_none():
    told = [{"check_name": "c", "game_date": DAY, "metric": m, "value": v, "threshold": None} for m, v in
            (("nan", float("nan")), ("infinite", float("inf")), ("null", None), ("fine", 1.5))]  # fmt: skip
    values = {metric.name: metric.value for metric in metrics(told)["c", DAY]}
    assert values == {"nan": None, "infinite": None, "null": None, "fine": 1.5}


@pytest.mark.long
def test_where_nothing_is_left_to_measure_that_is_kept(world):
    for game in world.games:
        for row in world.of("nbac_schedule", game):
            row |= {"game_status": 3, "game_status_text": "Postponed", "home_team_score": None, "away_team_score": None}
            row |= {"winning_team_tricode": None}
    for table in ("nbac_team_boxscore", "nbac_gamebook_player_stats", "nbac_player_boxscores"):
        world.rows[table] = []
    world.load()
    world.tamper(*(f"DELETE FROM nba_analytics.{table}" for table in SUMMARIES), "DELETE FROM nba_phase3.publications")
    check(world)
    gone = kept(world)
    assert set(figures(gone, PLAYERS, "usage_rate").values()) == {None}
    check(world)
    assert kept(world) == gone
    assert "max_usage_rate  none" in phase3("metrics", "usage_rate", str(DAY)).output


def test_a_threshold_that_changes_is_kept(world):
    before = kept(world)
    check(world, Thresholds(usage_rate_high=60))
    (added,) = kept(world)[len(before) :]
    assert (added["metric"], added["threshold"]) == ("max_usage_rate_in_five_minutes", 60)


@pytest.mark.long
def test_a_clock_that_was_ahead_hides_no_later_figure(world):
    world.tamper("UPDATE nba_phase3.check_results SET recorded_at = recorded_at + INTERVAL 1 DAY")
    world.tamper(f"UPDATE nba_analytics.{OFFENSE} SET pace = 99.5")
    check(world)
    check(world)
    found = json.loads(phase3("metrics", "plausible_ranges", "max_pace", str(DAY), "--table", OFFENSE, "--json").output)
    assert [row["value"] for row in found] == [99.5]
    assert len([row for row in kept(world) if (row["table_name"], row["metric"]) == (OFFENSE, "max_pace")]) == 2


@pytest.mark.long
def test_years_measured_for_the_first_time_are_kept_in_several_units(world, monkeypatch):
    monkeypatch.setattr(measuring, "_ROWS_AT_ONCE", 7)
    whole = kept(world)
    world.tamper("DELETE FROM nba_phase3.check_results")
    check(world)
    said = [(row["table_name"], row["check_name"], row["metric"], row["value"]) for row in kept(world)]
    assert sorted(said, key=str) == sorted(
        [(row["table_name"], row["check_name"], row["metric"], row["value"]) for row in whole], key=str
    )
    world.tamper("DELETE FROM nba_phase3.check_results")
    world.tables = published_tables()
    world.publish()
    assert len(kept(world)) == len(whole)


def test_a_check_that_cannot_be_made_keeps_nothing(world):
    before = kept(world)
    world.tamper(f"ALTER TABLE nba_analytics.{OFFENSE} DROP COLUMN pace")
    with pytest.raises(Phase3Error):
        check(world)
    assert kept(world) == before


@pytest.mark.parametrize("is_range", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_the_ui_plots_every_figure_per_date_of_a_check_that_passes(world, is_range):
    job = build_defs(Publisher(world.warehouse)).resolve_job_def(PUBLISH_JOB)
    span = {"dagster/asset_partition_range_start": str(BEFORE),
            "dagster/asset_partition_range_end": str(DAY)}  # fmt: skip
    with dg.DagsterInstance.ephemeral() as instance:
        options = {"tags": span} if is_range else {"partition_key": str(DAY)}
        result = job.execute_in_process(instance=instance, **options)
        logs = instance.all_logs(result.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    made = [log.dagster_event.asset_check_evaluation_data for log in logs]
    (usage,) = [one for one in made if one.check_name == "usage_rate" and one.partition == str(DAY)]
    shown = {name: value.value for name, value in usage.metadata.items()}
    told = figures(kept(world), PLAYERS, "usage_rate")
    assert usage.passed and {name: shown[name] for name in told} == told
    assert isinstance(usage.metadata["max_usage_rate"], dg.FloatMetadataValue)


def test_metrics_of_a_date_of_a_check_and_of_one_figure(world):
    everything = phase3("metrics", str(DAY)).output.splitlines()
    assert everything[-1] == f"{len(kept(world))} figures" and len(everything) == len(kept(world)) + 1
    (line, count) = phase3("metrics", "usage_rate", "usage_coverage", str(BEFORE), str(AFTER)).output.splitlines()
    assert line == f"{DAY}  {PLAYERS}  usage_rate  usage_coverage  1  (held against 0.8)  passed"
    assert count == "1 figure"
    of_one = json.loads(phase3("metrics", "games_complete", str(DAY), "--table", OFFENSE, "--json").output)
    assert {(row["table_name"], row["game_date"]) for row in of_one} == {(OFFENSE, str(DAY))}
    nothing = phase3("metrics", str(AFTER))
    assert nothing.exit_code == 0 and f"`phase3 checks {AFTER} {AFTER}` measures" in nothing.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nothing_like_it", "2026-02-03"), "there is no check 'nothing_like_it'; there are accepted_values, "),
        (
            ("usage_rate", "zzz", "2026-02-03"),
            "usage_rate measures no 'zzz'; it measures offending_rows, max_",
        ),
        (("usage_rate", "max_usage_rate"), "is not [CHECK] [METRIC] START [END]"),
        (("2026-02-03", "usage_rate"), "is not [CHECK] [METRIC] START [END]"),
        (("2026-02-03", "2026-02-03", "2026-02-03"), "is not [CHECK] [METRIC] START [END]"),
        (("2026-02-04", "2026-02-03"), "2026-02-04 is after 2026-02-03"),
        (("usage_rate", "2026-02-33"), "2026-02-33"),
    ],
)
def test_what_there_is_not_is_answered_with_what_there_is(arguments, words):
    result = phase3("metrics", *arguments)
    assert result.exit_code == 2 and words in result.output


def test_figures_that_others_followed_go_when_they_are_old(world):
    first = kept(world)
    world.tamper(f"UPDATE nba_analytics.{OFFENSE} SET pace = 99.5")
    check(world)
    second = kept(world)[len(first) :]
    assert "nba_phase3.check_results: 0 rows" in phase3("prune").output
    world.tamper("UPDATE nba_phase3.check_results SET recorded_at = recorded_at - INTERVAL 500 DAY")
    latest = json.loads(phase3("metrics", str(DAY), "--json").output)
    assert f"nba_phase3.check_results: {len(second)} rows" in phase3("prune").output
    assert json.loads(phase3("metrics", str(DAY), "--json").output) == latest
    assert len(kept(world)) == len(first)


@pytest.mark.slow
@pytest.mark.long
def test_a_pulled_range_has_its_figures_once_however_often_it_is_pulled(world, tmp_path, _initialised_file):
    target = DuckDBWarehouse(tmp_path / "copy.duckdb")
    target.path.write_bytes(_initialised_file)
    wanted = parts_of(world.warehouse)
    for _ in range(2):
        pull(world.warehouse, target, wanted, lambda line: None)
        with target.session(read_only=True) as session:
            copied = session.query("SELECT * FROM nba_phase3.check_results")
        assert sorted(map(repr, copied)) == sorted(map(repr, kept(world)))


def parts_of(warehouse: DuckDBWarehouse):
    """As parts(), which counts bytes only where they are billed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("phase3_assets.loading.pulling.bytes_of", lambda *arguments: 0)
        return parts(warehouse, BEFORE, AFTER, with_published=True)


def test_a_warehouse_of_before_says_init_and_init_gives_it_the_table(world):
    world.tamper("DROP TABLE nba_phase3.check_results")
    shown = world.table(PLAYERS)
    result = phase3("metrics", str(DAY))
    assert result.exit_code == 2 and "check_results" in result.output and "phase3 init" in result.output
    assert "created table nba_phase3.check_results" in phase3("init").output
    world.publish()
    assert figures(kept(world), PLAYERS, "usage_rate")["max_usage_rate"] > 0
    assert world.table(PLAYERS) == shown


def test_every_file_of_figures_is_of_a_check_that_there_is():
    for table in published_tables():
        assert set(table.metrics) <= set(check_names(table))


def test_every_measure_is_read_by_a_rule_and_by_another_file():
    """A measure that only one file reads is nothing shared."""
    for path in SQL_FOLDER.glob("tables/*/measures/*.sql"):
        table = published_table(path.parts[-3])
        readers = [
            text.parent.name
            for folder in ("checks", "metrics")
            for text in (SQL_FOLDER / "tables" / table.name / folder).glob("*.sql")
            if path.stem in {name.name for name in parse(text.read_text(encoding="utf-8")).find_all(exp.Table)}
        ]
        assert "checks" in readers and len(readers) > 1, f"{table.name}/measures/{path.name} is read by {readers}"


def test_a_figure_gone_and_come_back_is_told_again():
    now, then = datetime(2026, 2, 4, tzinfo=UTC), datetime(2026, 2, 5, tzinfo=UTC)
    said = {"table_name": "t", "check_name": "c", "game_date": date(2026, 2, 3), "passed": True, "severity": "WARN"}
    figure = Metric("m", 1.0, None)
    (first,) = measuring.news([figure], said, {}, "r", now)
    (gone,) = measuring.news([], said, {"m": first}, "r", now)
    assert gone["value"] is None and gone["recorded_at"] > first["recorded_at"]
    assert measuring.news([], said, {"m": gone}, "r", then) == []
    (back,) = measuring.news([figure], said, {"m": gone}, "r", then)
    assert back["value"] == 1.0 and measuring.news([replace(figure)], said, {"m": back}, "r", then) == []
