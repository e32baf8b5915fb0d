"""Which lines could be broken without a test noticing: one small change at a time, each held against the tests.

What belongs here: making changes (mutants) to the core and to the SQL, running the tests of what was changed, counting.
What doesn't: the tests. `make mutations` runs all of them, which takes hours; PHASE3_TEST_MUTANTS=200 a random sample.

Mutants are made in copies of the project, never in the checkout. The tests of each run in a process forked from one
that has imported the libraries, so that a mutant costs no start of Python.
"""

import ast
import io
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tokenize
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parents[1]
PATIENCE_SECONDS = 600
"""A mutant that makes the tests this slow has been noticed."""
_PYTHON = {
    "==": "!=",
    "!=": "==",
    "<": "<=",
    "<=": "<",
    ">": ">=",
    ">=": ">",
    "and": "or",
    "or": "and",
    "not": "",
    "True": "False",
    "False": "True",
    "+": "-",
    "-": "+",
    "min": "max",
    "max": "min",
    "any": "all",
    "all": "any",
    "is": "is not",
    "in": "not in",
}
_SQL = {
    "=": "<>",
    "<>": "=",
    "<": "<=",
    "<=": "<",
    ">": ">=",
    ">=": ">",
    "AND": "OR",
    "OR": "AND",
    "NOT": "",
    "TRUE": "FALSE",
    "FALSE": "TRUE",
    "+": "-",
    "-": "+",
    "*": "+",
    "MIN": "MAX",
    "MAX": "MIN",
    "LEFT": "INNER",
    "DISTINCT": "",
    "DESC": "",
    "'ERROR'": "'WARN'",
    "IS": "IS NOT",
}
MARKED = "not browser and not daemon and not google_sql and not long and not cloud"
"""Slow tests count as well: what is tried in combinations is nowhere else."""
_FAILED_TEST = re.compile(r"^(?:FAILED|ERROR) (\S+?::.+?)(?: - |$)", re.MULTILINE)
_TOO_SLOW, _NOT_EVEN_LOADED = "waiting", "loading"
_FREE_SQL_TOKEN = re.compile(r"--[^\n]*|'[^']*'|<>|<=|>=|@?[A-Za-z_][\w.]*|\d+(?:\.\d+)?|\S")
_TESTS = (
    ("sql/tables/*/measures/*", ("publishing/test_measure.py", "sql/test_rules.py")),
    ("sql/tables/*/metrics/*", ("publishing/test_measure.py",)),
    ("sql/every_table/metrics/*", ("publishing/test_measure.py",)),
    ("sql/bookkeeping/queries/latest_check_results*", ("publishing/test_measure.py",)),
    ("*/measure.py", ("publishing/test_measure.py",)),
    ("sql/every_table/checks/*", ("publishing/test_check.py", "sql/test_rules.py", "faults/test_order_and_checks.py")),
    ("sql/*/checks/*", ("sql/test_rules.py", "faults/test_bad_input.py", "sql/test_closing_lines.py")),
    (
        "sql/views/closing_lines*",
        (
            "sql/test_closing_lines.py",
            "faults/test_time.py",
            "faults/test_keys.py",
            "stories/test_incident.py",
            "faults/test_fuzzing.py",
        ),
    ),
    (
        "sql/*",
        (
            "sql/test_functions.py",
            "sql/test_player_rows.py",
            "publishing/test_readiness.py",
            "faults/test_bad_input.py",
            "faults/test_keys.py",
            "sql/test_rules.py",
            "faults/test_fuzzing.py",
            "faults/test_time.py",
            "sql/test_closing_lines.py",
            "stories/test_incident.py",
        ),
    ),
    (
        "*/check.py",
        (
            "publishing/test_check.py",
            "defs/test_checks.py",
            "alerting/test_alerts.py",
            "faults/test_order_and_checks.py",
            "faults/test_change.py",
        ),
    ),
    (
        "*/audit.py",
        (
            "sql/test_rules.py",
            "publishing/test_publish.py",
            "faults/test_bad_input.py",
            "publishing/test_check.py",
        ),
    ),
    *(
        (
            f"*/{module}.py",
            (
                "publishing/test_readiness.py",
                "publishing/test_publish.py",
                "cli/test_cli.py",
                "faults/test_order_and_checks.py",
                "faults/test_change.py",
                "faults/test_fuzzing.py",
                "publishing/test_rollback.py",
                "publishing/test_check.py",
                "publishing/test_standing.py",
            ),
        )
        for module in ("survey", "game", "gate", "states")
    ),
    (
        "*",
        (
            "publishing/test_publish.py",
            "sql/test_rules.py",
            "stories/test_incident.py",
            "faults/test_order_and_checks.py",
            "faults/test_change.py",
            "faults/test_writes.py",
            "publishing/test_rollback.py",
            "publishing/test_core_properties.py",
            "stories/test_crash.py",
            "publishing/test_drift.py",
            "publishing/test_check.py",
            "cli/test_cli.py",
            "publishing/test_standing.py",
        ),
    ),
)
"""Which tests are held against which file, those likeliest to notice first; the first pattern that fits counts."""
MUTATED = (
    *(
        f"phase3_assets/publishing/{module}.py"
        for module in (
            "audit",
            "check",
            "decide",
            "game",
            "gate",
            "measure",
            "publish",
            "stage",
            "states",
            "survey",
            "write",
        )
    ),
    "sql/**/*.sql",
)
_LEFT_ALONE = re.compile(
    r"sql/raw/|/table\.sql|/preview\.sql|/daily_statistics\.sql|sql/bookkeeping/(?!queries/(?:latest|active))"
)
"""Declarations, which the contracts' tests hold; texts nobody decides by."""


