"""Failures 21 to 32: order, gates, checks.

What belongs here: work out of order, gates and checks that break, rows that no check may pass. What doesn't: each rule
on its own (sql/test_rules.py), what a verdict holds (publishing/test_check.py).
"""

from copy import deepcopy
from decimal import Decimal

import dagster as dg
import pytest

from phase3_assets.catalog.tables import published_tables
from phase3_assets.definitions import build_defs
from phase3_assets.defs.jobs import PUBLISH_JOB
from phase3_assets.defs.resources import Publisher
from phase3_assets.errors import SchemaDriftError, WarehouseRequestError
from phase3_assets.publishing.check import check_names
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets_tests.faults.scenes import EVENING, GAMEBOOK, TEAM_BOX, Scene, failing, outcomes
from phase3_assets_tests.support.games import (
    DAY,
    DEFENSE,
    OFFENSE,
    PLAYERS,
    SUMMARIES,
    of_summaries,
    report_of,
    state_of,
)
from phase3_assets_tests.support.sampling import first_in_ci


def execute(scene: Scene, *tables: str, **options) -> dg.ExecuteInProcessResult:
    """A run as the UI, a sensor or a backfill starts it."""
    return (
        build_defs(Publisher(scene.warehouse))
        .resolve_job_def(PUBLISH_JOB)
        .execute_in_process(
            instance=dg.DagsterInstance.ephemeral(),
            asset_selection=[dg.AssetKey(name) for name in tables] or None,
            raise_on_error=False,
            **options,
        )
    )


def recovered(scene: Scene) -> None:
    publication = scene.publish()
    assert {state_of(publication, game) for game in scene.games} == {("published", None)}
    assert failing(publication.verdicts) == {} and scene.verify() == []


@pytest.mark.slow
def test_21_players_wait_for_their_team_rows(loaded):
    """The player summary is computed before its team rows.

    Guard: phase3_assets/publishing/gate.py (gate), phase3_assets/catalog/tables.py (upstream)
    """
    publication = loaded.publish_tables(PLAYERS)
    assert set(outcomes(publication, PLAYERS).values()) == {"gated"}
    assert "team_offense_game_summary is not published" in report_of(publication, PLAYERS).games[0].reason
    assert loaded.table(PLAYERS) == []
    assert {key[1] for key in failing(publication.verdicts)} == {"games_complete"}
    loaded.publish_tables(OFFENSE)
    assert set(outcomes(loaded.publish_tables(PLAYERS), PLAYERS).values()) == {"published"}
    recovered(loaded)


@pytest.mark.slow
def test_22_a_gate_that_raises_lets_nothing_pass(loaded):
    """A dependency gate crashes inside and lets everything pass, logged as "none required".

    Guard: phase3_assets/publishing/publish.py (survey), phase3_assets/publishing/survey.py (survey)
    """
    columns = list(loaded.query(f"SELECT * FROM nba_raw.{TEAM_BOX} LIMIT 1")[0])
    points = "CASE WHEN points < 0 THEN points ELSE error('the disk is broken')::BIGINT END AS points"
    named = ", ".join(points if name == "points" else name for name in columns)
    loaded.alter(
        f"ALTER TABLE nba_raw.{TEAM_BOX} RENAME TO kept",
        f"CREATE VIEW nba_raw.{TEAM_BOX} AS SELECT {named} FROM nba_raw.kept",
    )
    for tables in (SUMMARIES, (PLAYERS,)):
        with pytest.raises(WarehouseRequestError, match=r"refused a statement .*the disk is broken"):
            loaded.publish_tables(*tables)
    with pytest.raises(WarehouseRequestError, match=r"refused a statement .*the disk is broken"):
        loaded.check()
    for name in ("publications", "game_readiness", "data_quality_events"):
        assert loaded.query(f"SELECT * FROM nba_phase3.{name}") == []
    assert not loaded.reader.has_seen(game.game_id for game in loaded.games)
    loaded.alter(f"DROP VIEW nba_raw.{TEAM_BOX}", f"ALTER TABLE nba_raw.kept RENAME TO {TEAM_BOX}")
    recovered(loaded)


