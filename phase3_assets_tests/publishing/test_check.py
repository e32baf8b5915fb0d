"""Checks of what is published: a verdict per table, check and date, what a failed one stops, and what Dagster is told.

What belongs here: published rows changed by hand, what the checks say of them, and what later runs do about it. What
doesn't: what each rule catches (sql/test_rules.py), rows that differ without breaking a rule (test_drift.py).
"""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from phase3_assets.catalog.table_names import TABLE_NAMES
from phase3_assets.catalog.tables import published_table, published_tables
from phase3_assets.cli import main
from phase3_assets.publishing.audit import Finding
from phase3_assets.publishing.check import Verdict, before_queries, check_in_session, check_names, check_published
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Publication, Request
from phase3_assets.publishing.survey import survey
from phase3_assets.publishing.work import Work
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.duckdb.warehouse import DuckDBSession, DuckDBWarehouse
from phase3_assets_tests.support.checks import A_POINT_MORE, BLOCKING
from phase3_assets_tests.support.games import (
    DAY,
    DEFENSE,
    OFFENSE,
    PLAYERS,
    SUMMARIES,
    World,
    night,
    of_summaries,
    report_of,
    state_of,
    stored_state,
)

BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)
# Midnight after DAY in New York.
DAY_END = datetime(2026, 2, 4, 5, tzinfo=UTC)
A_POINT_LESS = A_POINT_MORE.replace("+ 1", "- 1")
LOW = Thresholds(not_constant_rows=6)


def check(world: World, *tables: str, start: date = DAY, end: date = DAY, **options: Any) -> list[Verdict]:
    chosen = [published_table(name) for name in tables or SUMMARIES]
    thresholds = options.pop("thresholds", Thresholds())
    return check_published(world.warehouse, start, end, chosen, thresholds, **options)


def failed(verdicts: list[Verdict]) -> dict[tuple[str, str], Verdict]:
    return {(verdict.table, verdict.check): verdict for verdict in verdicts if not verdict.passed}


def games_of(verdict: Verdict) -> list[str]:
    return verdict.metadata["games"]


def publish_players_alone(world: World) -> Publication:
    return publish(world.warehouse, Request(DAY, DAY), [published_table(PLAYERS)])


def change_player_inputs(world: World) -> None:
    for row in world.rows["nbac_gamebook_player_stats"]:
        if row["minutes"]:
            row["plus_minus"] = (row["plus_minus"] or 0) + 1
    world.load()


def phase3(*arguments: str):
    return CliRunner().invoke(main, list(arguments), catch_exceptions=False)


class Desk:
    """A session on the published night in which rows are changed by hand, judged and put back: no survey each time."""

    def __init__(self, session: DuckDBSession) -> None:
        self.session = session
        self.games = survey(session, BEFORE, AFTER)

    def verdicts(self, table: str, *changes: str, thresholds: Thresholds = LOW) -> list[Verdict]:
        """What the checks of one table say of DAY after the changes; only for findings that stop nothing."""
        self.session._connection.execute("BEGIN TRANSACTION")
        try:
            for change in changes:
                self.session._connection.execute(change)
            chosen = [published_table(table)]
            # Of two dates, so that rows older than the window of the second are read as well.
            before = self.session.query_all(before_queries(BEFORE, DAY))
            made = check_in_session(Work(self.session, BEFORE, DAY, "desk", thresholds), self.games, chosen, before)
            return [verdict for verdict in made if verdict.date == DAY]
        finally:
            self.session._connection.execute("ROLLBACK")


