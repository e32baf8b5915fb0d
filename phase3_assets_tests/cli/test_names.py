"""Names of tables, games, players, dates and commands: what is suggested for a wrong one, and what Tab offers."""

import subprocess
import sys
from datetime import timedelta

import pytest
from click.testing import CliRunner

from phase3_assets.catalog.table_names import TABLE_NAMES
from phase3_assets.cli import main
from phase3_assets.settings.calendar import today
from phase3_assets.suggestions import did_you_mean, did_you_mean_or_all
from phase3_assets_tests.support.commands import phase3
from phase3_assets_tests.support.games import DAY, OFFENSE, PLAYERS


def test_the_likely_names_are_suggested_and_no_unlikely_one():
    known = ("player_game_summary", "player_daily_cache", "team_offense_game_summary")
    assert did_you_mean("player_game_sumary", known) == "; did you mean player_game_summary?"
    assert did_you_mean("Player_Game_Summary", known) == "; did you mean player_game_summary?"
    assert did_you_mean("injuries", known) == ""
    assert did_you_mean_or_all("injuries", ("a", "b")) == "; there are a, b"
    assert did_you_mean("abcx", ("abcy", "abcz")) in ("; did you mean abcy or abcz?", "; did you mean abcz or abcy?")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("stauts",), "Did you mean 'status'?"),
        (("history", "player_game_sumary", DAY), "no published table 'player_game_sumary'; did you mean {players}?"),
        (("run", DAY, "--table", "player_game_sumary"), "did you mean {players}?"),
        (("describe", "nbac_schedul"), "did you mean nbac_schedule?"),
        (("describe-raw", "nbac_schedul"), "did you mean nbac_schedule?"),
        (("audit", DAY, "--table", OFFENSE, "--game", "{game}X"), "lists the games of a date; did you mean {game}?"),
        (("waive", "{changed_over}", "--reason", "x"), "did you mean {game}?"),
        (("events", "--game", "{changed_over}"), "is scheduled on {day}; did you mean {game}?"),
        (("metrics", "usage_rat", DAY), "there is no check 'usage_rat'; did you mean usage_rate?"),
        (("metrics", "usage_rate", "max_usage_rat", DAY), "did you mean max_usage_rate?"),
        (("explain", PLAYERS, DAY, "{player}x"), "did you mean {player}?"),
        (("explain", PLAYERS, DAY, "{player}", "usage_rat"), "did you mean usage_rate"),
        (("export", PLAYERS, DAY, "--to", "x.csv", "--columns", "pionts"), "did you mean points"),
        (("explain", PLAYERS, "2026-07-01", "anybody"), "the nearest date with games is {day}"),
        (
            ("diff", PLAYERS, "2026-07-01"),
            "has no publication of 2026-07-01; the nearest date with publications: {day}",
        ),
        (("diff", PLAYERS, "2024-07-01"), "nor of any date in the year before or after; `phase3 backfill START END`"),
        (("history", PLAYERS, "2026-07-01"), "the nearest date with games is {day}"),
        (("ready", "2026-07-01"), "the nearest date with games is {day}"),
        (("audit", "2026-07-01", "--table", OFFENSE), "the nearest date with games is {day}"),
        (("status", "2026-02-04", "2026-02-28"), "from 2026-02-04 to 2026-02-28; the nearest date with games is {day}"),
        (("status", "2024-02-04"), "nor in the year before or after: the schedule is empty there"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(map(str, value[:3])),
)
def test_a_wrong_name_is_answered_with_the_likely_one(published, arguments, words):
    day, away, home = published.game.game_id.split("_")
    known = {
        "game": published.game.game_id,
        "changed_over": f"{day}_{home}_{away}",
        "player": published.table(PLAYERS)[0]["player_lookup"],
        "players": PLAYERS,
        "day": DAY,
    }
    result = phase3(*(str(argument).format(**known) for argument in arguments))
    assert words.format(**known) in result.output and "Traceback" not in result.output


