"""The command line as a person and as a program uses it."""

import json
import os
import signal
import subprocess
import sys
import threading

import dagster as dg
import pytest
from click.testing import CliRunner

from phase3_assets.catalog.table_names import TABLE_NAMES
from phase3_assets.cli import main
from phase3_assets_tests.support.games import OFFENSE, PLAYERS, SUMMARIES


def phase3(*arguments: str):
    return CliRunner().invoke(main, list(arguments), catch_exceptions=False)


@pytest.fixture
def day(world) -> str:
    return world.game.game_date.isoformat()


@pytest.mark.slow
@pytest.mark.long
def test_run_publishes_the_date_and_appears_in_the_history_of_the_ui(make_world):
    world = make_world(2)
    world.load()
    day = world.game.game_date.isoformat()
    result = phase3("run", day)
    assert result.exit_code == 0, result.output
    assert "team_offense_game_summary: 2 games published" in result.output
    with dg.DagsterInstance.get() as instance:
        (run,) = instance.get_runs()
        assert run.status == dg.DagsterRunStatus.SUCCESS
        assert run.tags["dagster/partition"] == day
        event = instance.get_latest_materialization_event(dg.AssetKey("player_game_summary"))
    assert event.asset_materialization.metadata["games_published"].value == 2
    record = world.query("SELECT DISTINCT run_id FROM nba_phase3.publications")
    assert record == [{"run_id": run.run_id}]


@pytest.mark.slow
@pytest.mark.long
def test_run_with_something_held_back_says_so_and_exits_1(make_world):
    world = make_world(2)
    world.drop("nbac_team_boxscore")
    world.drop("nbac_gamebook_player_stats")
    world.load()
    result = phase3("run", world.game.game_date.isoformat())
    assert result.exit_code == 1
    assert "1 games held back" in result.output and "no_team_boxscore" in result.output


@pytest.mark.slow
@pytest.mark.long
def test_backfill_prints_json_for_programs(world, day):
    result = phase3("backfill", day, day, "--json")
    answer = json.loads(result.output)
    games = {table["table"]: table["games"] for table in answer["tables"]}
    assert list(games) == list(TABLE_NAMES)
    assert [games[table] for table in SUMMARIES] == [{"unchanged": 3}] * 3
    assert answer["held_back"] == []


@pytest.mark.slow
@pytest.mark.long
def test_run_can_be_limited_to_a_table_and_a_game(make_world):
    world = make_world(2)
    world.load()
    day, game = world.game.game_date.isoformat(), world.game.game_id
    assert phase3("run", day, "--game", game, "--table", OFFENSE).exit_code == 0
    assert {row["game_id"] for row in world.table(OFFENSE)} == {game}
    assert world.table(PLAYERS) == []


def test_status_shows_a_line_per_game_and_totals_per_date(world, day):
    result = phase3("status", day)
    assert result.exit_code == 0
    assert f"{day}  3 games: 3 published" in result.output
    for game in world.games:
        assert game.game_id in result.output
    rows = json.loads(phase3("status", day, "--json").output)
    assert {row["state"] for row in rows} == {"published"}
    assert rows[0]["rows"]["team_offense_game_summary"] == 2


@pytest.mark.parametrize("command", [("status",), ("plan",), ("audit",), ("history", OFFENSE)])
def test_a_date_without_games_names_the_nearest_ones(world, day, command):
    said = phase3(*command, "2026-07-01").output
    assert f"no game is scheduled on 2026-07-01; the nearest date with games is {day}" in said
    assert said.count("\n") == 1, "and nothing else, as if there were something"


def test_audit_of_clean_rows_finds_no_error(world, day):
    result = phase3("audit", day)
    assert result.exit_code == 0
    assert "0 errors" in result.output


def test_audit_finds_what_somebody_wrote_by_hand(world, day):
    world.tamper("UPDATE nba_analytics.player_game_summary SET usage_rate = 1228")
    result = phase3("audit", day)
    assert result.exit_code == 1
    assert "usage_rate" in result.output and "1228" in result.output
    assert phase3("audit", day, "--staged").exit_code == 0, "what would be computed anew is right"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "yesterday"], "not a date"),
        (["run", "1999-01-01"], "outside the calendar"),
        (["backfill", "2026-02-03", "2026-02-01"], "is after"),
        (["run", "2026-02-03", "--game", "20260203_X_Y"], "no game 20260203_X_Y"),
    ],
)
def test_wrong_usage_is_one_clear_sentence_and_exit_2(warehouse, arguments, message):
    result = phase3(*arguments)
    assert result.exit_code == 2
    assert message in result.output and "Traceback" not in result.output