@pytest.mark.slow
@pytest.mark.long
def test_23_a_failure_that_cannot_be_reported_publishes_nothing(loaded):
    """A gate's error path is itself broken.

    Guard: phase3_assets/publishing/write.py (write), phase3_assets/warehouse/duckdb/warehouse.py (unit)
    """
    loaded.contradict()
    loaded.load(TEAM_BOX, EVENING)
    loaded.alter("ALTER TABLE nba_phase3.data_quality_events ALTER COLUMN threshold SET NOT NULL")
    with pytest.raises(WarehouseRequestError, match=r"constraint failed.* taken back"):
        loaded.publish()
    assert [loaded.table(name) for name in SUMMARIES] == [[], [], []]
    assert loaded.query("SELECT * FROM nba_phase3.publications") == []
    loaded.alter("ALTER TABLE nba_phase3.data_quality_events ALTER COLUMN threshold DROP NOT NULL")
    assert state_of(loaded.publish(), loaded.game)[0] == "quarantined"
    assert len(loaded.events("game_quarantined")) == 1
    loaded.restore(TEAM_BOX, EVENING)
    recovered(loaded)


@pytest.mark.slow
@pytest.mark.parametrize("path", first_in_ci(["the player table alone", "a range", "a date"]))
def test_24_every_path_judges_orders_and_audits(loaded, path):
    """The manual or backfill path skips ordering and validation.

    Guard: phase3_assets/defs/assets.py (publish_table), phase3_assets/defs/resources.py (report),
    phase3_assets/publishing/publish.py
    """
    loaded.contradict()
    loaded.load(TEAM_BOX, EVENING)
    day = DAY.isoformat()
    of_range = {"dagster/asset_partition_range_start": "2026-02-02", "dagster/asset_partition_range_end": day}
    bad, *good = loaded.games
    if path == "a date":
        assert execute(loaded, partition_key=day).success
    elif path == "a range":
        assert execute(loaded, tags=of_range).success
    else:
        assert execute(loaded, PLAYERS, partition_key=day).success
        good = []
    for name in SUMMARIES:
        assert loaded.visible(name) == {game.game_id for game in good}
    assert not loaded.reader.has_seen({bad.game_id})
    assert [event["game_id"] for event in loaded.events("game_quarantined")] == [bad.game_id] * bool(good)
    loaded.restore(TEAM_BOX, EVENING)
    recovered(loaded)


@pytest.mark.slow
@pytest.mark.long
def test_25_a_count_is_of_exactly_the_games_written(published):
    """A count check compares this write with its whole date: 78 against 136, false alarms, a redelivery loop.

    Guard: sql/every_table/checks/game_count.sql, phase3_assets/publishing/stage.py (game_count_sql)
    """
    for row in published.of(TEAM_BOX):
        row["steals"] += 1
    published.allow_truth_of(published.rows)
    published.load(TEAM_BOX)
    publication = published.publish(game_ids=frozenset({published.game.game_id}))
    assert outcomes(publication, OFFENSE) == {published.game.game_id: "published"}
    assert failing(publication.verdicts) == {}
    published.tamper(
        f"DELETE FROM nba_analytics.{PLAYERS} WHERE player_lookup = (SELECT MIN(player_lookup) "
        f"FROM nba_analytics.{PLAYERS} WHERE game_id = '{{game}}')"
    )
    verdict = published.check()[PLAYERS, "game_count"]
    assert verdict.blocking and verdict.metadata["games"] == [published.game.game_id]
    assert [event["game_id"] for event in published.events("check_failed")] == [published.game.game_id]
    recovered(published)


