"""docs/failures.md: failure, guard, test; read off the tests themselves, so that it cannot rot.

What belongs here: collecting the numbered tests of this folder, naming those that lie elsewhere, and writing the table
(`make failures`). What doesn't: the tests. A test is named test_NN_words; the first sentence of its docstring is the
failure, `Guard:` names the files, and in brackets what in them, that stand against it.
"""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
TARGET = ROOT / "docs" / "failures.md"
BIGQUERY_TESTS = "phase3_assets_tests/bigquery"
FAILURES = 91
UPCOMING, UPCOMING_PLAYERS = "sql/tables/upcoming_team_game_context", "sql/tables/upcoming_player_game_context"
ELSEWHERE = {
    53: (
        "Pre-game tables read the target date's results (leak).",
        "phase3_assets/publishing/leak_test.py (leak_test)",
        "publishing/test_leak_test.py::test_the_tables_have_no_leak_and_every_row_is_compared",
    ),
    75: (
        "The players of a pre-game row were taken from the game's own gamebook.",
        f"{UPCOMING_PLAYERS}/select.sql (listed)",
        "publishing/test_leak_test.py::test_players_listed_because_of_tonights_gamebook_are_found",
    ),
    76: (
        "Lines that came after the row was made never reached it.",
        "phase3_assets/publishing/look_back.py (LookBack)",
        "sql/test_upcoming_player_scenes.py::test_a_line_that_moves_makes_both_tables_new_in_one_run",
    ),
    77: (
        "Rows without minutes halved the averages of stars.",
        f"{UPCOMING_PLAYERS}/checks/dnp_pollution.sql",
        "sql/test_upcoming_player_scenes.py::test_games_not_played_change_no_figure",
    ),
    78: (
        "A completeness flag blocked most players for gaps that were not theirs.",
        f"{UPCOMING}/select.sql (completeness)",
        "publishing/test_pre_game.py::test_a_missing_game_is_named_and_holds_nothing_up",
    ),
    79: (
        "Windows of days over a break without games blocked nearly everybody.",
        f"{UPCOMING_PLAYERS}/select.sql (games_in_last_7_days)",
        "sql/test_upcoming_player_scenes.py::test_nothing_is_known_of_somebody_without_games_and_counts_are_zero",
    ),
    80: (
        "A spread was the median of both sides, 0 for a season; then both teams had one sign.",
        f"{UPCOMING}/checks/symmetry.sql",
        "sql/test_upcoming_player_scenes.py::test_the_spread_is_the_home_teams_for_both_teams",
    ),
    81: (
        "Odds taken during the game counted as lines before it.",
        "sql/views/game_lines.sql (known_until), sql/views/closing_lines.sql",
        "sql/test_upcoming_player_scenes.py::test_a_line_taken_during_the_game_is_not_todays",
    ),
    82: (
        "Distances were read from a table that was not there, and became 0 miles for years.",
        "sql/views/venues.sql, sql/every_table/checks/not_constant.sql",
        "sql/test_venues.py::test_a_trip_by_hand",
    ),
    83: (
        "Stars who were out for more than ten days were forgotten.",
        f"{UPCOMING_PLAYERS}/select.sql (listed)",
        "sql/test_upcoming_player_scenes.py::test_a_star_injured_for_months_is_listed_once_a_book_has_a_line",
    ),
    84: (
        "A player upgraded from out stayed out: rows were filtered before the latest was taken.",
        "sql/views/injury_reports.sql (QUALIFY)",
        "sql/test_injury_reports.py::test_the_report_is",
    ),
    85: (
        "A source's own key of a player was damaged and joined to nobody.",
        "sql/functions/reported_name.sql, sql/functions/player_lookup.sql",
        "sql/test_injury_reports.py::test_the_report_is",
    ),
    86: (
        "A league id that was used again hid a game, or moved an old row to the new date.",
        "sql/views/season_games.sql (nba_game_id)",
        "publishing/test_readiness.py::test_a_second_game_under_the_league_id_of_another_is_told_until_it_has_its_own",
    ),
    87: (
        "Shot zones of one night came from two sources at once.",
        "sql/views/game_events.sql",
        "sql/test_play_by_play.py::test_events_of_the_second_source_are_left_out_where_the_first_has_the_game",
    ),
    88: (
        "Play-by-play was empty on many dates, unnoticed.",
        "sql/tables/player_game_summary/checks/play_by_play_missing.sql",
        "sql/test_rules.py::test_the_rule_catches",
    ),
    89: (
        "A stored counter said that a date was done over empty tables.",
        "phase3_assets/publishing/completion.py (follow), sql/completion/select.sql",
        "publishing/test_completion.py::test_deleted_rows_are_missed_before_anybody_verifies",
    ),
    90: (
        "Coverage was the ratio of two counts that were never joined.",
        "examples/downstream/grading.py",
        "downstream/test_example.py::test_keys_are_counted_and_not_messages",
    ),
    91: (
        "A column renamed upstream became a default value for half of all rows.",
        "phase3_assets/loading/files.py",
        "loading/test_files.py::test_load_raw_with_a_column_missing_is_one_unless_allowed",
    ),
}
"""Failures of tables that are made before a game, from play-by-play, or for others: what failed, the guards, and the
test, in the room of what it tests.
"""
ON_BIGQUERY = {
    43: ("test_writing.py::test_stopped_after_any_statement_of_a_correction_the_next_run_converges",),
    44: (
        "test_dropped_connections.py::test_cut_at_every_request_a_publication_leaves_each_table_old_or_new_and_the_next_converges",
    ),
    45: ("test_writing.py::test_two_writers_end_as_one_after_the_other",),
    47: ("test_requests.py::test_a_publication_is_one_writing_job_a_table_and_its_labels_name_run_and_table",),
    48: ("test_refusals.py::test_every_statement_that_is_sent_says_which_partitions_it_wants",),
    49: (
        "test_requests.py::test_a_lost_answer_does_not_write_twice",
        "test_requests.py::test_a_passing_refusal_is_tried_again_under_the_same_id_and_reported",
    ),
    60: ("test_requests.py::test_a_value_travels_as_a_parameter_and_comes_back_as_it_was",),
}
"""Failures that BigQuery has in a way of its own, and the tests in phase3_assets_tests/bigquery that inject these."""
_GUARD = re.compile(r"(?P<path>[\w./]+\.(?:py|sql))(?: \((?P<names>[^)]+)\))?")