@pytest.mark.parametrize(
    ("variable", "value"),
    [("PHASE3_WAREHOUSE", "snowflake"), ("PHASE3_WAIT_SECONDS", "soon"), ("PHASE3_USAGE_RATE_HIGH", "very")],
)
def test_a_wrong_setting_names_the_variable(warehouse, monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    result = phase3("run", "2026-02-03")
    assert result.exit_code == 2
    assert variable in result.output and value in result.output


def test_a_warehouse_that_is_not_there_yet_says_how_to_make_it():
    result = phase3("status", "2026-02-03")
    assert result.exit_code == 2
    assert "phase3 init" in result.output


def test_a_corrupt_warehouse_is_named_and_not_touched(tmp_path):
    path = tmp_path / "warehouse.duckdb"
    path.write_bytes(b"this is no database" * 1000)
    result = phase3("run", "2026-02-03")
    assert result.exit_code == 1
    assert "damaged, or no DuckDB database" in result.output and "nothing of it was overwritten" in result.output
    assert path.read_bytes() == b"this is no database" * 1000


def test_an_interrupted_statement_is_an_interruption(warehouse):
    """Ctrl-C while DuckDB computes ends a command as it does anywhere else: without a traceback."""
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    # Seconds long, not endless: DuckDB may wait for what its threads have begun before it lets go.
    long = "SELECT SUM(range) FROM range(1000000000)"
    try:
        with pytest.raises(KeyboardInterrupt), warehouse.session() as session:
            threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
            session._connection.execute(long).fetchall()
    finally:
        signal.signal(signal.SIGINT, handler)


@pytest.mark.parametrize(
    "command", [[], ["run"], ["load-raw"], ["backfill"], ["status"], ["audit"], ["demo"], ["init"]]
)
def test_every_command_explains_itself(command):
    result = phase3(*command, "--help")
    assert result.exit_code == 0 and len(result.output) > 150


def test_events_are_json_whatever_a_row_of_them_holds(world):
    columns = "event_id, event_timestamp, event_type, severity, description, game_date, metric_value, details"
    row = "now(), 'x', 'INFO', 'd', '2026-02-03'"
    world.tamper(
        f"INSERT INTO nba_phase3.data_quality_events ({columns}) VALUES "
        f"('a', {row}, 'nan', 'not json'), ('b', {row}, 'inf', '[NaN]'), ('c', {row}, 0.5, NULL)"
    )
    result = phase3("events", "--json")
    shown = json.loads(result.stdout, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert [(row["metric_value"], row["details"]) for row in shown] == [(None, "not json"), (None, [None]), (0.5, [])]


@pytest.mark.parametrize(
    "arguments",
    [
        ("diff", OFFENSE, "{day}", "--to", "unknown"),
        ("diff", OFFENSE, "{day}", "--from", "unknown"),
        ("waive", "00010101_PHX_POR", "--reason", "x"),
        ("waive", "99991231_PHX_POR", "--reason", "x"),
        ("events", "--game", "x\udcff"),
        ("run", "{day}", "--game", "x\udcff"),
        ("rollback", OFFENSE, "{day}", "--to", "{first}", "--reason", "x", "--game", "typo"),
        ("release", OFFENSE, "{day}", "--reason", "x", "--game", "typo"),
        ("rollback", OFFENSE, "{day}", "--to", "{first}", "--reason", " "),
        ("release", OFFENSE, "{day}", "--reason", ""),
        ("waive", "{game}", "--reason", ""),
    ],
    ids=lambda arguments: " ".join(arguments[:1] + arguments[-2:]).encode("ascii", "replace").decode(),
)
def test_what_cannot_be_meant_is_a_sentence_and_changes_nothing(world, day, arguments):
    (first,) = world.query(f"SELECT DISTINCT publication_id FROM nba_analytics.{OFFENSE}")
    known = {"day": day, "first": first["publication_id"], "game": world.game.game_id}
    result = phase3(*(argument.format(**known) for argument in arguments))
    assert result.exit_code == 2 and result.stderr and result.stdout == ""
    assert world.query("SELECT * FROM nba_phase3.interventions") == world.events() == []


def test_the_command_line_imports_nothing_that_it_may_not_need():
    """`phase3 --help`, and every Tab, would wait for it."""
    heavy = ("dagster", "duckdb", "google", "pandas", "pyarrow", "rich", "sqlglot", "tempfile", "yaml")
    code = f"import sys, phase3_assets.cli; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr


def test_a_console_that_lacks_a_letter_shows_its_number(world):
    for row in world.of("nbac_schedule"):
        row["game_status_text"] = "Postponed: Dončić"
    world.reload_and_publish()
    command = [sys.executable, "-m", "phase3_assets.cli", "events"]
    for encoding, name in (("latin-1", "don\\u010di\\u0107"), ("utf-8", "dončić")):
        environment = {**os.environ, "PYTHONIOENCODING": encoding}
        done = subprocess.run(command, env=environment, capture_output=True)
        assert (done.returncode, done.stderr) == (0, b"")
        assert name in done.stdout.decode(encoding)