@pytest.mark.slow
@pytest.mark.long
def test_26_a_save_that_fails_is_a_failed_run(loaded):
    """A save returned False and was ignored: "5 of 5 complete", 0 rows.

    Guard: phase3_assets/publishing/write.py (require_none), phase3_assets/warehouse/duckdb/warehouse.py (unit)
    """
    loaded.alter(f"ALTER TABLE nba_analytics.{PLAYERS} ALTER COLUMN universal_player_id SET NOT NULL")
    assert not execute(loaded, partition_key=DAY.isoformat()).success
    with pytest.raises(WarehouseRequestError, match=r"constraint failed.* taken back"):
        loaded.publish()
    decided = loaded.query("SELECT DISTINCT table_name FROM nba_phase3.publications ORDER BY 1")
    assert [row["table_name"] for row in of_summaries(decided)] == [DEFENSE, OFFENSE]
    assert {row["state"] for row in loaded.query("SELECT state FROM nba_phase3.game_readiness")} == {"ready"}
    assert {key[0] for key in loaded.check()} == {PLAYERS}
    loaded.alter(f"ALTER TABLE nba_analytics.{PLAYERS} ALTER COLUMN universal_player_id DROP NOT NULL")
    recovered(loaded)


def test_27_a_check_of_a_column_that_is_not_there_is_no_pass(published):
    """A check tests a column that does not exist, so it always passes.

    Guard: phase3_assets/warehouse/schema.py (check_schema), phase3_assets/publishing/check.py (check_schema)
    """
    published.warehouse.reader = None  # while the table has another shape, there is nothing to compare
    published.alter(f"ALTER TABLE nba_analytics.{PLAYERS} RENAME COLUMN usage_rate_raw TO raw_usage")
    for ask in (published.check, published.verify, published.publish):
        with pytest.raises(SchemaDriftError, match="usage_rate_raw"):
            ask()
    published.alter(f"ALTER TABLE nba_analytics.{PLAYERS} RENAME COLUMN raw_usage TO usage_rate_raw")
    published.warehouse.reader = published.reader
    recovered(published)


@pytest.mark.slow
def test_28_every_table_has_every_check_and_each_can_be_reached(published):
    """A check that cannot be reached for two of six tables.

    Guard: phase3_assets/defs/checks.py (build_checks), phase3_assets/catalog/tables.py (rules)
    """
    common = {"nulls", "duplicates", "box_score_arithmetic", "game_count", "games_complete", "not_constant"}
    defined = {
        (key.asset_key.path[-1], key.name)
        for key in build_defs(Publisher(published.warehouse)).resolve_asset_graph().asset_check_keys
    }
    for table in published_tables():
        if table.name in SUMMARIES:
            assert common <= set(check_names(table))
        assert {(table.name, check) for check in check_names(table)} <= defined
    wrong = {OFFENSE: "fg_makes = fg_attempts + 1", DEFENSE: "opp_fg_makes = opp_fg_attempts + 1"}
    wrong[PLAYERS] = "fg_makes = fg_attempts + 1"
    published.tamper(*(f"UPDATE nba_analytics.{name} SET {change}" for name, change in wrong.items()))
    assert {(name, "box_score_arithmetic") for name in SUMMARIES} <= set(published.check())
    recovered(published)


@pytest.mark.slow
def test_29_a_check_that_fails_stops_what_is_downstream_in_a_run_and_across_runs(published):
    """The orchestrator marks success although its check raised.

    Guard: phase3_assets/defs/checks.py (blocking), phase3_assets/publishing/check.py (judge),
    phase3_assets/publishing/gate.py (gate)
    """
    published.tamper(f"UPDATE nba_analytics.{OFFENSE} SET fg_makes = fg_attempts + 1 WHERE game_id = '{{game}}'")
    result = execute(published, partition_key=DAY.isoformat())
    assert not result.success
    assert not result.asset_materializations_for_node(PLAYERS)
    for row in published.rows[GAMEBOOK]:
        row["plus_minus"] = None if row["plus_minus"] is None else row["plus_minus"] + 1
    published.allow_truth_of(published.rows)
    published.load(GAMEBOOK)
    bad, *good = published.games
    assert outcomes(published.publish_tables(PLAYERS), PLAYERS) == {
        bad.game_id: "gated",
        **{game.game_id: "published" for game in good},
    }
    # The players, whose rows are as they were, no longer add up to the team's row.
    failed = {event["table_name"]: event for event in published.events("check_failed")}
    assert failed.keys() == {OFFENSE, PLAYERS} and len(published.events("check_failed")) == 2
    assert {(event["game_id"], event["severity"]) for event in failed.values()} == {(bad.game_id, "CRITICAL")}
    assert "box_score" in failed[OFFENSE]["details"]
    recovered(published)


