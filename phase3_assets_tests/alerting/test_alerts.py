"""Alerts: one message per change of state, none per tick, none lost, and no secret in any of them.

What belongs here: the notifiers against a server on loopback, and the two sensors on a real warehouse and a real
Dagster instance. What doesn't: which events are written (publishing/test_check.py, publishing/test_publish.py,
publishing/test_drift.py).
"""

import json
import logging
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from click.testing import CliRunner
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin
from dagster._core.test_utils import create_run_for_test
from dagster._utils.error import serializable_error_info_from_exc_info

from phase3_assets.alerting import notifiers
from phase3_assets.alerting.notifiers import (
    Alert,
    LogNotifier,
    SlackNotifier,
    WebhookNotifier,
    notifier_from_environment,
)
from phase3_assets.catalog.tables import bookkeeping_contracts
from phase3_assets.cli import main
from phase3_assets.clock import utc_now
from phase3_assets.definitions import build_defs
from phase3_assets.defs import alert_sensors as alerts
from phase3_assets.defs.alert_sensors import Cursor
from phase3_assets.defs.jobs import SWEEP_JOB
from phase3_assets.defs.resources import Publisher
from phase3_assets.errors import ConfigurationError, NotifierError
from phase3_assets.instance.home import prepare_dagster_home
from phase3_assets.publishing.records import QualityEvent
from phase3_assets.publishing.vocabulary import EventSeverity
from phase3_assets.settings.locations import Settings
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets_tests.support.games import DAY, OFFENSE, PLAYERS, SOME_WORK, World

pytestmark = pytest.mark.usefixtures("only_summaries")

SECRET = "xoxb-Pl4nted-s3cret"
ALERT = Alert("CRITICAL", "Quality: 1 drift", "CRITICAL drift 2026-02-03: <b> & 1228 %", "key1")
PACE = f"UPDATE nba_analytics.{OFFENSE} SET pace = pace + {{by}} WHERE game_id = '{{game}}'"
POINTS = f"UPDATE nba_analytics.{OFFENSE} SET points_scored = points_scored + {{by}} WHERE game_id = '{{game}}'"


class Receiver:
    """A web server on loopback: what was posted to it, answered with what a test scripts (200, by default)."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], Any]] = []
        self.answers: list[int | float | dict[str, Any]] = []
        """Next answers: a status, a JSON body, or (a float) seconds of silence."""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.requests.append((self.path, dict(self.headers), json.loads(body)))
                answer = receiver.answers.pop(0) if receiver.answers else {"ok": True}
                if isinstance(answer, float):
                    time.sleep(answer)
                    return
                self.send_response(answer if isinstance(answer, int) else 200)
                if answer == 302:
                    self.send_header("Location", f"/elsewhere/{SECRET}")
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(answer).encode())

            do_GET = do_POST

            def log_message(self, *_: Any) -> None:
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    @property
    def texts(self) -> list[str]:
        return [body["text"] for _, _, body in self.requests]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempts follow each other at once."""
    monkeypatch.setattr(notifiers, "_pause", lambda number: None)


def webhook(receiver: Receiver) -> WebhookNotifier:
    variables = {"PHASE3_ALERTS": "webhook", "PHASE3_ALERT_WEBHOOK_URL": f"{receiver.url}/{SECRET}?token={SECRET}"}
    notifier = notifier_from_environment(variables)
    assert isinstance(notifier, WebhookNotifier)
    return notifier


def slack(receiver: Receiver) -> SlackNotifier:
    variables = {"PHASE3_ALERTS": "slack", "PHASE3_SLACK_TOKEN": SECRET, "PHASE3_SLACK_CHANNEL": "#nba"}
    notifier = notifier_from_environment(variables)
    assert isinstance(notifier, SlackNotifier)
    # dagster-slack's resource takes no address; the SDK's client that it hands out does.
    notifier._client.base_url = f"{receiver.url}/api/"
    return notifier


# Handing over


def test_the_log_is_the_default_and_shows_recoveries_too(caplog):
    notifier = notifier_from_environment({})
    assert isinstance(notifier, LogNotifier)
    with caplog.at_level(logging.INFO):
        notifier.send(ALERT)
        notifier.send(Alert("INFO", "Run recovered: verify", "", "key2"))
    levels = {record.getMessage().split("\n")[0]: record.levelname for record in caplog.records}
    assert levels == {"CRITICAL Quality: 1 drift": "CRITICAL", "INFO Run recovered: verify": "INFO"}


