"""Where the project uses what Dagster does not promise to keep."""

from pathlib import Path

import phase3_assets

ROOT = Path(phase3_assets.__file__).parent


def test_only_the_instance_and_one_module_of_definitions_know_private_names_of_dagsters():
    """import-linter cannot say this: to it Dagster is one package."""
    using = {path.relative_to(ROOT) for path in ROOT.rglob("*.py") if "dagster._" in path.read_text(encoding="utf-8")}
    outside = {str(path) for path in using if path.parts[0] != "instance"}
    assert outside == {"defs/private.py"}
