"""Where the project uses what Dagster does not promise to keep, and that docs/development.md lists all of it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import phase3_assets
from phase3_assets.instance import event_storage, postgres_storage, run_launcher

ROOT = Path(phase3_assets.__file__).parent
PROJECT = ROOT.parent
_LIST = re.compile(r"^\| `(dagster\._[\w.]+)` ?([^|]*)\|", re.MULTILINE)
_METHODS = re.compile(r"^\| `(\w+)` \| ([^|]*)\|", re.MULTILINE)


def listed() -> set[str]:
    """Every private name that the page lists; a module that it names alone stands for itself."""
    page = (PROJECT / "docs" / "development.md").read_text(encoding="utf-8")
    found = set()
    for module, names in _LIST.findall(page):
        found |= {f"{module}.{name}" for name in re.findall(r"`(\w+)`", names)} or {module}
    return found


def imported(source: str) -> Iterator[str]:
    """Every private name of Dagster's that a module imports or writes as text."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and re.match(r"dagster\._", node.module or ""):
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "dagster":
            yield from (f"dagster.{name.name}" for name in node.names if name.name.startswith("_"))
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name.startswith("dagster._"))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from re.findall(r"^dagster\._[\w.]+$", node.value)


def test_only_the_instance_and_one_module_of_definitions_know_private_names_of_dagsters():
    """import-linter cannot say this: to it Dagster is one package."""
    using = {path.relative_to(ROOT) for path in ROOT.rglob("*.py") if "dagster._" in path.read_text(encoding="utf-8")}
    outside = {str(path) for path in using if path.parts[0] != "instance"}
    assert outside == {"defs/private.py"}


def test_every_private_name_is_on_the_list_and_no_other():
    modules = [path for room in (ROOT, PROJECT / "examples", PROJECT / "benchmarks") for path in room.rglob("*.py")]
    used = {name for path in modules for name in imported(path.read_text(encoding="utf-8"))}
    assert used == listed()


def test_a_name_that_is_not_on_the_list_is_found():
    added = "import dagster._check\nfrom dagster._utils import file_relative_path\nfrom dagster import _seven\n"
    named = 'MODULE = "dagster._core.test_utils"\nTEXT = "a sentence about dagster._utils in words"\n'
    assert set(imported(added + named)) - listed() == {
        "dagster._check",
        "dagster._utils.file_relative_path",
        "dagster._seven",
        "dagster._core.test_utils",
    }


def test_every_method_that_is_overridden_or_called_is_on_the_list():
    page = (PROJECT / "docs" / "development.md").read_text(encoding="utf-8")
    told = {name: set(re.findall(r"`(\w+)`", methods)) for name, methods in _METHODS.findall(page)}
    assert told["SqliteEventLogStorage"] == {*event_storage._RELIED_ON, *event_storage._STATE}
    assert told["PostgresEventLogStorage"] == set(postgres_storage._RELIED_ON)
    assert told["DefaultRunLauncher"] == set(run_launcher._CALLED_BY_DAGSTER)


def test_tests_that_the_list_names_are_there():
    page = (PROJECT / "docs" / "development.md").read_text(encoding="utf-8")
    for test in set(re.findall(r"`(\w+/test_\w+\.py)`", page)):
        assert (PROJECT / "phase3_assets_tests" / test).is_file(), test