@dataclass(frozen=True)
class Entry:
    """One failure of the catalogue and the test that injects it."""

    number: int
    failure: str
    guards: tuple[tuple[str, tuple[str, ...]], ...]
    """Path of a guarding file, and the names in it."""
    test: str
    """`module.py::test`, from the root."""


def entries() -> list[Entry]:
    """Every failure that has a test, by number."""
    found = []
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            numbered = isinstance(node, ast.FunctionDef) and re.match(r"test_(\d\d)_", node.name)
            if isinstance(node, ast.FunctionDef) and numbered:
                words, _, guard = (ast.get_docstring(node) or "").partition("Guard:")
                test = f"{path.relative_to(ROOT).as_posix()}::{node.name}"
                found.append(Entry(int(numbered[1]), " ".join(words.split()), _guards(guard), test))
    for number, (failure, guard, test) in ELSEWHERE.items():
        found.append(Entry(number, failure, _guards(guard), f"phase3_assets_tests/{test}"))
    return sorted(found, key=lambda entry: entry.number)


def _guards(text: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The files, and the names in brackets behind each."""
    return tuple(
        (match["path"], tuple(re.split(r",\s*", match["names"])) if match["names"] else ())
        for match in _GUARD.finditer(" ".join(text.split()))
    )


def text() -> str:
    """The page."""
    lines = [
        "# Known failures, their guards, their tests",
        "",
        "Written by `make failures` from the tests in `phase3_assets_tests/faults`; do not edit.",
        "Each test injects its failure into a real warehouse while a reader looks on, who may see only true rows;",
        "then it removes the cause and everything is well.",
        "",
        "| # | failure | guard | test |",
        "|---|---|---|---|",
    ]
    rows = {}
    for entry in entries():
        guards = ", ".join(
            f"[{path}](../{path})" + (f" ({', '.join(f'`{name}`' for name in names)})" if names else "")
            for path, names in entry.guards
        )
        tests = (entry.test, *(f"{BIGQUERY_TESTS}/{test}" for test in ON_BIGQUERY.get(entry.number, ())))
        links = [f"[{name}](../{path})" for path, name in (test.split("::") for test in tests)]
        rows[entry.number] = (entry.failure, guards, "; on BigQuery ".join(links))
    lines += [f"| {number} | {' | '.join(cells)} |" for number, cells in sorted(rows.items())]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(text(), encoding="utf-8")
