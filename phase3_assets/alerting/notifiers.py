"""Where alerts go: the log by default, Slack or any webhook where the environment says so.

What belongs here: what an alert is, handing one over, and the variables that choose. What doesn't: when there is one
and what it says (defs/alert_sensors.py, texts.py).

A webhook's URL and a Slack token are secrets. Errors name what went wrong and never the address. They are raised
outside the `except` block that caught the library's error, so that no traceback carries the library's own text.
"""

import http.client
import json
import logging
import os
import random
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from phase3_assets.errors import ConfigurationError, NotifierError

if TYPE_CHECKING:
    from slack_sdk.web.client import WebClient

NOTIFIERS = ("log", "webhook", "slack")
_ATTEMPTS = 3
_TIMEOUT_SECONDS = 5
_TRANSPORT_ERRORS = (OSError, http.client.HTTPException, ValueError)
_PRINTABLE = re.compile(r"[!-~]+")
_LEVELS = {"INFO": logging.INFO, "WARNING": logging.WARNING, "CRITICAL": logging.CRITICAL}
# Below `dagster`, so that code servers print it at INFO as they print their own.
_LOG = logging.getLogger("dagster.phase3.alerts")


@dataclass(frozen=True)
class Alert:
    """One message to people."""

    severity: str
    """INFO, WARNING or CRITICAL."""
    title: str
    """One line."""
    text: str
    """The rest, one line per item; a few thousand characters at most."""
    key: str
    """Identifies the changes of state. Equal changes have equal keys: a receiver may drop a key it has seen before."""

    def __str__(self) -> str:
        return f"{self.severity} {self.title}\n{self.text}".strip()


class Notifier(Protocol):
    """Hands alerts over."""

    def send(self, alert: Alert) -> None:
        """Hand the alert over within 20 seconds. Raises NotifierError where that is not possible."""


class LogNotifier:
    """Writes alerts to the log of the process."""

    def send(self, alert: Alert) -> None:
        """See Notifier."""
        _LOG.log(_LEVELS.get(alert.severity, logging.WARNING), "%s", alert)


class WebhookNotifier:
    """Posts alerts as JSON: severity, title, text (the whole message) and key."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._opener = urllib.request.build_opener(_NoRedirect)

    def send(self, alert: Alert) -> None:
        """See Notifier. Any 2xx status counts as delivered."""
        body = json.dumps({**asdict(alert), "text": str(alert)}).encode()
        headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "phase3_assets"}
        request = urllib.request.Request(self._url, body, headers, method="POST")  # noqa: S310 - http(s), see _url

        def post() -> "_Problem | None":
            try:
                with self._opener.open(request, timeout=_TIMEOUT_SECONDS):
                    return None
            except urllib.error.HTTPError as error:
                error.close()
                return _Problem(f"answered {error.code}", _may_pass(error.code))
            except _TRANSPORT_ERRORS as error:
                return _unreachable(error)

        _deliver("the alert webhook", post)


class SlackNotifier:
    """Posts alerts to a Slack channel, as the token's bot."""

    def __init__(self, client: "WebClient", channel: str) -> None:
        self._client = client
        self._channel = channel
        # _deliver() repeats attempts, so the client must not: a tick has one minute for everything.
        self._client.timeout = _TIMEOUT_SECONDS
        self._client.retry_handlers = []

    @classmethod
    def with_token(cls, token: str, channel: str) -> "SlackNotifier":
        """A notifier with the client of dagster-slack, which is imported only here."""
        from dagster_slack import SlackResource

        return cls(SlackResource(token=token).get_client(), channel)

    def send(self, alert: Alert) -> None:
        """See Notifier."""
        from slack_sdk.errors import SlackApiError, SlackClientError

        def post() -> "_Problem | None":
            try:
                self._client.chat_postMessage(channel=self._channel, text=_slack_text(str(alert)))
            except SlackApiError as error:
                # A proxy between us and Slack may answer anything. Trust the body only where it is an error code.
                data, status = getattr(error.response, "data", None), getattr(error.response, "status_code", 0)
                said = str(data.get("error")) if isinstance(data, dict) else ""
                said = said if re.fullmatch(r"[a-z_]{1,60}", said) else str(status)
                return _Problem(f"answered {said}", _may_pass(status) or said in _SLACK_ERRORS_THAT_PASS)
            except (SlackClientError, *_TRANSPORT_ERRORS) as error:
                return _unreachable(error)
            return None

        _deliver("Slack", post)


