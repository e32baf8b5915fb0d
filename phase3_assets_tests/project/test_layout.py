"""How the tests themselves are laid out: what keeps a room readable on its own."""

import ast
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parents[1]


def imports(module: Path) -> Iterator[str]:
    """The dotted name of everything that a module imports."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{name.name}" for name in node.names)


def test_no_test_module_is_imported_by_another():
    """What two of them need lies in support/, or beside them in a module without tests."""
    modules = sorted(TESTS.glob("**/*.py"))
    assert len(modules) > 100
    offenders = [
        (module.relative_to(TESTS).as_posix(), name)
        for module in modules
        for name in imports(module)
        if name.startswith("phase3_assets_tests.") and any(part.startswith("test_") for part in name.split("."))
    ]
    assert offenders == []