def test_status_without_a_date_is_the_latest_night(published):
    said = phase3("status").output
    assert said.startswith(f"{DAY} is the latest date with games.\n{DAY}  3 games: 3 published")


def test_status_of_a_warehouse_without_a_schedule_says_what_to_do(warehouse):
    result = phase3("status")
    assert result.exit_code == 2 and "phase3 load-raw FOLDER" in result.stderr


def test_status_before_anything_is_set_up_says_what_to_do():
    result = phase3("status")
    assert result.exit_code == 2 and "phase3 init" in result.stderr


def test_a_night_that_is_still_to_come_or_called_off_is_not_the_latest(make_world):
    world = make_world(1)
    row = world.of("nbac_schedule")[0]
    coming, off = today() + timedelta(days=1), DAY + timedelta(days=2)
    for day, game_id, status in ((coming, "0022500998", "7:30 pm ET"), (off, "0022500999", "Postponed")):
        added = {"game_date": day, "game_date_est": None, "game_id": game_id, "game_status": 1}
        world.rows["nbac_schedule"].append({**row, **added, "game_status_text": status})
    world.load("nbac_schedule")
    assert phase3("status").output.startswith(f"{DAY} is the latest date with games.")
    assert f"{DAY}, " in phase3("health").output.splitlines()[0]
    said = phase3("status", DAY + timedelta(days=4)).output
    assert f"the nearest dates with games are {DAY} and {coming}" in said


def offered(words: str, monkeypatch) -> list[str]:
    """What Tab offers after the words, the last of which is incomplete (empty, if they end in a blank)."""
    parts = f"phase3 {words}".split(" ")
    monkeypatch.setenv("COMP_WORDS", " ".join(parts))
    monkeypatch.setenv("COMP_CWORD", str(len(parts) - 1))
    monkeypatch.setenv("_PHASE3_COMPLETE", "bash_complete")
    said = CliRunner().invoke(main, [], prog_name="phase3", complete_var="_PHASE3_COMPLETE").output
    return [line.partition(",")[2] for line in said.splitlines() if line]


def test_tab_offers_tables_dates_and_games(published, monkeypatch):
    assert offered("stat", monkeypatch) == ["status"]
    assert offered("history ", monkeypatch) == list(TABLE_NAMES)
    assert offered("history player_g", monkeypatch) == [PLAYERS]
    assert offered("describe nbac_sch", monkeypatch) == ["nbac_schedule"]
    assert offered("status 2026-", monkeypatch) == [str(DAY)]
    games = [game.game_id for game in published.games]
    assert offered(f"run {DAY} --game ", monkeypatch) == sorted(games)
    assert offered(f"waive {games[0][:10]}", monkeypatch) == [game for game in games if game.startswith(games[0][:10])]


def test_tab_offers_nothing_and_says_nothing_where_no_warehouse_answers(monkeypatch, tmp_path):
    assert offered("status 2026-", monkeypatch) == []
    (tmp_path / "warehouse.duckdb").write_bytes(b"no database" * 1000)
    assert offered("status 2026-", monkeypatch) == []
    monkeypatch.setenv("PHASE3_WAREHOUSE", "bigquery")
    assert offered("run 2026-02-03 --game ", monkeypatch) == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_asks_this_command(shell):
    script = phase3("completion", shell)
    assert script.exit_code == 0 and f"_PHASE3_COMPLETE={shell}_complete" in script.stdout


def test_bash_completes_a_table_by_that_script(tmp_path):
    """In a real bash, with a `phase3` that is found on its path."""
    command = tmp_path / "phase3"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m phase3_assets.cli "$@"\n')
    command.chmod(0o755)
    asked = f"""
PATH={tmp_path}:$PATH; eval "$(phase3 completion bash)"
COMP_WORDS=(phase3 history player_g); COMP_CWORD=2
_phase3_completion phase3; echo "${{COMPREPLY[@]}}" """
    done = subprocess.run(["bash", "-c", asked], capture_output=True, text=True)
    assert done.stdout.strip() == PLAYERS, done.stderr