@pytest.mark.slow
@pytest.mark.long
def test_30_a_tiny_sample_keeps_its_row_and_a_huge_figure_fails_nobody(loaded):
    """Usage above 100 drops the whole row, or a row of seconds fails the date (numeric overflow on 8 dates).

    Guard: sql/tables/player_game_summary/select.sql (small_sample), phase3_assets/catalog/contracts.py (fitted)
    """
    line = next(line for line in loaded.game.lines if line.seconds and line.counts["field_goals_attempted"] >= 5)
    for row in loaded.of(GAMEBOOK):
        if row["player_lookup"] == line.player.lookup:
            row["minutes"] = "00:01"
    loaded.agree_with(GAMEBOOK, kept={line.player.lookup})
    loaded.allow_truth_of(deepcopy(loaded.rows))
    loaded.of(TEAM_BOX, loaded.games[1])[0]["fg_attempted"] = 10**18
    rebuilt = loaded.true_rows | {TEAM_BOX: [row for row in loaded.rows[TEAM_BOX] if row["fg_attempted"] < 10**6]}
    loaded.allow_truth_of(rebuilt)
    loaded.load()
    publication = loaded.publish()
    assert {state_of(publication, game) for game in loaded.games} == {("published", None)}
    (row,) = [row for row in loaded.table(PLAYERS) if row["player_lookup"] == line.player.lookup]
    assert row["usage_rate"] is None and row["usage_rate_anomaly_reason"] == "small_sample"
    assert row["usage_rate_raw"] > 1000 and row["points"] == line.counts["points"]
    assert not [key for key, verdict in failing(publication.verdicts).items() if verdict.severity == "ERROR"]
    loaded.restore()
    recovered(loaded)


@pytest.mark.slow
@pytest.mark.long
def test_31_zero_is_a_value(loaded):
    """Real zeros become NULL.

    Guard: sql/functions/round_ratio.sql, sql/tables/player_game_summary/select.sql
    """
    line = next(line for line in loaded.game.lines if line.seconds and not line.counts["points"])
    for row in loaded.of(GAMEBOOK):
        if row["player_lookup"] == line.player.lookup:
            row.update(field_goals_attempted=0, three_pointers_attempted=0, free_throws_attempted=0, turnovers=0)
    loaded.agree_with(GAMEBOOK, kept={line.player.lookup})
    loaded.allow_truth_of(loaded.rows)
    loaded.load()
    loaded.publish()
    (row,) = [row for row in loaded.table(PLAYERS) if row["player_lookup"] == line.player.lookup]
    assert (row["usage_rate"], row["points"], row["ts_pct"]) == (Decimal("0.0"), 0, None)
    played = [row for row in loaded.table(PLAYERS) if row["minutes_played"]]
    assert all(row["usage_rate"] is not None for row in played), "coverage reaches 100 %"
    assert all(row["ts_pct"] is not None for row in played if row["fg_attempts"])
    loaded.restore()
    recovered(loaded)


@pytest.mark.slow
def test_32_a_column_that_never_varies_is_noticed(published):
    """A column is constant or NULL for months (win flag FALSE, travel 0).

    Guard: sql/every_table/checks/not_constant.sql, sql/tables/player_game_summary/daily_statistics.sql
    """
    published.tamper(f"UPDATE nba_analytics.{PLAYERS} SET win_flag = FALSE, points_line = NULL")
    verdict = published.check(thresholds=Thresholds(not_constant_rows=20))[PLAYERS, "not_constant"]
    assert verdict.severity == "WARN" and not verdict.blocking
    assert "win_flag" in {finding.subject for finding in verdict.findings}
    assert len(published.verify()) == len(published.games)
    assert len(published.events("drift")) == len(published.games)
    recovered(published)
