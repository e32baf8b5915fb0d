"""What people see on a terminal, and what programs get from a pipe: tables, colour, width, progress."""

import io
import json
import re
import sys
import time

import pytest

from phase3_assets.catalog.table_names import TABLE_NAMES
from phase3_assets.cli import progress as progress_module
from phase3_assets.cli.output import Column, complain, say, show_json, show_table
from phase3_assets.cli.progress import progress
from phase3_assets_tests.support.commands import phase3
from phase3_assets_tests.support.files import schedule_rows, write
from phase3_assets_tests.support.games import DAY, PLAYERS
from phase3_assets_tests.support.terminal import in_terminal, on_terminal

LONG = "one of the reasons why a game waits, in more words than a narrow terminal has room for"
ROWS = [
    ("waiting", "20260203_PHX_POR", "upcoming_team_game_context", LONG),
    ("published", "20260203_LAL_BKN", "", ""),
]
COLUMNS = [Column("state", 11, is_state=True), Column("game"), Column("table"), Column("reason")]


def shown(width: int, **variables: str):
    return in_terminal(lambda: show_table(COLUMNS, ROWS), width, **variables)


@pytest.mark.parametrize("width", [24, 50, 80, 100, 200])
def test_a_table_fits_the_terminal_and_loses_nothing(width):
    table = shown(width)
    assert max(map(len, table.lines)) <= width
    letters = re.sub(r"[\s─]", "", table.text)
    for cell in ("waiting", "20260203_PHX_POR", "published", "20260203_LAL_BKN"):
        assert cell in letters
    words = set(re.findall(r"\w+", table.text))
    assert {"more", "narrow", "terminal"} <= words, "a text is folded between words"


def test_a_wide_terminal_shows_a_row_in_a_line_below_the_headings():
    heading, rule, waiting, published = shown(200).lines
    assert heading.split() == ["state", "game", "table", "reason"] and set(rule) == {"─", " "}
    assert waiting.split("  ")[-1] == LONG and published.split() == ["published", "20260203_LAL_BKN"]
    assert waiting.index("20260203") == published.index("20260203") == heading.index("game")


def test_a_narrow_one_folds_names_after_an_underscore_and_then_shows_blocks():
    table = shown(72).text
    assert "20260203_PHX_POR" in table
    assert re.search(r"upcoming_team_game_ .*\n.* context ", table)
    block = shown(40).lines
    assert "state   waiting" in block and "game    20260203_PHX_POR" in block
    assert "table   upcoming_team_game_context" in block


def test_states_have_colours_on_a_terminal_only_and_never_with_no_color():
    assert "\x1b[33mwaiting" in shown(200).raw and "\x1b[32mpublished" in shown(200).raw
    for quiet in (shown(200, NO_COLOR="1"), shown(200, TERM="dumb")):
        assert not quiet.has_colour
    assert shown(200, NO_COLOR="").has_colour, "an empty variable is none (no-color.org)"
    assert shown(200, NO_COLOR="1").text == shown(200).text


def test_a_pipe_gets_a_line_a_row_whatever_its_length(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "20")
    monkeypatch.setenv("FORCE_COLOR", "1")
    show_table(COLUMNS, ROWS)
    assert capsys.readouterr().out.splitlines() == [
        f"waiting      20260203_PHX_POR  upcoming_team_game_context  {LONG}",
        "published    20260203_LAL_BKN",
    ]


def test_a_terminal_obeys_nothing_that_a_value_says():
    said = in_terminal(lambda: show_table(COLUMNS, [("live", "x\x1b[2J\x07", "[red]", "é 東京")])).text
    assert "x\\x1b[2J\\x07" in said and "[red]" in said and "é 東京" in said
    for speak in (say, complain):
        assert "x\\x1b[2J" in in_terminal(lambda speak=speak: speak("x\x1b[2J")).raw


def test_an_error_is_red_on_a_terminal_and_plain_elsewhere():
    assert "\x1b[31m" in on_terminal("status", "yesterday").raw
    quiet = on_terminal("status", "yesterday", NO_COLOR="1")
    assert quiet.raw == "phase3: 'yesterday' is not a date; write it as 2026-02-03\r\n" and quiet.exit_code == 2


def test_status_has_a_column_per_table_where_there_is_room(published):
    wide = on_terminal("status", DAY, width=200)
    row = next(line for line in wide.lines if line.startswith(published.game.game_id))
    assert len(row.split()) == 2 + len(TABLE_NAMES)
    narrow = on_terminal("status", DAY, width=80)
    assert f"{DAY}  3 games: 3 published" in narrow.text and max(map(len, narrow.lines)) <= 80
    assert all(name in narrow.text for name in TABLE_NAMES)