def test_a_webhook_is_posted_to_once(receiver):
    webhook(receiver).send(ALERT)
    ((path, headers, body),) = receiver.requests
    assert path == f"/{SECRET}?token={SECRET}"
    assert headers["Content-Type"].startswith("application/json")
    assert body == {"severity": "CRITICAL", "title": ALERT.title, "key": "key1", "text": str(ALERT)}
    assert ALERT.text in str(ALERT) and ALERT.title in str(ALERT)


def test_slack_is_posted_to_through_its_own_client(receiver):
    slack(receiver).send(ALERT)
    ((path, headers, body),) = receiver.requests
    assert (path, headers["Authorization"], body["channel"]) == ("/api/chat.postMessage", f"Bearer {SECRET}", "#nba")
    assert "&lt;b&gt; &amp; 1228 %" in body["text"], "nothing in a message is markup or a mention"


BUSY = {"ok": False, "error": "ratelimited"}


@pytest.mark.parametrize(
    ("made", "answers", "attempts"),
    [
        (webhook, [503, 429, 204], 3),
        (webhook, [500, 200], 2),
        (slack, [503, {"ok": True}], 2),
        (slack, [BUSY, 429, {"ok": True}], 3),
    ],
)
def test_what_may_pass_is_tried_again(receiver, made, answers, attempts):
    receiver.answers = list(answers)
    made(receiver).send(ALERT)
    assert len(receiver.requests) == attempts
    assert len({json.dumps(body) for _, _, body in receiver.requests}) == 1


@pytest.mark.parametrize(
    ("made", "answers", "attempts", "said"),
    [
        (webhook, [503, 502, 500, 200], 3, "answered 500 (3 times)"),
        (webhook, [403, 200], 1, "answered 403;"),
        (webhook, [302, 200], 1, "answered 302;"),
        (slack, [{"ok": False, "error": "invalid_auth"}, 200], 1, "Slack answered invalid_auth;"),
        (slack, [{"ok": False, "error": "Oh! 127.0.0.1 says no"}, 200], 1, "Slack answered 200;"),
        (slack, [BUSY, BUSY, BUSY, 200], 3, "Slack answered ratelimited (3 times)"),
        (slack, [503, 503, 503, 200], 3, "Slack answered 503 (3 times)"),
        (webhook, [0.5, 0.5, 0.5], 3, "failed: "),
        (slack, [0.5, 0.5, 0.5], 3, "failed: "),
    ],
)
def test_what_cannot_be_handed_over_is_an_error_without_secrets(
    receiver, monkeypatch, caplog, capfd, made, answers, attempts, said
):
    monkeypatch.setattr(notifiers, "_TIMEOUT_SECONDS", 0.2)
    caplog.set_level(logging.DEBUG)
    receiver.answers = list(answers)
    with pytest.raises(NotifierError) as caught:
        made(receiver).send(ALERT)
    assert said in str(caught.value) and len(receiver.requests) == attempts
    assert caught.value.__context__ is None and caught.value.__cause__ is None
    shown = "".join(traceback.format_exception(caught.value)) + caplog.text + "".join(capfd.readouterr())
    assert SECRET not in shown and "127.0.0.1" not in str(caught.value)