@pytest.fixture(scope="module")
def desk(_published_file: bytes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    path = tmp_path_factory.mktemp("desk") / "warehouse.duckdb"
    path.write_bytes(_published_file)
    with DuckDBWarehouse(path, wait_seconds=10).session() as session:
        yield Desk(session)


# Verdicts


@pytest.mark.slow
@pytest.mark.long
def test_there_is_one_verdict_per_table_check_and_date_even_without_games(world):
    verdicts = check(world, *TABLE_NAMES, start=BEFORE, end=AFTER)
    expected = [
        (table.name, name, day)
        for table in published_tables()
        for name in (*table.rules, *table.published_rules, "games_complete")
        for day in (BEFORE, DAY, AFTER)
    ]
    assert sorted((v.table, v.check, v.date) for v in verdicts) == sorted(expected)
    for verdict in verdicts:
        if verdict.date != DAY:
            assert verdict.passed and verdict.rows == 0 and verdict.findings == ()
        else:
            assert verdict.rows == len(world.table(verdict.table)) >= (verdict.table in SUMMARIES)


@pytest.mark.long
def test_right_rows_give_no_error_and_nothing_is_recorded(world):
    records = world.query("SELECT * FROM nba_phase3.publications")
    verdicts = check(world, *TABLE_NAMES)
    assert [verdict for verdict in verdicts if not verdict.passed and verdict.severity == "ERROR"] == []
    assert [verdict for verdict in verdicts if not verdict.passed and verdict.check != "plausible_ranges"] == []
    world.tables = published_tables()
    assert world.publish().verdicts == verdicts, "a publication makes the same checks"
    assert world.query("SELECT * FROM nba_phase3.publications") == records
    assert world.events() == []


def test_a_verdict_says_whether_it_stops_anything_and_how_grave_a_failure_would_be(world):
    for verdict in check(world):
        assert verdict.blocking == (verdict.check in BLOCKING)
        if verdict.passed:
            assert verdict.severity == ("ERROR" if verdict.blocking else "WARN")
        assert verdict.description
    world.tamper(A_POINT_MORE)
    world.tamper(f"UPDATE nba_analytics.{OFFENSE} SET pace = 1 WHERE game_id = '{{game}}'")
    found = failed(check(world, OFFENSE))
    assert {name: (verdict.severity, verdict.blocking) for (_, name), verdict in found.items()} == {
        "box_score_arithmetic": ("ERROR", True),
        "does_not_add_up": ("ERROR", True),
        "plausible_ranges": ("WARN", False),
    }


def test_the_worst_finding_gives_the_severity(world):
    """Unusually high usage is a warning, an impossible one an error; both are findings of one check."""
    first, second = [row["player_lookup"] for row in world.table(PLAYERS, world.game) if row["usage_rate"]][:2]
    for player, usage in ((first, 60), (second, 1228)):
        world.tamper(f"UPDATE nba_analytics.{PLAYERS} SET usage_rate = {usage} WHERE player_lookup = '{player}'")
        world.tamper(f"UPDATE nba_analytics.{PLAYERS} SET minutes_played = 30 WHERE player_lookup = '{player}'")
    verdict = failed(check(world, PLAYERS))[PLAYERS, "usage_rate"]
    assert verdict.severity == verdict.findings[0].severity == "ERROR"
    assert {(f.severity, f.subject) for f in verdict.findings} >= {("ERROR", second), ("WARN", first)}


def test_a_verdict_as_json_is_for_any_program(world):
    world.tamper(A_POINT_MORE)
    for verdict in check(world):
        shown = verdict.as_json()
        assert set(shown) == {
            *("table", "check", "date", "passed", "severity", "blocking", "description", "metadata"),
        }
        assert json.loads(json.dumps(shown)) == shown
        assert shown["date"] == DAY.isoformat()
        assert shown["metadata"]["rows_checked"] == verdict.rows


def test_the_incident_is_an_error_that_names_the_player(world):
    player = next(row["player_lookup"] for row in world.table(PLAYERS, world.game) if row["usage_rate"])
    world.tamper(f"UPDATE nba_analytics.{PLAYERS} SET usage_rate = 1228 WHERE player_lookup = '{player}'")
    verdict = failed(check(world))[PLAYERS, "usage_rate"]
    assert (verdict.severity, verdict.blocking, games_of(verdict)) == ("ERROR", True, [world.game.game_id])
    metadata = verdict.metadata
    assert metadata["worst_value"] == 1228 and metadata["threshold"] == Thresholds().usage_coverage_error
    assert metadata["offending_games"] == 1 and metadata["offending_rows"] >= 1
    sample = metadata["samples"][0]
    assert (sample["game_id"], sample["subject"]) == (world.game.game_id, player)
    assert "1228" in sample["problem"]


def test_more_offenders_are_counted_than_shown(world):
    world.tamper(f"UPDATE nba_analytics.{PLAYERS} SET usage_rate = 1228 WHERE minutes_played > 0")
    verdict = failed(check(world, PLAYERS))[PLAYERS, "usage_rate"]
    played = sum(row["minutes_played"] is not None for row in world.table(PLAYERS))
    assert verdict.metadata["offending_games"] == len(world.games)
    assert sum(f.offenders for f in {(f.game_id, f.severity): f for f in verdict.findings}.values()) >= played
    assert verdict.offenders >= played > len(verdict.metadata["samples"]) == 10


# game_count


KEY_OF = {OFFENSE: "team_abbr", DEFENSE: "defending_team_abbr", PLAYERS: "player_lookup"}


@pytest.mark.parametrize("table", SUMMARIES)
def test_a_row_removed_or_added_by_hand_fails_the_count_of_exactly_its_game(world, table):
    key, rows = KEY_OF[table], world.table(table, world.game)
    count = len(rows)
    of_row = f"FROM nba_analytics.{table} WHERE {key} = '{rows[0][key]}'"
    world.tamper(f"CREATE TABLE main.removed AS SELECT * {of_row}")
    world.tamper(f"DELETE {of_row}")
    removed = failed(check(world, table))[table, "game_count"]
    assert games_of(removed) == [world.game.game_id]
    assert (removed.findings[0].problem, removed.findings[0].value) == (
        f"{count - 1} rows, but {count} were published",
        -1,
    )
    world.tamper(f"INSERT INTO nba_analytics.{table} SELECT * FROM main.removed")
    world.tamper(f"INSERT INTO nba_analytics.{table} SELECT * REPLACE ('XXX' AS {key}) FROM main.removed")
    added = failed(check(world, table))[table, "game_count"]
    assert games_of(added) == [world.game.game_id]
    assert (added.findings[0].problem, added.findings[0].value) == (f"{count + 1} rows, but {count} were published", 1)


def test_a_game_whose_rows_are_all_gone_fails_its_count_and_no_other_does(world):
    world.tamper(f"DELETE FROM nba_analytics.{DEFENSE} WHERE game_id = '{{game}}'")
    found = failed(check(world, DEFENSE))
    assert set(found) == {(DEFENSE, "game_count")}
    assert found[DEFENSE, "game_count"].findings[0].problem == "0 rows, but 2 were published"


def test_rows_of_a_game_that_was_never_published_fail_the_count(world):
    world.tamper(
        f"INSERT INTO nba_analytics.{PLAYERS} SELECT * REPLACE ('by_hand' AS player_lookup, 'no_game' AS game_id) "
        f"FROM nba_analytics.{PLAYERS} LIMIT 1",
    )
    verdict = failed(check(world, PLAYERS))[PLAYERS, "game_count"]
    assert games_of(verdict) == ["no_game"]
    assert verdict.findings[0].problem == "1 rows, but no publication wrote any"


def test_games_processed_again_beside_others_raise_no_false_alarm(world):
    """78 rows of two games against 136 of the date: the alarm of what ran before."""
    first, second, _ = world.games
    for game in (first, second):
        for row in world.of("nbac_team_boxscore", game):
            row["assists"] += 1
        gone = next(row for row in world.of("nbac_gamebook_player_stats", game) if row["minutes"] is None)
        world.rows["nbac_gamebook_player_stats"].remove(gone)
    publication = world.reload_and_publish()
    assert [report.count("published") for report in of_summaries(publication.reports)] == [2, 2, 2]
    for verdicts in (publication.verdicts, check(world)):
        assert all(verdict.passed for verdict in verdicts if verdict.check == "game_count")
        assert not any(verdict.severity == "ERROR" for verdict in failed(verdicts).values())


@pytest.mark.slow
@pytest.mark.long
def test_publications_of_some_games_raise_no_false_alarm(make_world):
    world = make_world(3)
    world.load()
    for position, game in enumerate(world.games[:2], start=1):
        verdicts = world.publish(game_ids=frozenset({game.game_id})).verdicts
        assert {verdict.rows for verdict in verdicts if verdict.table in (OFFENSE, DEFENSE)} == {2 * position}
        assert {name for _, name in failed(verdicts)} <= {"games_complete", "plausible_ranges"}
    assert all(verdict.passed for verdict in check(world) if verdict.check == "game_count")


# games_complete


@pytest.fixture
def waiting(make_world) -> World:
    """Two games, the first of them final and waiting for its team box score."""
    world = make_world(2)
    world.drop("nbac_team_boxscore")
    world.drop("nbac_gamebook_player_stats")
    world.reload_and_publish()
    return world


@pytest.mark.slow
@pytest.mark.long
def test_a_final_game_that_waits_is_a_warning_for_48_hours_and_an_error_then(waiting):
    for hours, severity in ((-3, "WARN"), (1, "WARN"), (48, "WARN"), (48.1, "ERROR"), (9999, "ERROR")):
        moment = DAY_END + timedelta(hours=hours)
        found = failed(check(waiting, clock=lambda moment=moment: moment))
        assert set(found) == {(table, "games_complete") for table in SUMMARIES}
        for verdict in found.values():
            assert (verdict.severity, verdict.blocking, verdict.offenders) == (severity, False, 1)
            assert games_of(verdict) == [waiting.game.game_id]
            assert verdict.findings[0].problem == "waiting: no_team_boxscore"
            assert verdict.metadata["threshold"] == 48
    limits = Thresholds(games_complete_hours=1)
    verdicts = check(waiting, thresholds=limits, clock=lambda: DAY_END + timedelta(hours=2))
    assert {verdict.severity for verdict in failed(verdicts).values()} == {"ERROR"}
    # It stops nothing.
    assert waiting.query("SELECT DISTINCT outcome FROM nba_phase3.publications") == [{"outcome": "published"}]


def hours_after(hours: float):
    return lambda: DAY_END + timedelta(hours=hours)


def told(world: World) -> list[tuple[str, str, str, str]]:
    return [(e["event_type"], e["severity"], e["table_name"], e["game_id"]) for e in world.events()]


@pytest.mark.parametrize("limit", [48.0, 24.0])
def test_an_event_tells_its_figure_and_the_threshold_it_is_held_against(make_world, limit):
    world = make_world(1)
    world.load()
    check(world, OFFENSE, thresholds=Thresholds(games_complete_hours=limit), clock=hours_after(100))
    (late,) = world.events("game_incomplete")
    assert (late["metric_name"], late["metric_value"], late["threshold"]) == ("games_complete", 100.0, limit)


def test_an_event_of_a_rule_without_a_threshold_has_none(world):
    world.tamper(A_POINT_MORE)
    check(world)
    (event,) = world.events("check_failed")
    assert (event["metric_name"], event["threshold"]) == ("box_score_arithmetic", None)


@pytest.mark.slow
@pytest.mark.long
def test_a_game_missing_for_too_long_is_one_event_and_so_is_its_arrival(make_world):
    world = make_world(2)
    world.load()
    first, second = sorted(game.game_id for game in world.games)
    for hours in (-3, 1, 48):
        check(world, OFFENSE, clock=hours_after(hours))
    assert world.events() == [], "a warning is no change of state"
    for hours in (48.1, 49, 500):
        check(world, OFFENSE, clock=hours_after(hours))
    late = [("game_incomplete", "CRITICAL", OFFENSE, game_id) for game_id in (first, second)]
    assert sorted(told(world)) == late
    event = world.events()[0]
    assert "still missing 48 hours" in event["description"] and "not published yet" in event["description"]
    assert (event["metric_name"], event["game_date"]) == ("games_complete", DAY)
    publish(world.warehouse, Request(DAY, DAY, frozenset({first})), [published_table(OFFENSE)])
    arrived = ("game_completed", "INFO", OFFENSE, first)
    assert sorted(told(world)) == sorted([*late, arrived])
    (completed,) = world.events("game_completed")
    assert completed["description"].endswith("missing no longer, it is published")
    for _ in range(2):
        check(world, OFFENSE)
    assert sorted(told(world)) == sorted([*late, arrived])


def test_a_limit_raised_is_no_arrival_and_no_second_loss(make_world):
    world = make_world(1)
    world.load()
    for limits in (Thresholds(), Thresholds(games_complete_hours=1000), Thresholds()):
        check(world, OFFENSE, thresholds=limits, clock=hours_after(100))
    assert [kind for kind, *_ in told(world)] == ["game_incomplete"]


@pytest.mark.slow
@pytest.mark.long
def test_a_game_given_up_is_missing_no_longer_and_missing_again_once_taken_up(waiting):
    late = {("game_incomplete", "CRITICAL", table, waiting.game.game_id) for table in SUMMARIES}
    assert set(told(waiting)) == late, "the game that was published is not missing"
    phase3("waive", waiting.game.game_id, "--reason", "abandoned")
    for _ in range(2):
        check(waiting)
    completed = waiting.events("game_completed")
    assert len(completed) == len(SUMMARIES)
    assert {"waived (abandoned)" in event["description"] for event in completed} == {True}
    phase3("waive", waiting.game.game_id, "--reason", "it came", "--undo")
    for _ in range(2):
        check(waiting)
    assert len(waiting.events("game_incomplete")) == 2 * len(SUMMARIES)
    assert len(waiting.events("game_completed")) == len(SUMMARIES)


def test_a_game_that_is_not_final_is_never_missing(make_world):
    statuses = [(1, "Scheduled"), (2, "Q3 05:12"), (1, "Postponed"), (1, "Cancelled"), (3, "PPD")]
    world = make_world(night(6))
    for game, (status, text) in zip(world.games, statuses, strict=False):
        world.drop("nbac_team_boxscore", game)
        for row in world.of("nbac_schedule", game):
            row.update(game_status=status, game_status_text=text)
    publication = world.reload_and_publish()
    states = [publication.games[game.game_id].source_state for game in world.games]
    assert states == ["scheduled", "live", "void", "void", "void", "ready"]
    assert failed(check(world, clock=lambda: DAY_END + timedelta(days=30))) == {}


def test_a_published_game_is_complete_even_where_its_source_is_gone(world):
    world.rows["nbac_team_boxscore"] = []
    world.rows["nbac_gamebook_player_stats"] = []
    world.reload_and_publish()
    assert failed(check(world, clock=lambda: DAY_END + timedelta(days=30))) == {}


def test_a_game_held_back_is_missing_with_its_reason(make_world):
    world = make_world(2)
    world.contradict()
    world.reload_and_publish()
    found = failed(check(world, clock=lambda: DAY_END))
    assert set(found) == {(table, "games_complete") for table in SUMMARIES}
    for verdict in found.values():
        assert games_of(verdict) == [world.game.game_id]
        assert f"quarantined: {OFFENSE}: does_not_add_up" in verdict.findings[0].problem


def test_a_game_not_worked_on_yet_is_missing(make_world):
    world = make_world(2)
    world.load()
    world.publish(game_ids=frozenset({world.games[1].game_id}))
    found = failed(check(world, clock=lambda: DAY_END))
    assert {tuple(games_of(verdict)) for verdict in found.values()} == {(world.game.game_id,)}
    assert found[OFFENSE, "games_complete"].findings[0].problem == "ready: not published yet"


# not_constant


def copied(days_before: int, ts_pct: str) -> str:
    """The night's rows once more, that many days earlier."""
    return (
        f"INSERT INTO nba_analytics.{OFFENSE} SELECT * REPLACE (game_date - {days_before} AS game_date, "
        f"'older' || game_id AS game_id, {ts_pct} AS ts_pct) FROM nba_analytics.{OFFENSE} WHERE game_date = '{DAY}'"
    )


def constants(
    desk: Desk, *changes: str, table: str = OFFENSE, thresholds: Thresholds = LOW
) -> list[tuple[str | None, str]]:
    (verdict,) = [v for v in desk.verdicts(table, *changes, thresholds=thresholds) if v.check == "not_constant"]
    assert verdict.passed or (verdict.severity, verdict.blocking) == ("WARN", False)
    return [(finding.subject, finding.problem) for finding in verdict.findings]


@pytest.mark.parametrize("table", SUMMARIES)
def test_columns_that_vary_pass(desk, table):
    assert constants(desk, table=table) == []


@pytest.mark.parametrize(
    ("table", "column", "value", "shown"),
    [
        (OFFENSE, "ts_pct", "0.5", "0.5"),
        (DEFENSE, "opp_rebounds", "0", "0"),
        # What ran before: win_flag was FALSE in every row.
        (PLAYERS, "win_flag", "FALSE", "0"),
        (PLAYERS, "usage_rate", "20.5", "20.5"),
    ],
)
def test_a_column_that_is_the_same_in_every_row_is_a_warning(desk, table, column, value, shown):
    ((subject, problem),) = constants(desk, f"UPDATE nba_analytics.{table} SET {column} = {value}", table=table)
    assert subject == column
    assert problem.startswith(f"the same in every row: {shown}")


@pytest.mark.parametrize(("days_before", "warns"), [(1, False), (29, False), (30, True)])
def test_the_last_thirty_days_are_what_counts(desk, days_before, warns):
    constant = f"UPDATE nba_analytics.{OFFENSE} SET ts_pct = 0.5 WHERE game_date = '{DAY}'"
    assert bool(constants(desk, copied(days_before, "0.3"), constant)) == warns


@pytest.mark.parametrize(("days_before", "warns"), [(1, True), (29, True), (30, False)])
def test_a_column_that_is_newly_null_is_a_warning(desk, days_before, warns):
    emptied = f"UPDATE nba_analytics.{OFFENSE} SET ts_pct = NULL WHERE game_date = '{DAY}'"
    found = constants(desk, copied(days_before, "ts_pct"), emptied)
    assert found == ([("ts_pct", "newly NULL in every row of the date")] if warns else [])


def test_few_rows_say_nothing_about_a_column(desk):
    constant = f"UPDATE nba_analytics.{OFFENSE} SET ts_pct = 0.5"
    assert constants(desk, constant, thresholds=Thresholds(not_constant_rows=7)) == []
    assert constants(desk, constant, thresholds=Thresholds()) == []
    assert constants(desk, constant) != []


# Across runs


def test_a_failed_check_stops_what_is_downstream_for_exactly_that_game(world):
    world.tamper(A_POINT_MORE)
    check(world, run_id="checks")
    change_player_inputs(world)
    before = world.table(PLAYERS, world.game)
    outcomes = {outcome.game_id: outcome for outcome in report_of(publish_players_alone(world), PLAYERS).games}
    assert {game_id: outcome.outcome for game_id, outcome in outcomes.items()} == {
        world.game.game_id: "gated",
        **{game.game_id: "published" for game in world.games[1:]},
    }
    reason = outcomes[world.game.game_id].reason
    assert reason.startswith(f"{OFFENSE} is check_failed: check failed: box_score_arithmetic: ")
    assert outcomes[world.game.game_id].is_held_back
    assert world.table(PLAYERS, world.game) == before


@pytest.mark.slow
@pytest.mark.long
def test_the_next_publication_puts_the_rows_right_and_releases_what_is_downstream(world):
    right = world.table(OFFENSE, world.game)
    world.tamper(A_POINT_MORE)
    check(world)
    change_player_inputs(world)
    publish_players_alone(world)
    publication = world.publish()
    assert [report.count("published") for report in of_summaries(publication.reports)] == [1, 0, 1]
    assert state_of(publication, world.game) == ("published", None)
    written = ("publication_id", "processed_at")
    after = world.table(OFFENSE, world.game)
    assert [{k: v for k, v in row.items() if k not in written} for row in after] == [
        {k: v for k, v in row.items() if k not in written} for row in right
    ]
    assert failed(check(world)) == {}


def test_a_failed_check_of_the_player_table_stops_no_team_table(world):
    world.tamper(f"UPDATE nba_analytics.{PLAYERS} SET usage_rate = 1228 WHERE game_id = '{{game}}'")
    publication = world.publish()
    assert failed(publication.verdicts)[PLAYERS, "usage_rate"].severity == "ERROR"
    again = world.publish()
    assert [report.count("published") for report in of_summaries(again.reports)] == [0, 0, 1]
    assert failed(again.verdicts) == {}


def test_a_warning_is_no_failure_of_the_game(world):
    world.tamper(f"UPDATE nba_analytics.{OFFENSE} SET pace = 1 WHERE game_id = '{{game}}'")
    result = phase3("checks", DAY.isoformat())
    assert result.exit_code == 0
    assert f"WARN   {DAY}  {OFFENSE}" in result.output and "0 errors, 1 warnings" in result.output
    assert world.events() == []


@pytest.mark.slow
@pytest.mark.long
def test_a_failure_is_one_event_however_often_it_is_seen_and_so_is_its_recovery(world):
    world.tamper(A_POINT_MORE)
    for _ in range(3):
        check(world)
    (event,) = world.events()
    assert (event["event_type"], event["severity"], event["table_name"]) == ("check_failed", "CRITICAL", OFFENSE)
    assert (event["game_date"], event["game_id"]) == (DAY, world.game.game_id)
    assert event["metric_name"] == "box_score_arithmetic"
    assert "box_score_arithmetic" in event["description"] and "points" in json.loads(event["details"])[0]["problem"]
    world.tamper(A_POINT_LESS)
    for _ in range(2):
        check(world)
    failed_event, recovered = world.events()
    assert failed_event == event
    assert (recovered["event_type"], recovered["severity"]) == ("check_recovered", "INFO")
    assert recovered["game_id"] == world.game.game_id
    change_player_inputs(world)
    assert report_of(publish_players_alone(world), PLAYERS).count("published") == len(world.games)


@pytest.mark.slow
@pytest.mark.long
def test_a_failure_is_one_event_however_the_raw_rows_are_wrong_meanwhile(world):
    """What is held back for one reason, then another, leaves the rows readers see, and that these fail is known."""
    world.tamper(A_POINT_MORE)
    check(world)
    for more in (1, 2):
        world.contradict(by=9 * more)
        state, reason = state_of(world.reload_and_publish(), world.game)
        assert state == "quarantined" and "check failed: box_score_arithmetic" in reason
        check(world)
    assert len(world.events("check_failed")) == 1
    world.tamper(A_POINT_LESS)
    check(world)
    assert len(world.events("check_recovered")) == 1
    assert "check failed" not in state_of(world.publish(), world.game)[1]


@pytest.mark.slow
@pytest.mark.long
def test_a_failure_that_a_publication_puts_right_is_one_event_too(world):
    world.tamper(A_POINT_MORE)
    check(world)
    for _ in range(2):
        world.publish()
    _, recovered = world.events()
    assert (recovered["event_type"], recovered["severity"]) == ("check_recovered", "INFO")
    assert (recovered["game_id"], recovered["table_name"]) == (world.game.game_id, OFFENSE)
    assert "box_score_arithmetic" in recovered["description"]
    assert state_of(world.publish(), world.game) == ("published", None)


def test_the_state_of_a_game_says_that_a_check_failed(world):
    world.tamper(A_POINT_MORE)
    check(world)
    assert stored_state(world)[1].startswith(f"{OFFENSE}: check failed: box_score_arithmetic")
    state, reason = state_of(publish_players_alone(world), world.game)
    assert state == "published" and reason.startswith(f"{OFFENSE}: check failed: box_score_arithmetic")


@pytest.mark.slow
@pytest.mark.long
def test_a_failure_stops_what_is_downstream_within_the_same_run(world):
    """The team rows look decided, so nobody computes them; only the check after them sees what was done to them."""
    before = world.table(PLAYERS, world.game)
    world.tamper(
        f"UPDATE nba_analytics.{OFFENSE} SET points_scored = points_scored + 1, turnovers = turnovers + 60 "
        "WHERE game_id = '{game}'",
    )
    change_player_inputs(world)
    outcomes = {outcome.game_id: outcome for outcome in report_of(world.publish(), PLAYERS).games}
    assert outcomes[world.game.game_id].outcome == "gated"
    assert world.table(PLAYERS, world.game) == before
    world.publish()
    usage = {row["player_lookup"]: row["usage_rate"] for row in before}
    assert {row["player_lookup"]: row["usage_rate"] for row in world.table(PLAYERS, world.game)} == usage


@pytest.mark.slow
@pytest.mark.long
def test_a_game_held_back_is_still_held_back_once_its_published_rows_pass_again(world):
    world.contradict()
    world.reload_and_publish()
    for statement in (A_POINT_MORE, A_POINT_LESS):
        world.tamper(statement)
        check(world)
    state, _ = state_of(world.publish(), world.game)
    assert state == "quarantined"


@pytest.mark.slow
@pytest.mark.long
def test_a_failure_that_no_publication_can_put_right_is_one_event(world):
    """A correction that is held back leaves the rows of before, which somebody then changed by hand."""
    world.contradict()
    world.reload_and_publish()
    world.tamper(A_POINT_MORE)
    for _ in range(3):
        world.publish()
    assert len(world.events("check_failed")) == 1
    assert len(world.events("game_quarantined")) <= 2


# A run applies the rules once where its audit has judged the very rows that readers see.


def test_the_audit_of_one_game_finds_what_was_changed_by_hand_in_another(world):
    """The other game is not computed, and its rows are judged beside the new ones all the same."""
    changed, corrected = world.games[:2]
    world.tamper(f"UPDATE nba_analytics.{PLAYERS} SET usage_rate = 1228 WHERE game_id = '{{game}}'")
    for row in world.of("nbac_team_boxscore", corrected):
        row["turnovers"] += 3
    publication = world.reload_and_publish()
    assert [game.outcome for game in report_of(publication, PLAYERS).games].count("published") == 1
    assert games_of(failed(publication.verdicts)[PLAYERS, "usage_rate"]) == [changed.game_id]


def test_rows_that_stay_are_judged_themselves_where_newer_ones_are_held_back(world):
    """The audit found fault with the newer rows. The check tells of those that readers see."""
    world.tamper(A_POINT_MORE)
    world.contradict()
    publication = world.reload_and_publish()
    assert state_of(publication, world.game)[0] == "quarantined"
    assert games_of(failed(publication.verdicts)[OFFENSE, "box_score_arithmetic"]) == [world.game.game_id]


# The command line


@pytest.mark.long
def test_checks_of_right_rows_exit_0(world):
    result = phase3("checks", BEFORE.isoformat(), DAY.isoformat(), "--json")
    assert result.exit_code == 0
    shown = json.loads(result.output)
    assert [(v["table"], v["check"], v["date"]) for v in shown] == [
        (table.name, name, day.isoformat())
        for table in published_tables()
        for name in check_names(table)
        for day in (BEFORE, DAY)
    ]
    assert phase3("checks", DAY.isoformat()).output.endswith(" checks: 0 errors, 0 warnings\n")


def test_checks_with_an_error_exit_1_and_name_it(world):
    world.tamper(A_POINT_MORE)
    result = phase3("checks", DAY.isoformat(), "--json")
    assert result.exit_code == 1
    bad = [verdict for verdict in json.loads(result.output) if not verdict["passed"]]
    assert [(v["table"], v["check"], v["severity"], v["blocking"]) for v in bad] == [
        (OFFENSE, "box_score_arithmetic", "ERROR", True),
        (OFFENSE, "does_not_add_up", "ERROR", True),
        (PLAYERS, "team_totals", "WARN", False),
    ]
    text = phase3("checks", DAY.isoformat(), "--table", OFFENSE)
    assert text.exit_code == 1
    assert f"ERROR  {DAY}  {OFFENSE}" in text.output and world.game.game_id in text.output
    assert phase3("checks", DAY.isoformat(), "--table", DEFENSE).exit_code == 0


def test_a_check_that_cannot_be_made_is_no_pass(world):
    world.tamper(f"ALTER TABLE nba_analytics.{OFFENSE} DROP COLUMN assists")
    result = phase3("checks", DAY.isoformat())
    assert result.exit_code == 2
    assert "assists" in result.output


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_finding_whose_figure_is_no_number_is_told_in_json(value):
    finding = Finding("usage_rate", "ERROR", DAY, "20260203_PHX_POR", "somebody", "a usage of NaN", value, 1)
    told = json.loads(json.dumps(finding.as_json(), allow_nan=False))
    assert (told["value"], told["problem"]) == (None, "a usage of NaN")
