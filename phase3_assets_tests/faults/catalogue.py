"""docs/failures.md: failure, guard, test; read off the tests themselves, so that it cannot rot.

What belongs here: collecting the numbered tests of this folder and writing the table (`make failures`). What doesn't:
the tests. A test is named test_NN_words; the first sentence of its docstring is the failure, `Guard:` names the files,
and in brackets what in them, that stand against it.
"""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
TARGET = ROOT / "docs" / "failures.md"
BIGQUERY_TESTS = "phase3_assets_tests/bigquery"
FAILURES = 74
NOT_YET = {
    53: ("Pre-game tables read the target date's results (leak).", "no pre-game table is built yet"),
}
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
    """Every numbered test, by number."""
    found = []
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            numbered = isinstance(node, ast.FunctionDef) and re.match(r"test_(\d\d)_", node.name)
            if isinstance(node, ast.FunctionDef) and numbered:
                words, _, guard = (ast.get_docstring(node) or "").partition("Guard:")
                guards = tuple(
                    (match["path"], tuple(re.split(r",\s*", match["names"] or "")) if match["names"] else ())
                    for match in _GUARD.finditer(" ".join(guard.split()))
                )
                test = f"{path.relative_to(ROOT).as_posix()}::{node.name}"
                found.append(Entry(int(numbered[1]), " ".join(words.split()), guards, test))
    return sorted(found, key=lambda entry: entry.number)


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
    rows = {number: (failure, "-", f"does not apply: {why}") for number, (failure, why) in NOT_YET.items()}
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