def notifier_from_environment(environment: Mapping[str, str] | None = None) -> Notifier:
    """The notifier that PHASE3_ALERTS names: log (default), webhook or slack.

    `webhook` needs PHASE3_ALERT_WEBHOOK_URL; `slack` needs PHASE3_SLACK_TOKEN and PHASE3_SLACK_CHANNEL. Raises
    ConfigurationError naming the variable that is wrong or missing, never its value.
    """
    variables = os.environ if environment is None else environment
    kind = variables.get("PHASE3_ALERTS") or "log"
    if kind == "log":
        return LogNotifier()
    if kind == "webhook":
        return WebhookNotifier(_url(_required(variables, "PHASE3_ALERT_WEBHOOK_URL", kind)))
    if kind == "slack":
        token = _required(variables, "PHASE3_SLACK_TOKEN", kind)
        channel = _required(variables, "PHASE3_SLACK_CHANNEL", kind)
        if find_spec("dagster_slack") is None:
            raise ConfigurationError("PHASE3_ALERTS is slack: install dagster-slack with `pip install -e '.[slack]'`")
        return SlackNotifier.with_token(token, channel)
    raise ConfigurationError(f"PHASE3_ALERTS can be {', '.join(NOTIFIERS)}; it is none of these")


def _required(variables: Mapping[str, str], name: str, kind: str) -> str:
    value = variables.get(name, "").strip()
    if not value:
        raise ConfigurationError(f"PHASE3_ALERTS is {kind}: {name} must be set")
    if not _PRINTABLE.fullmatch(value):
        raise ConfigurationError(f"{name} must be printable ASCII without spaces")
    return value


def _url(text: str) -> str:
    """The URL, if it can be posted to. Raises ConfigurationError otherwise, with a message that never repeats it."""
    if not _is_http_url(text):
        raise ConfigurationError(
            "PHASE3_ALERT_WEBHOOK_URL must be http://HOST/... or https://HOST/..., without user or password"
        )
    return text


def _is_http_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        _ = parts.port
        host = (parts.hostname or "").encode("idna")
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(host) and "@" not in parts.netloc


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Treats a redirect as a 3xx answer and does not follow it: urllib would repeat the message as a GET."""

    def redirect_request(self, *_arguments: object, **_options: object) -> None:
        return None


@dataclass(frozen=True)
class _Problem:
    """Why one attempt failed, and whether another attempt may succeed."""

    text: str
    may_pass: bool


_SLACK_ERRORS_THAT_PASS = ("ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout")


def _may_pass(status: int) -> bool:
    return status in (408, 429) or status >= 500


def _unreachable(error: Exception) -> _Problem:
    """The problem, described by the error's kind alone: the texts of transport errors may hold the address."""
    reason = getattr(error, "reason", None)
    return _Problem(f"failed: {type(reason if isinstance(reason, Exception) else error).__name__}", True)


def _deliver(receiver: str, attempt: Callable[[], _Problem | None]) -> None:
    """Make up to three attempts, as long as the problem may pass. Raises NotifierError where the last one fails."""
    problem, number = attempt(), 1
    while problem and problem.may_pass and number < _ATTEMPTS:
        _pause(number)
        problem, number = attempt(), number + 1
    if problem:
        times = f" ({number} times)" if number > 1 else ""
        raise NotifierError(f"{receiver} {problem.text}{times}; the alert is kept for the next tick")


def _pause(number: int) -> None:
    """Wait after attempt `number`: longer each time and jittered, at most 2 s in all."""
    time.sleep(0.4 * 2 ** (number - 1) * random.uniform(0.5, 1.5))


def _slack_text(text: str) -> str:
    """The text escaped for Slack: nothing in it is read as markup, a mention or a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