def test_a_query_on_a_terminal_shows_the_first_hundred_rows_and_whole_values(published):
    many = on_terminal("query", "SELECT n, REPEAT('x', 90) AS text FROM UNNEST(GENERATE_ARRAY(1, 250)) AS n")
    assert "250 rows; the first 100 are shown" in many.text and "  101" not in many.text
    assert re.sub(r"\s", "", many.text).count("x" * 90) == 100, "a long value is folded, not cut off"
    row = on_terminal("query", f"SELECT * FROM nba_analytics.{PLAYERS} LIMIT 1")
    assert "player_full_name" in row.lines[1] and "1 row" in row.text, "as a block: no terminal has room for a line"


def busy(total: int = 3):
    with progress("looking", "files", total) as bar:
        for number in range(total):
            bar.at(number, total, f"file {number}")
            time.sleep(0.15)
            bar.say(f"loaded {number}")


def test_a_bar_says_how_far_it_is_and_goes_away(monkeypatch):
    monkeypatch.setattr(progress_module, "PATIENCE", 0.0)
    bar = in_terminal(busy)
    for number in range(3):
        assert f"{number} of 3 files" in bar.text and f"file {number}" in bar.text
    assert bar.screen == [f"loaded {number}" for number in range(3)], "nothing of the bar stays"
    assert not in_terminal(busy, NO_COLOR="1").has_colour
    narrow = in_terminal(busy, width=44)
    assert "0 of 3 files 0:00:00" in narrow.text and narrow.screen == bar.screen, "it has no room to say what it does"


def test_no_bar_is_shown_before_two_seconds_nor_in_a_pipe(monkeypatch, capfd):
    assert progress_module.PATIENCE == 2.0
    assert in_terminal(busy).raw == "".join(f"loaded {number}\r\n" for number in range(3))
    monkeypatch.setattr(progress_module, "PATIENCE", 0.0)
    assert "of 3" not in in_terminal(busy, TERM="dumb").raw
    busy()
    out, err = capfd.readouterr()
    assert out == "loaded 0\nloaded 1\nloaded 2\n" and err == ""


def test_a_bar_of_work_that_fails_goes_away_too(monkeypatch):
    monkeypatch.setattr(progress_module, "PATIENCE", 0.0)

    def fails():
        with pytest.raises(ZeroDivisionError), progress("dividing", "numbers", 2):
            time.sleep(0.1)
            sys.exit(1 // 0)

    raw = in_terminal(fails).raw
    assert "dividing" in raw and raw.endswith("\x1b[?25h\r\x1b[1A\x1b[2K"), "and the cursor is there again"


def test_loading_shows_which_file_of_how_many_is_read(warehouse, tmp_path, monkeypatch):
    monkeypatch.setattr(progress_module, "PATIENCE", 0.0)
    write(tmp_path / "files", schedule_rows(2), ".csv")
    loading = on_terminal("load-raw", tmp_path / "files", width=120)
    assert loading.exit_code == 0
    assert "0 of 1 files" in loading.text and "nbac_schedule.csv" in loading.text
    assert loading.screen[0].startswith("nbac_schedule: ") and "1 dates" in loading.screen[0]


@pytest.mark.slow
@pytest.mark.long
def test_publishing_shows_how_many_tables_are_done_and_json_stays_json(published, monkeypatch):
    monkeypatch.setattr(progress_module, "PATIENCE", 0.0)
    publishing = on_terminal("run", DAY, "--table", PLAYERS, "--json", is_stdout=False, width=120)
    assert publishing.exit_code == 0
    assert "0 of 1 tables" in publishing.text and PLAYERS in publishing.text and "{" not in publishing.text


def test_json_is_valid_in_any_encoding(monkeypatch):
    for encoding in ("utf-8", "latin-1", "ascii"):
        console = io.TextIOWrapper(io.BytesIO(), encoding, errors="backslashreplace")
        monkeypatch.setattr(sys, "stdout", console)
        show_json({"name": "Dončić é 🏀"})
        console.flush()
        assert json.loads(console.buffer.getvalue().decode(encoding)) == {"name": "Dončić é 🏀"}


def test_the_same_command_in_a_pipe_is_plain(published):
    said = phase3("status", DAY).output
    assert f"  {published.game.game_id}  published    " in said and "\x1b" not in said and "─" not in said