@dataclass(frozen=True)
class Mutant:
    """One change: characters `start` to `end` of a file become `new`."""

    path: str
    start: int
    end: int
    new: str

    def applied(self, text: str) -> str:
        """The file's text with the change."""
        return text[: self.start] + self.new + text[self.end :]

    def describe(self, text: str) -> str:
        """Where it is, and the line before and after."""
        line = text.count("\n", 0, self.start)
        after = self.applied(text).splitlines()[line].strip()
        return f"{self.path}:{line + 1}: {text.splitlines()[line].strip()}\n    -> {after}"

    @property
    def tests(self) -> list[str]:
        """The files of tests that should notice."""
        names = next(names for pattern, names in _TESTS if fnmatch(self.path, pattern))
        return [f"phase3_assets_tests/{name}" for name in names]


def all_mutants(root: Path) -> list[Mutant]:
    """Every mutant of every file in MUTATED."""
    found = []
    for path in sorted(path for pattern in MUTATED for path in root.glob(pattern)):
        name = path.relative_to(root).as_posix()
        if not _LEFT_ALONE.search(name):
            text = path.read_text()
            changes = _of_python(text) if path.suffix == ".py" else _of_sql(text)
            found += [Mutant(name, *change) for change in changes]
    return found


def _of_python(text: str) -> Iterator[tuple[int, int, str]]:
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    tree = ast.parse(text)
    first = next(n for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)).lineno
    tokens = [token for token in tokenize.generate_tokens(io.StringIO(text).readline) if token.start[0] >= first]
    loops = {
        generator.target.end_lineno * 1000 + generator.target.end_col_offset
        for generator in ast.walk(tree)
        if isinstance(generator, ast.For | ast.comprehension)
    }
    for before, token, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
        is_loop = token.string == "in" and before.end[0] * 1000 + before.end[1] in loops
        is_half = (before.string, token.string) == ("not", "in") or (token.string, after.string) == ("is", "not")
        if token.type in (tokenize.OP, tokenize.NAME) and token.string in _PYTHON and not is_loop and not is_half:
            start = starts[token.start[0] - 1] + token.start[1]
            yield start, start + len(token.string), _PYTHON[token.string]
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr | ast.AugAssign) and not isinstance(node.value, ast.Constant | ast.Yield):
            start, end = (
                starts[row - 1] + column
                for row, column in ((node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0))
            )
            yield start, end, "pass"


def _of_sql(text: str) -> Iterator[tuple[int, int, str]]:
    tokens = [token for token in _FREE_SQL_TOKEN.finditer(text) if not token.group().startswith("--")]
    words = [token.group() for token in tokens]
    for number, (token, word) in enumerate(zip(tokens, words, strict=True)):
        before, after = words[max(number - 1, 0)], words[min(number + 1, len(words) - 1)]
        is_half = (
            (word == "IS" and after == "NOT")
            or (word == "AND" and "BETWEEN" in words[max(number - 2, 0) : number])
            or (word == "*" and before in ("SELECT", "(", ",", "."))
        )
        if word in _SQL and not is_half:
            yield token.start(), token.end(), _SQL[word]
        elif re.fullmatch(r"[1-9]\d*", word):
            yield token.start(), token.end(), str(int(word) + 1)


