"""`--json`: one valid document on standard output, of every command that looks."""

import json
import re
from datetime import date, datetime

import pytest

from phase3_assets.cli import main
from phase3_assets_tests.support.commands import phase3, publications
from phase3_assets_tests.support.games import DAY, OFFENSE, PLAYERS

DOES = {
    *("init", "load-raw", "try", "pull", "demo", "drill", "ui", "completion", "export", "report"),
    *("waive", "rollback", "release"),
}
"""The commands that do something, or write what is no answer; every other one looks."""
SLOW = ("run", "backfill", "leak-test")
LOOKS = {
    "status": ("status",),
    "health": ("health",),
    "plan": ("plan", DAY, "--table", OFFENSE),
    "audit": ("audit", DAY, "--table", OFFENSE),
    "checks": ("checks", DAY, "--table", OFFENSE),
    "metrics": ("metrics", DAY),
    "verify": ("verify", DAY),
    "leak-test": ("leak-test", DAY, "--table", "upcoming_team_game_context"),
    "events": ("events",),
    "history": ("history", PLAYERS, DAY),
    "diff": ("diff", PLAYERS, DAY),
    "as-of": ("as-of", PLAYERS, DAY, "--at", "{now}"),
    "ready": ("ready", DAY),
    "explain": ("explain", OFFENSE, DAY, "{team}", "pace"),
    "query": ("query", f"SELECT * FROM nba_analytics.{PLAYERS}"),
    "describe": ("describe", PLAYERS),
    "describe-raw": ("describe-raw", "nbac_schedule"),
    "doctor": ("doctor",),
    "prune": ("prune", "--dry-run"),
    "run": ("run", DAY, "--table", OFFENSE),
    "backfill": ("backfill", DAY, DAY, "--table", OFFENSE),
}


def valid(text: str):
    """The document; fails for NaN and Infinity, which are no JSON."""
    return json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


def values(document):
    if isinstance(document, dict):
        document = list(document.values())
    if isinstance(document, list):
        for item in document:
            yield from values(item)
    else:
        yield document


def answer(world, *arguments: object):
    known = {"team": world.game.home, "now": datetime.now().astimezone().isoformat()}
    return phase3(*(str(argument).format(**known) for argument in arguments), "--json")


def test_every_command_either_looks_or_does():
    assert set(LOOKS) | DOES == set(main.commands)


@pytest.mark.parametrize("command", [pytest.param(n, marks=pytest.mark.slow) if n in SLOW else n for n in LOOKS])
def test_a_command_that_looks_answers_in_json(published, command):
    result = answer(published, *LOOKS[command])
    assert result.exit_code in (0, 1), result.output
    document = valid(result.stdout)
    assert document or command in ("events", "verify", "audit")
    for value in values(document):
        if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d[ T]\d\d:", value):
            assert "T" in value and datetime.fromisoformat(value.replace("Z", "+00:00"))


def test_decimals_are_numbers_and_dates_texts(published):
    document = valid(answer(published, *LOOKS["as-of"]).stdout)
    row = next(row for row in document["rows"] if row["usage_rate"] is not None)
    assert isinstance(row["usage_rate"], float) and date.fromisoformat(row["game_date"]) == DAY
    assert row["processed_at"].endswith("Z")
    (event,) = valid(answer(published, "history", PLAYERS, DAY).stdout)
    assert event["finished_at"].endswith("Z") and event["publication_id"] == publications(published, PLAYERS)[0]


def test_nothing_to_tell_is_a_document_too(published):
    assert valid(phase3("status", "2026-07-01", "--json").stdout) == []


@pytest.mark.parametrize(
    "arguments", [("status", "yesterday"), ("query", "SELECT 1 FROM nothing.at_all"), ("history", "no_table", DAY)]
)
def test_an_error_is_on_standard_error_only(published, arguments):
    result = phase3(*arguments, "--json")
    assert (result.exit_code, result.stdout) == (2, "") and result.stderr
