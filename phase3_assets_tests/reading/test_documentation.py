"""docs/python.md: every example runs, on a night like the one it tells of."""

import re
from pathlib import Path

from click.testing import CliRunner

from phase3_assets.cli import main
from phase3_assets_tests.support.games import DAY

PAGE = (Path(__file__).parents[2] / "docs" / "python.md").read_text(encoding="utf-8")


def test_every_example_runs(world, monkeypatch, tmp_path):
    assert str(DAY) == "2026-02-03", "the page tells of that date"
    monkeypatch.chdir(tmp_path)
    found: dict[str, object] = {}
    examples = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len(examples) >= 7
    for example in examples:
        exec(compile(example, "docs/python.md", "exec"), found)
    assert found["points"].sum() > 0
    assert set(found["lines"].columns) == {"player_lookup", "points", "points_line", "usage_rate"}
    assert len(found["over"]) > 0
    assert len(found["teams"]) == len(found["best"]) == 6
    assert len(found["then"]) == 0, "nothing was published then"
    assert found["done"].rows == len(found["players"]) and (tmp_path / "night.ndjson").exists()
    assert found["types"]["usage_rate"] == "NUMERIC(6,2)" and "duplicates" in found["errors"]


def test_every_command_runs(world, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    commands = re.findall(r"^\$ phase3 (.*(?:\n {4,}.*)?)$", PAGE, re.MULTILINE)
    assert len(commands) == 3
    for command in commands:
        arguments = re.findall(r'"([^"]*)"|(\S+)', command)
        shown = CliRunner().invoke(main, [quoted or bare for quoted, bare in arguments])
        assert shown.exit_code == 0, shown.output
    assert {path.name for path in tmp_path.glob("*.*")} >= {"february.parquet", "night.csv"}
