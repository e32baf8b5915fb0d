"""The rules: each catches what it is there for, names exactly the games that break it, and lets their neighbours pass.

What belongs here: what every rule says of published rows bent by hand; the thresholds. What doesn't: the examples
(rules/, a file per table), what follows from a finding (publishing/test_publish.py).
"""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest

from phase3_assets.catalog.table_names import TABLE_NAMES
from phase3_assets.catalog.tables import published_table, published_tables
from phase3_assets.demo.season import SimulatedGame
from phase3_assets.errors import ConfigurationError
from phase3_assets.publishing import audit as audits
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets_tests.sql.rule_bench import Bench, benched
from phase3_assets_tests.sql.rules import CAUGHT, PASSED
from phase3_assets_tests.sql.rules.player_game_summary import THE_PLAYER, coverage, usage
from phase3_assets_tests.support.games import DAY, DEFENSE, OFFENSE, PLAYERS, SUMMARIES, World, report_of, state_of

LISTED = "upcoming_player_game_context"


@pytest.fixture(scope="module")
def bench(_initialised_file: bytes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    path = tmp_path_factory.mktemp("rules") / "warehouse.duckdb"
    path.write_bytes(_initialised_file)
    with benched(DuckDBWarehouse(path, wait_seconds=10)) as bench:
        yield bench


def _cases(examples: dict[tuple[str, str], list[Any]]) -> list[Any]:
    return [
        pytest.param(table, rule, example, id=f"{table.removesuffix('_game_summary')}-{rule}-{number}")
        for (table, rule), some in examples.items()
        for number, example in enumerate(some)
    ]


def test_every_rule_has_examples():
    rules = {(table.name, rule) for table in published_tables() for rule in table.rules}
    assert {of for of, examples in CAUGHT.items() if examples} == rules
    assert {of for of, examples in PASSED.items() if examples} == rules


@pytest.mark.parametrize("table", TABLE_NAMES)
def test_no_rule_says_anything_of_right_rows(bench, table):
    assert bench.find(table) == []


@pytest.mark.parametrize(("table", "rule", "example"), _cases(CAUGHT))
def test_the_rule_catches(bench, table, rule, example):
    with bench.changed(table, example.change):
        found = bench.find(table)
    games = {bench.games[position].game_id for position in example.games}
    assert {finding.game_id for finding in found if finding.rule == rule} == games
    assert {finding.game_id for finding in found} == games, "another rule names another game"
    expected = {
        (said.severity, said.subject and bench.said(said.subject), bench.said(said.problem)) for said in example.says
    }
    met = set()
    for finding in found:
        if finding.rule == rule:
            same = {(s, of, text) for s, of, text in expected if (s, of) == (finding.severity, finding.subject)}
            meant = {said for said in same if said[2] in finding.problem}
            assert meant, f"not expected: {finding}"
            met |= meant
    assert met == expected


@pytest.mark.parametrize(("table", "rule", "example"), _cases(PASSED))
def test_the_rule_lets_pass(bench, table, rule, example):
    with bench.changed(table, example.change):
        found = bench.violations(table, rule)
    if example.warns is None:
        assert found == []
    else:
        assert {row["severity"] for row in found} == {"WARN"}
        assert all(example.warns in row["problem"] for row in found)


@pytest.mark.parametrize("table", SUMMARIES)
def test_a_row_of_no_game_is_caught(bench, table):
    with bench.changed(table, "UPDATE {t} SET game_id = NULL WHERE game_id = '{game}'"):
        found = [finding for finding in bench.find(table) if finding.rule == "nulls"]
    assert {(finding.severity, finding.game_id) for finding in found} == {("ERROR", None)}
    assert all("missing: game_id" in finding.problem for finding in found)


def test_the_same_rules_hold_for_rows_that_are_staged(bench):
    """The incident once more, before anyone could read it."""
    table = published_table(PLAYERS)
    staged = bench.session.stage("by_hand", f"SELECT * FROM {table.contract.full_name}", {})
    bench.session._connection.execute(
        f"UPDATE {staged} SET {usage('1228', '1228', '36')} WHERE player_lookup = '{bench.facts['player']}'"
    )
    found = audits.errors(audits.find(bench.session, table, staged, DAY, DAY, Thresholds()))
    assert [(f.rule, f.game_id, f.subject) for f in found] == [
        ("usage_rate", bench.facts["game"], bench.facts["player"])
    ]
    assert bench.find(PLAYERS) == []


def test_many_offenders_are_counted_and_the_worst_come_first(bench):
    change = (
        "UPDATE {t} SET usage_rate_raw = 1000 + points, usage_rate = NULL, minutes_played = 30 "
        "WHERE game_id = '{game}' AND team_abbr = '{home}' AND minutes_played > 0"
    )
    with bench.changed(PLAYERS, change):
        found = [f for f in audits.errors(bench.find(PLAYERS)) if f.rule == "usage_rate" and f.subject != "coverage"]
    game = bench.games[0]
    points = sorted(
        (line.counts["points"] for line in game.lines if line.team == game.home and line.seconds), reverse=True
    )
    assert len(found) == audits.SAMPLES_PER_RULE < len(points)
    assert [finding.value for finding in found] == [1000 + scored for scored in points[: audits.SAMPLES_PER_RULE]]
    # The coverage of the game is an error of the same rule.
    assert {finding.offenders for finding in found} == {len(points) + 1}
    line = audits.summary(found)
    assert line.startswith(f"usage_rate: {found[0].subject}: ") and f"raw {1000 + points[0]}," in line
    assert line.endswith(f"(and {len(points)} more)")


def test_a_finding_on_a_rate_shows_that_rate(bench):
    with bench.changed(PLAYERS, f"UPDATE {{t}} SET {usage('1228', '23.3', '36')} {THE_PLAYER}"):
        found = audits.errors(bench.find(PLAYERS))
    assert "1228" in found[0].problem and found[0].value == 1228


@pytest.mark.parametrize(
    "change", ["usage_rate = 1228, usage_rate_raw = NULL", "usage_rate = 1228, minutes_played = NULL"]
)
def test_a_finding_says_what_is_wrong_where_figures_are_missing(bench, change):
    """As in the incident: players without a usage were given one by hand."""
    with bench.changed(PLAYERS, f"UPDATE {{t}} SET {change} {THE_PLAYER}"):
        found = [finding for finding in audits.errors(bench.find(PLAYERS)) if finding.rule == "usage_rate"]
    assert found and all(finding.problem for finding in found)


def _shoots_a_lot(world: World, game: SimulatedGame, minutes: str) -> str:
    """One home player of the game gets those minutes and twelve misses more, and every source agrees."""
    player = next(line for line in game.lines if line.team == game.home and line.seconds)
    for row in world.of("nbac_gamebook_player_stats", game):
        if row["player_lookup"] == player.player.lookup:
            row["minutes"] = minutes
            row["field_goals_attempted"] += 12
    world.agree_with("nbac_gamebook_player_stats", game, {player.player.lookup})
    return player.player.lookup


def test_a_usage_above_100_is_arithmetic_below_three_minutes_and_an_error_from_there(make_world):
    world = make_world(3)
    brief, impossible, _ = world.games
    player = _shoots_a_lot(world, brief, "2:59")
    offender = _shoots_a_lot(world, impossible, "3:00")
    publication = world.reload_and_publish()
    row = next(row for row in world.table(PLAYERS, brief) if row["player_lookup"] == player)
    assert row["usage_rate"] is None and row["usage_rate_raw"] > 100 and float(row["minutes_played"]) == 3.0
    assert row["usage_rate_anomaly_reason"] == "small_sample"
    assert state_of(publication, brief) == ("published", None)
    state, reason = state_of(publication, impossible)
    assert state == "quarantined"
    assert reason.startswith(f"{PLAYERS}: usage_rate: {offender}: ") and "in 3 minutes" in reason


def test_a_warning_holds_no_game_back_and_is_kept(make_world):
    world = make_world(2)
    row = next(row for row in world.of("nbac_gamebook_player_stats") if row["minutes"])
    row["field_goals_attempted"] += 1
    publication = world.reload_and_publish()
    assert state_of(publication, world.game) == ("published", None)
    outcomes = {outcome.game_id: outcome for outcome in report_of(publication, PLAYERS).games}
    assert {(f.rule, f.severity, f.subject) for f in outcomes[world.game.game_id].findings} == {
        ("team_totals", "WARN", row["team_abbr"])
    }
    assert outcomes[world.games[1].game_id].findings == ()


def test_a_key_another_game_has_already_published_is_caught(make_world):
    world = make_world(2)
    first, second = world.games
    world.rows["nbac_player_boxscores"] = []
    listed = next(row for row in world.of("nbac_gamebook_player_stats", first) if row["minutes"])
    claimant = next(row for row in world.of("nbac_gamebook_player_stats", second) if row["minutes"])
    for column in ("player_lookup", "player_name", "player_name_original"):
        claimant[column] = listed[column]
    world.load()
    world.publish(game_ids=frozenset({first.game_id}))
    world.publish()
    keys = [row["player_lookup"] for row in world.table(PLAYERS)]
    assert len(keys) == len(set(keys))


# Thresholds


@pytest.mark.parametrize(
    ("thresholds", "table", "rule"),
    [
        (Thresholds(usage_rate_high=5), PLAYERS, "usage_rate"),
        (Thresholds(pace_maximum=70), OFFENSE, "plausible_ranges"),
        (Thresholds(rating_minimum=160), DEFENSE, "plausible_ranges"),
        (Thresholds(points_line_minimum=60), PLAYERS, "plausible_ranges"),
        (Thresholds(player_points_maximum=1), PLAYERS, "plausible_ranges"),
        (Thresholds(line_match_minimum=1), PLAYERS, "line_match"),
        (Thresholds(listed_line_match_minimum=1), LISTED, "line_match"),
        (Thresholds(listed_players_minimum=100), LISTED, "coverage"),
    ],
)
def test_a_threshold_decides(bench, thresholds, table, rule):
    found = bench.find(table, thresholds)
    assert {(finding.rule, finding.severity) for finding in found} == {(rule, "WARN")}
    assert {finding.game_id for finding in found} == {game.game_id for game in bench.games}


def test_coverage_is_held_against_both_thresholds(bench):
    with bench.changed(PLAYERS, coverage(missing=2)):
        strict = bench.find(PLAYERS, Thresholds(usage_coverage_error=0.81))
        lenient = bench.find(PLAYERS, Thresholds(usage_coverage_error=0.5, usage_coverage_warning=0.8))
    assert [finding.severity for finding in strict if finding.rule == "usage_rate"] == ["ERROR"]
    assert [finding.severity for finding in lenient if finding.rule == "usage_rate"] == []


def test_without_settings_the_thresholds_are_the_documented_ones(monkeypatch):
    for field in fields(Thresholds):
        monkeypatch.delenv(f"PHASE3_{field.name.upper()}", raising=False)
    assert Thresholds.from_environment() == Thresholds()
    assert Thresholds.from_environment({"PHASE3_PACE_MINIMUM": ""}) == Thresholds()


@pytest.mark.parametrize("name", [field.name for field in fields(Thresholds)])
def test_every_threshold_can_be_set(monkeypatch, name):
    value = getattr(Thresholds(), name) + (1 if name in ("not_constant_rows", "listed_players_minimum") else 0.01)
    monkeypatch.setenv(f"PHASE3_{name.upper()}", str(value))
    assert Thresholds.from_environment().parameters() == {**Thresholds().parameters(), name: value}


@pytest.mark.parametrize("name", [field.name for field in fields(Thresholds)])
@pytest.mark.parametrize("value", ["high", "80%", "0,8", " "])
def test_a_threshold_that_is_no_number_is_an_error_that_names_it(name, value):
    variable = f"PHASE3_{name.upper()}"
    with pytest.raises(ConfigurationError) as error:
        Thresholds.from_environment({variable: value})
    assert variable in str(error.value) and repr(value) in str(error.value)


def test_nan_is_no_threshold():
    with pytest.raises(ConfigurationError, match="PHASE3_PACE_MAXIMUM"):
        Thresholds.from_environment({"PHASE3_PACE_MAXIMUM": "nan"})


@pytest.mark.parametrize(
    ("low", "high"),
    [
        ("usage_coverage_error", "usage_coverage_warning"),
        ("pace_minimum", "pace_maximum"),
        ("rating_minimum", "rating_maximum"),
        ("ts_pct_minimum", "ts_pct_maximum"),
        ("points_line_minimum", "points_line_maximum"),
        ("player_points_minimum", "player_points_maximum"),
    ],
)
def test_a_minimum_above_its_maximum_is_an_error_that_names_both(low, high):
    default = Thresholds()
    crossing = {f"PHASE3_{low.upper()}": str(getattr(default, high) + 0.01)}
    with pytest.raises(ConfigurationError) as error:
        Thresholds.from_environment(crossing)
    assert f"PHASE3_{low.upper()}" in str(error.value) and f"PHASE3_{high.upper()}" in str(error.value)
    equal = {f"PHASE3_{name.upper()}": "0.85" for name in (low, high)}
    assert getattr(Thresholds.from_environment(equal), low) == 0.85


def test_a_command_with_an_unreadable_threshold_does_nothing(monkeypatch):
    from phase3_assets.defs.resources import Publisher

    monkeypatch.setenv("PHASE3_USAGE_RATE_HIGH", "fifty")
    with pytest.raises(ConfigurationError, match="PHASE3_USAGE_RATE_HIGH is 'fifty'; it is a number"):
        Publisher()


def test_beside_a_finding_stands_the_threshold_of_its_own_table():
    thresholds = Thresholds(line_match_minimum=0.11, listed_line_match_minimum=0.22)
    assert audits.threshold_of("line_match", PLAYERS, thresholds) == 0.11
    assert audits.threshold_of("line_match", LISTED, thresholds) == 0.22
    assert audits.threshold_of("plausible_ranges", LISTED, thresholds) is None