def test_nobody_listening_is_an_error_without_secrets():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/{SECRET}"
    with pytest.raises(NotifierError, match="the alert webhook failed: ConnectionRefusedError") as caught:
        WebhookNotifier(url).send(ALERT)
    assert SECRET not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"PHASE3_ALERTS": SECRET}, "PHASE3_ALERTS"),
        ({"PHASE3_ALERTS": "webhook"}, "PHASE3_ALERT_WEBHOOK_URL"),
        *[
            ({"PHASE3_ALERTS": "webhook", "PHASE3_ALERT_WEBHOOK_URL": url}, "PHASE3_ALERT_WEBHOOK_URL")
            for url in (
                f"ftp://example.org/{SECRET}",
                f"file:///etc/{SECRET}",
                f"example.org/{SECRET}",
                f"https:///{SECRET}",
                f"https://me:{SECRET}@example.org/",
                f"https://example.org:{SECRET}/",
                f"https://{'a' * 70}.org/{SECRET}",
                f"https://example.org/a b{SECRET}",
                f"https://example.org/é{SECRET}",
                f"https://example.org/\n{SECRET}",
            )
        ],
        ({"PHASE3_ALERTS": "slack", "PHASE3_SLACK_CHANNEL": "#nba"}, "PHASE3_SLACK_TOKEN"),
        ({"PHASE3_ALERTS": "slack", "PHASE3_SLACK_TOKEN": SECRET}, "PHASE3_SLACK_CHANNEL"),
        (
            {"PHASE3_ALERTS": "slack", "PHASE3_SLACK_TOKEN": f"{SECRET}\nX: y", "PHASE3_SLACK_CHANNEL": "#nba"},
            "PHASE3_SLACK_TOKEN",
        ),
    ],
)
def test_a_wrong_setting_is_named_and_never_repeated(variables, named):
    with pytest.raises(ConfigurationError) as caught:
        notifier_from_environment(variables)
    assert named in str(caught.value)
    assert SECRET not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("url", ["http://localhost:8080/hook", "https://hooks.example.org/a?b=c"])
def test_right_addresses_are_accepted(url):
    notifier_from_environment({"PHASE3_ALERTS": "webhook", "PHASE3_ALERT_WEBHOOK_URL": url})


def test_slack_without_its_extra_says_what_to_install(monkeypatch):
    monkeypatch.setattr(notifiers, "find_spec", lambda name: None)
    variables = {"PHASE3_ALERTS": "slack", "PHASE3_SLACK_TOKEN": SECRET, "PHASE3_SLACK_CHANNEL": "#nba"}
    with pytest.raises(ConfigurationError, match=r"install dagster-slack"):
        notifier_from_environment(variables)