def warm_copy(tests: list[str], folder: Path) -> Path:
    """A copy of the project in which these tests pass, with what they import compiled, and SQL translated, once.

    Raises RuntimeError with what they say where they don't: then nothing could be learnt.
    """
    copy = folder / "warm"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".git", ".venv*", ".phase3", "__pycache__"))
    cache = str(folder / "cache")  # read before the first test begins, and while one runs
    os.environ.update(PYTHONPATH=str(copy), XDG_CACHE_HOME=cache, PHASE3_TEST_CACHE=cache)
    command = [sys.executable, "-m", "pytest", "-n0", *tests]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"without a mutant:\n{done.stdout[-5000:]}")
    return copy


def _begin(warm: Path) -> None:
    """A worker's own copy, and the libraries imported that every forked process needs."""
    copy = Path(tempfile.mkdtemp(dir=warm.parent)) / "project"
    shutil.copytree(warm, copy)
    os.chdir(copy)
    sys.dont_write_bytecode = True
    sys.path[:] = [str(copy), *(path for path in sys.path if Path(path or ".").resolve() != ROOT)]
    os.environ["PYTHONPATH"] = str(copy)
    for name in ("click.testing", "dagster", "duckdb", "hypothesis", "pandas", "pytest", "sqlglot"):
        __import__(name)


def _first_failure(tests: list[str], said: Path) -> str | None:
    """The first of these tests that fails, in a forked process of its own; None where all pass."""
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        with said.open("wb") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        for name in [name for name in sys.modules if name.partition(".")[0] == "phase3_assets_tests"]:
            del sys.modules[name]
        import pytest  # from the parent: it costs nothing here, and phase3_assets is the copy's

        os._exit(int(pytest.main(["-x", "-n0", "--tb=line", "--no-header", "-m", MARKED, *tests])))
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            failed = _FAILED_TEST.findall(said.read_text(errors="replace"))
            return None if status == 0 else failed[0] if failed else _NOT_EVEN_LOADED
        time.sleep(0.05)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return _TOO_SLOW


def noticed_by(mutant: Mutant) -> str | None:
    """The first test that fails with the change made to this worker's copy; None where the mutant survives."""
    path = Path(mutant.path)
    text, times = path.read_text(), (path.stat().st_atime, path.stat().st_mtime)
    path.write_text(mutant.applied(text))
    try:
        return _first_failure(mutant.tests, Path("..") / "said")
    finally:
        path.write_text(text)
        os.utime(path, times)


def fails_unchanged(test: str) -> bool:
    """Whether a test that noticed a mutant fails without any: then it noticed nothing."""
    return _first_failure([test], Path("..") / "said") is not None


def main() -> None:
    """Run the mutants, print what noticed each, and the counts; exit 1 where some survive."""
    wanted = sys.argv[1:] or ["*"]
    mutants = [mutant for mutant in all_mutants(ROOT) if any(fnmatch(mutant.path, f"*{name}") for name in wanted)]
    chance = random.Random(int(os.environ.get("PHASE3_TEST_SEED", "2026")))
    chosen = chance.sample(mutants, min(len(mutants), int(os.environ.get("PHASE3_TEST_MUTANTS", len(mutants)))))
    print(f"{len(chosen)} of {len(mutants)} mutants", flush=True)
    survivors, noticed = 0, set()
    with tempfile.TemporaryDirectory(prefix="mutants") as folder:
        warm = warm_copy(sorted({mutant.tests[0] for mutant in chosen}), Path(folder))
        with ProcessPoolExecutor(os.cpu_count(), initializer=_begin, initargs=(warm,)) as pool:
            working = {pool.submit(noticed_by, mutant): mutant for mutant in chosen}
            for number, done in enumerate(as_completed(working), start=1):
                mutant, test = working[done], done.result()
                survivors += test is None
                noticed.add(test)
                outcome = f"by {test}:" if test else "SURVIVED"
                print(f"{number}: {outcome} {mutant.describe((ROOT / mutant.path).read_text())}", flush=True)
            tests = sorted(test for test in noticed if test and "::" in test)
            wrong = [test for test, fails in zip(tests, pool.map(fails_unchanged, tests), strict=True) if fails]
    print(f"{len(chosen) - survivors} of {len(chosen)} mutants killed, in {len({m.path for m in chosen})} files")
    if wrong:
        print(f"which does not count, for without any change fail: {', '.join(wrong)}")
    sys.exit(1 if survivors or wrong else 0)


if __name__ == "__main__":
    main()