def test_slack_is_imported_only_when_chosen_and_the_sensors_run_by_default():
    program = (
        "import sys; from phase3_assets.definitions import defs; import dagster as dg;"
        "found = (defs() if callable(defs) else defs).sensors;"
        "told = sorted((s.name, s.default_status.value) for s in found if s.name.endswith('alerts'));"
        "print(told, 'slack_sdk' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    sensors = [(name, "RUNNING") for name in ("check_state_alerts", "code_alerts", "run_alerts")]
    assert result.stdout.strip() == f"{sensors} False"


# The cursor


def test_a_cursor_outlives_being_written_and_read():
    now = utc_now()
    cursor = Cursor(now, frozenset({"b", "a"}), "7-8-9")
    assert Cursor.read(str(cursor), now) == cursor
    assert cursor.since < now - timedelta(minutes=5)


@pytest.mark.parametrize(
    "text",
    [None, "", "{", "[]", "7", '{"until": 3}', '{"until": "x", "seen": []}', '{"seen": []}', '{"until":"2026-"}'],
)
def test_a_cursor_lost_or_corrupt_goes_back_an_hour(text):
    now = utc_now()
    assert Cursor.read(text, now) is None
    assert Cursor.starting(now).since == now - timedelta(hours=1)


def test_a_cursor_from_the_future_is_as_good_as_now():
    now = utc_now()
    ahead = Cursor(now + timedelta(days=300), frozenset({"a"}))
    assert Cursor.read(str(ahead), now) == Cursor(now, frozenset({"a"}))


# Sensors


class Ticks:
    """One sensor, ticked as the daemon does: what a tick returns as cursor is what the next one gets."""

    def __init__(self, sensor: dg.SensorDefinition, instance: dg.DagsterInstance) -> None:
        self.sensor, self.instance = sensor, instance
        self.cursor: str | None = None
        self.said: str | None = None

    def __call__(self) -> None:
        context = dg.build_sensor_context(instance=self.instance, cursor=self.cursor)
        data = self.sensor.evaluate_tick(context)
        self.cursor, self.said = data.cursor, data.skip_message
        assert not data.run_requests
        assert SECRET not in f"{self.cursor}{self.said}"


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    """The instance we ship: its own home, its own event storage."""
    prepare_dagster_home(Settings.from_environment())
    with dg.DagsterInstance.get() as made:
        yield made


def ticks_of(name: str, warehouse: DuckDBWarehouse, receiver: Receiver, instance: dg.DagsterInstance) -> Ticks:
    defs = build_defs(Publisher(warehouse), webhook(receiver))
    ticks = Ticks(defs.resolve_sensor_def(name), instance)
    ticks()
    assert ticks.said == "no cursor: the next tick begins an hour back"
    return ticks


@pytest.fixture
def checks(warehouse, receiver, instance) -> Ticks:
    return ticks_of("check_state_alerts", warehouse, receiver, instance)


def by_hand(world: World, statement: str, by: int = 1) -> None:
    world.tamper(statement.format(game=world.game.game_id, by=by))


def phase3(*arguments: str) -> None:
    CliRunner().invoke(main, list(arguments), catch_exceptions=False)


def store(warehouse: DuckDBWarehouse, *events: dict[str, Any]) -> None:
    with warehouse.session() as session:
        session.append(bookkeeping_contracts()["data_quality_events"], events)


def an_event(moment: datetime, description: str = "PHX@POR: something", **values: Any) -> dict[str, Any]:
    made = QualityEvent("drift", EventSeverity.CRITICAL, OFFENSE, DAY, "20260203_PHX_POR", description, (), moment)
    return {**made.as_row(SOME_WORK), **values}


# Changes of a check's state


@pytest.mark.slow
def test_games_held_back_are_one_message_and_their_release_another(make_world, receiver, checks):
    world = make_world(3)
    bad, also_bad = world.games[:2]
    for game in (bad, also_bad):
        world.contradict(game)
    world.reload_and_publish()
    checks()
    ((_, _, message),) = receiver.requests
    assert message["severity"] == "CRITICAL" and "2 game_quarantined" in message["title"]
    (line,) = [line for line in message["text"].splitlines() if line.startswith("CRITICAL game_quarantined 2026-02-03")]
    assert bad.game_id in line and also_bad.game_id in line and world.games[2].game_id not in message["text"]
    assert "does_not_add_up" in message["text"]
    for _ in range(3):
        world.publish()
        checks()
        assert checks.said in ("no change of state", "nothing was written")
    assert len(receiver.requests) == 1
    world.contradict(bad, by=-9)
    world.reload_and_publish()
    for _ in range(2):
        checks()
    _, (_, _, release) = receiver.requests
    assert release["severity"] == "INFO" and "game_released" in release["title"]
    assert bad.game_id in release["text"] and also_bad.game_id not in release["text"]


@pytest.mark.slow
@pytest.mark.long
def test_a_check_that_fails_and_recovers_from_the_command_line_is_told_once_each(world, receiver, checks):
    checks()
    assert receiver.requests == [], "right rows are no news"
    for by, severity, kinds in (
        (1, "CRITICAL", "1 check_failed, 1 date_incomplete"),
        (-1, "INFO", "1 check_recovered, 1 date_completed"),
    ):
        by_hand(world, POINTS, by)
        receiver.requests.clear()
        for _ in range(2):
            phase3("checks", DAY.isoformat())
            checks()
        ((_, _, message),) = receiver.requests
        assert (message["severity"], message["title"]) == (severity, f"Quality: {kinds}")
        assert world.game.game_id in message["text"] and OFFENSE in message["text"]


def test_a_warning_is_no_alert(world, receiver, checks):
    by_hand(world, PACE, 500)
    phase3("checks", DAY.isoformat())
    checks()
    assert receiver.requests == []


def test_what_the_schedule_lists_and_is_no_game_is_no_alert(warehouse, receiver, checks):
    ordinary = {"event_type": "game_excluded", "severity": "INFO"}
    store(warehouse, an_event(utc_now(), "0012500001 is no game here: pre-season", **ordinary))
    checks()
    assert receiver.requests == []


def test_a_row_of_the_schedule_that_makes_no_sense_is_an_alert(world, receiver, checks):
    """A game may be behind it, which would be missing and nobody would know."""
    world.rows["nbac_schedule"].append({**world.of("nbac_schedule")[0], "game_id": "0077777777"})
    world.reload_and_publish()
    checks()
    [message] = receiver.requests
    assert "0077777777 is no game here: of no known kind" in str(message)


@pytest.mark.slow
@pytest.mark.long
def test_a_game_missing_for_too_long_is_told_once_and_its_arrival_once(make_world, receiver, checks):
    world = make_world(2)
    missing = {table: world.of(table) for table in ("nbac_team_boxscore", "nbac_gamebook_player_stats")}
    for table in missing:
        world.drop(table)
    world.reload_and_publish()
    for _ in range(2):
        checks()
        phase3("checks", DAY.isoformat())
    for table, rows in missing.items():
        world.rows[table] += rows
    world.reload_and_publish()
    for _ in range(2):
        checks()
    told = [
        (body["severity"], body["title"], body["text"].count(world.game.game_id)) for _, _, body in receiver.requests
    ]
    assert told == [("CRITICAL", "Quality: 1 game_incomplete", 1), ("INFO", "Quality: 1 game_completed", 1)]


@pytest.mark.slow
@pytest.mark.long
def test_the_morning_sweep_notices_a_game_that_nobody_works_on(make_world, receiver, checks):
    world = make_world(2)
    world.load()
    job = build_defs(Publisher(world.warehouse), LogNotifier()).resolve_job_def(SWEEP_JOB)
    for _ in range(2):
        assert job.execute_in_process(instance=checks.instance, partition_key=DAY.isoformat()).success
        checks()
    ((_, _, message),) = receiver.requests
    assert message["title"] == "Quality: 2 game_incomplete"
    assert all(game.game_id in message["text"] for game in world.games)


def test_equal_times_are_neither_lost_nor_sent_twice(warehouse, receiver, checks):
    moment = utc_now() - timedelta(seconds=5)
    for name in ("first", "second", "third"):
        store(warehouse, an_event(moment, name))
        checks()
    assert [text.splitlines()[-2].strip() for text in receiver.texts] == ["first", "second", "third"]


def test_an_event_stored_after_its_time_is_not_lost(warehouse, receiver, checks):
    checks()
    store(warehouse, an_event(utc_now()))
    checks()
    store(warehouse, an_event(utc_now() - timedelta(minutes=5), "stored late"))
    checks()
    assert len(receiver.requests) == 2 and "stored late" in receiver.texts[1]


def test_an_event_from_the_future_is_told_once_and_hides_nothing(warehouse, receiver, checks):
    store(warehouse, an_event(datetime(2099, 1, 1, tzinfo=UTC), "from 2099"))
    for _ in range(3):
        checks()
    store(warehouse, an_event(utc_now(), "from now"))
    checks()
    assert len(receiver.requests) == 2 and "from now" in receiver.texts[1] and "2099" not in receiver.texts[1]


def test_a_sensor_that_was_off_for_days_tells_what_happened(warehouse, receiver, checks):
    checks.cursor = str(Cursor(utc_now() - timedelta(days=4), frozenset()))
    store(warehouse, an_event(utc_now() - timedelta(days=3)))
    for _ in range(2):
        checks()
    assert len(receiver.requests) == 1


@pytest.mark.parametrize("lost", [None, "{corrupt"])
def test_a_lost_cursor_sends_no_history(warehouse, receiver, checks, lost):
    for hours in (2, 50, 5000):
        store(warehouse, an_event(utc_now() - timedelta(hours=hours), "history"))
    checks.cursor = lost
    for _ in range(2):
        checks()
    assert receiver.requests == []
    store(warehouse, an_event(utc_now(), "news"))
    for _ in range(2):
        checks()
    assert len(receiver.requests) == 1 and "news" in receiver.texts[0]


def test_a_message_that_cannot_be_sent_is_kept_and_the_tick_says_so(warehouse, receiver, checks):
    store(warehouse, an_event(utc_now(), "first"))
    receiver.answers = [503] * 6
    cursor = checks.cursor
    for _ in range(2):
        with pytest.raises(NotifierError, match="the alert webhook answered 503") as caught:
            checks()
        info = serializable_error_info_from_exc_info((caught.type, caught.value, caught.tb))
        assert SECRET not in info.to_string()
        assert checks.cursor == cursor
        receiver.requests.clear()
    store(warehouse, an_event(utc_now(), "second", game_id="20260203_BOS_DAL", table_name=PLAYERS))
    for _ in range(2):
        checks()
    (text,) = receiver.texts
    assert "20260203_PHX_POR" in text and "20260203_BOS_DAL" in text


def test_a_receiver_that_never_answered_since_the_start_loses_nothing(warehouse, receiver, checks, monkeypatch):
    store(warehouse, an_event(utc_now()))
    receiver.answers = [403]
    with pytest.raises(NotifierError):
        checks()
    tomorrow = utc_now() + timedelta(days=1)
    monkeypatch.setattr(alerts, "utc_now", lambda: tomorrow)
    for _ in range(2):
        checks()
    assert len(receiver.requests) == 2, "one refused, one taken"


def test_a_flood_is_one_short_message_gravest_first(warehouse, receiver, checks):
    now = utc_now()
    events = [
        an_event(
            now,
            f"{number}: {'long ' * 200}\nand more",
            event_type="game_kept",
            severity="WARNING",
            game_date=DAY - timedelta(days=number % 150),
            game_id=f"2026_{number}",
        )
        for number in range(3000)
    ]
    store(
        warehouse, *events, an_event(now, "grave"), an_event(now, "well", event_type="game_released", severity="INFO")
    )
    for _ in range(2):
        checks()
    ((_, _, message),) = receiver.requests
    assert message["severity"] == "CRITICAL"
    lines = message["text"].splitlines()
    assert lines[1].startswith("CRITICAL drift 2026-02-03") and lines[2].strip() == "grave"
    assert "and 12 more" in lines[3], "20 games of each date, eight of them named"
    assert len(message["text"]) < 4000
    assert "more kinds or dates; `phase3 events --since" in lines[-1] and "3002 events" in lines[-1]


@contextmanager
def writing(path: Path) -> Iterator[int]:
    """Another process that writes the warehouse, by its number."""
    program = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('here', flush=True); sys.stdin.read()"
    arguments = [sys.executable, "-c", program, str(path)]
    process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout and process.stdout.readline() == "here\n"
    try:
        yield process.pid
    finally:
        process.communicate()


def test_a_busy_warehouse_is_a_reason_to_skip_and_nothing_is_lost(warehouse, receiver, checks, monkeypatch):
    monkeypatch.setattr(alerts, "_WAIT_SECONDS", 0.2)
    checks()
    before = checks.cursor
    store(warehouse, an_event(utc_now()))
    with writing(warehouse.path) as writer:
        started = time.monotonic()
        checks()
        assert time.monotonic() - started < 2, "as long as a sensor may wait, not as long as a run"
    assert f"by process {writer} " in (checks.said or "") and checks.cursor == before
    assert receiver.requests == []
    checks()
    assert len(receiver.requests) == 1


def test_a_warehouse_that_is_not_there_yet_is_a_reason_to_skip(tmp_path, receiver, instance):
    path = tmp_path / "elsewhere" / "warehouse.duckdb"
    ticks = ticks_of("check_state_alerts", DuckDBWarehouse(path), receiver, instance)
    ticks()
    assert "there is no warehouse" in (ticks.said or "") and not path.exists()
    with DuckDBWarehouse(path).session():
        """Creates the file, without tables."""
    ticks()
    assert "phase3 init" in (ticks.said or "") and receiver.requests == []


def test_an_idle_tick_is_cheap(world, checks):
    checks()
    durations = []
    for _ in range(10):
        started = time.perf_counter()
        checks()
        durations.append(time.perf_counter() - started)
    assert sorted(durations)[4] < 0.1, durations


# Runs


@pytest.fixture
def runs(warehouse, receiver, instance) -> Ticks:
    return ticks_of("run_alerts", warehouse, receiver, instance)


class Nightly:
    """A job that fails as told, in the instance under test."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.instance = instance
        self.error: Exception | None = None
        nightly = self

        @dg.op
        def work() -> None:
            if nightly.error:
                raise nightly.error

        @dg.job(partitions_def=dg.DailyPartitionsDefinition("2026-02-01"))
        def nightly_job() -> None:
            work()

        self.job = nightly_job

    def run(self, error: Exception | None = None, day: str = "2026-02-03", **tags: str) -> str:
        self.error = error
        result = self.job.execute_in_process(instance=self.instance, partition_key=day, tags=tags, raise_on_error=False)
        assert result.success == (error is None)
        return result.run_id


@pytest.fixture
def nightly(instance) -> Nightly:
    return Nightly(instance)


def titles(receiver: Receiver) -> list[str]:
    return [body["title"] for _, _, body in receiver.requests]


FAILED, RECOVERED = "Run failed: nightly_job 2026-02-03", "Run recovered: nightly_job 2026-02-03"


def test_a_failing_state_is_one_message_and_so_is_its_end(nightly, runs, receiver):
    told = []
    for error, expected in [
        (None, []),
        (OSError("no route after 3 s"), [FAILED]),
        (OSError("no route after 5 s"), []),
        (OSError("no route after 8 s"), []),
        (ValueError("a column is missing"), [FAILED]),
        (None, [RECOVERED]),
        (None, []),
        (OSError("no route after 3 s"), [FAILED]),
    ]:
        run_id = nightly.run(error)
        for _ in range(2):
            runs()
        told += expected
        assert titles(receiver) == told
        if expected:
            assert run_id in receiver.texts[-1]
    assert receiver.requests[0][2]["severity"] == "CRITICAL"
    assert "work: OSError: no route after 3 s" in receiver.texts[0]
    assert "work: ValueError: a column is missing" in receiver.texts[1]
    assert receiver.requests[2][2]["severity"] == "INFO" and "a column is missing" in receiver.texts[2]


def test_everything_between_two_ticks_is_told_in_order(nightly, runs, receiver):
    for error in (OSError("gone"), OSError("gone"), None, None, OSError("gone")):
        nightly.run(error)
    runs()
    assert titles(receiver) == [FAILED, RECOVERED, FAILED]


def test_dates_fail_and_recover_by_themselves(nightly, runs, receiver):
    for day in ("2026-02-03", "2026-02-04"):
        nightly.run(OSError("gone"), day)
    nightly.run(None, "2026-02-04")
    runs()
    assert [title.split(":")[0] + title[-11:] for title in titles(receiver)] == [
        "Run failed 2026-02-03",
        "Run failed 2026-02-04",
        "Run recovered 2026-02-04",
    ]


def test_a_schedule_whose_dates_move_on_is_one_thing_that_fails_and_recovers(nightly, runs, receiver):
    for day, error in (("03", OSError("gone")), ("04", OSError("gone")), ("05", None), ("06", None)):
        nightly.run(error, f"2026-02-{day}", **{"dagster/schedule_name": "nightly"})
    runs()
    assert titles(receiver) == [FAILED, RECOVERED.replace("-03", "-05")]


def test_runs_for_other_games_of_a_date_fail_and_recover_by_themselves(nightly, runs, receiver):
    tag = "phase3/games"
    nightly.run(OSError("gone"), **{tag: "20260203_PHX_POR"})
    nightly.run(OSError("gone"), **{tag: "20260203_BOS_DAL"})
    nightly.run(None, **{tag: "20260203_BOS_DAL"})
    nightly.run(OSError("gone"), **{tag: "20260203_PHX_POR"})
    runs()
    assert titles(receiver) == [FAILED, FAILED, RECOVERED]


def test_a_cancelled_run_is_neither_a_failure_nor_a_recovery(nightly, runs, receiver, instance):
    nightly.run(OSError("gone"))
    cancelled = create_run_for_test(
        instance, "nightly_job", status=dg.DagsterRunStatus.STARTED, tags={"dagster/partition": "2026-02-03"}
    )
    instance.report_run_canceled(cancelled)
    runs()
    nightly.run(OSError("gone"))
    runs()
    assert titles(receiver) == [FAILED]


def test_a_run_whose_process_died_is_told_with_the_daemon_s_words(runs, receiver, instance):
    run = create_run_for_test(
        instance, "publish", status=dg.DagsterRunStatus.STARTED, tags={"dagster/partition": "2026-02-03"}
    )
    instance.report_run_failed(run, "the run worker was killed")
    for _ in range(2):
        runs()
    assert titles(receiver) == ["Run failed: publish 2026-02-03"] and "the run worker was killed" in receiver.texts[0]


@pytest.mark.long
def test_an_asset_backfill_names_its_range_and_its_tables(world, warehouse, runs, receiver, instance):
    """One run over a range, as the UI launches it, on a warehouse that lacks a raw table."""
    job = build_defs(Publisher(warehouse), LogNotifier()).resolve_implicit_global_asset_job_def()

    def backfill() -> dg.ExecuteInProcessResult:
        return job.execute_in_process(
            instance=instance,
            asset_selection=[dg.AssetKey(PLAYERS)],
            tags={
                "dagster/asset_partition_range_start": "2026-02-01",
                "dagster/asset_partition_range_end": "2026-02-03",
            },
            raise_on_error=False,
        )

    by_hand(world, "ALTER TABLE nba_raw.nbac_schedule RENAME TO aside")
    for _ in range(2):
        assert not backfill().success
        runs()
    (title,) = titles(receiver)
    assert title == f"Run failed: assets 2026-02-01 to 2026-02-03 ({PLAYERS})"
    assert "SchemaDriftError" in receiver.texts[0] and "nbac_schedule" in receiver.texts[0]
    by_hand(world, "ALTER TABLE nba_raw.aside RENAME TO nbac_schedule")
    assert backfill().success
    for _ in range(2):
        runs()
    assert titles(receiver)[1:] == [f"Run recovered: assets 2026-02-01 to 2026-02-03 ({PLAYERS})"]


def test_runs_of_another_code_location_are_left_to_it(runs, receiver, instance, monkeypatch):
    ours, theirs = [
        RemoteJobOrigin(RemoteRepositoryOrigin(RegisteredCodeLocationOrigin(name), "__repository__"), "publish")
        for name in ("phase3_assets", "somebody_else")
    ]
    here = ours.repository_origin.code_location_origin
    monkeypatch.setattr(dg.SensorEvaluationContext, "code_location_origin", property(lambda self: here))
    for origin, day in ((theirs, "2026-02-03"), (ours, "2026-02-04"), (None, "2026-02-05")):
        run = create_run_for_test(
            instance,
            "publish",
            status=dg.DagsterRunStatus.STARTED,
            tags={"dagster/partition": day},
            remote_job_origin=origin,
        )
        instance.report_run_failed(run, "gone")
    runs()
    assert titles(receiver) == ["Run failed: publish 2026-02-04", "Run failed: publish 2026-02-05"]


def test_a_lost_cursor_tells_no_old_failures(nightly, runs, receiver, monkeypatch):
    nightly.run(OSError("gone"))
    later = utc_now() + timedelta(hours=2)
    monkeypatch.setattr(alerts, "utc_now", lambda: later)
    runs.cursor = "{corrupt"
    for _ in range(2):
        runs()
    assert receiver.requests == []


def test_messages_sent_before_the_notifier_failed_are_not_sent_again(nightly, runs, receiver):
    for day in ("2026-02-03", "2026-02-04", "2026-02-05"):
        nightly.run(OSError("gone"), day)
    receiver.answers = [200, 503, 503, 503]
    runs()
    assert runs.said and runs.said.startswith("1 messages, then: the alert webhook answered 503")
    receiver.answers = [503, 503, 503]
    cursor = runs.cursor
    with pytest.raises(NotifierError):
        runs()
    assert runs.cursor == cursor
    receiver.requests.clear()
    for _ in range(2):
        runs()
    assert [title[-10:] for title in titles(receiver)] == ["2026-02-04", "2026-02-05"]


def test_a_slow_receiver_spreads_messages_over_ticks(nightly, runs, receiver, monkeypatch):
    for day in ("2026-02-03", "2026-02-04", "2026-02-05"):
        nightly.run(OSError("gone"), day)
    with monkeypatch.context() as patched:
        patched.setattr(alerts, "_SENDING_SECONDS", -1.0)
        runs()
    assert receiver.requests == [] and runs.said == "0 messages; the next tick goes on"
    for _ in range(2):
        runs()
    assert len(receiver.requests) == 3


@pytest.mark.slow
@pytest.mark.long
def test_an_idle_tick_over_many_runs_is_cheap(runs, instance, nightly):
    for number in range(15):
        nightly.run(day=f"2026-02-{number + 1:02}")
    for _ in range(2):
        runs()
    durations = []
    for _ in range(10):
        started = time.perf_counter()
        runs()
        durations.append(time.perf_counter() - started)
    assert sorted(durations)[4] < 0.1, durations
