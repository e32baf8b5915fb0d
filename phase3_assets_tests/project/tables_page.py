"""docs/tables.md: what every published table promises, written from the contracts (`make tables`).

What belongs here: the page. What doesn't: what is said of a table (phase3_assets/reading/describe.py).
"""

from pathlib import Path

from phase3_assets.reading.describe import Description, describe, facts

TARGET = Path(__file__).parents[2] / "docs" / "tables.md"
_HEAD = """# Published tables

What every published table promises. This page is written from the contracts by `make tables`. `phase3 describe TABLE`
says the same in a console, and `phase3 describe TABLE --json` to a program; both know the raw tables and the tables of
decisions too. A quality issue is a word in the column `quality_issues` of a row. Some name details behind an equals
sign: `missing_games=20260203_PHX_POR`.

How to read the tables from Python: [python.md](python.md). What kinds of tables there are, and how to add one:
[table-kinds.md](table-kinds.md).
"""


def text() -> str:
    """The page."""
    tables = [one for one in describe() if one["kind"] == "published"]
    lines = [_HEAD, "| table | rows |", "|---|---|"]
    lines += [f"| [`{one['name']}`](#{one['name']}) | {_cell(one['description'])} |" for one in tables]
    for one in tables:
        lines += ["", *_section(one)]
    return "\n".join(lines) + "\n"


def _section(one: Description) -> list[str]:
    lines = [f"## {one['name']}", "", f"`{one['dataset']}.{one['name']}`: {one['description']}", ""]
    lines += ["| | |", "|---|---|"]
    lines += [f"| {label} | {_cell(value)} |" for label, value in facts(one).items()]
    lines += ["", "| column | type | meaning |", "|---|---|---|"]
    for column in one["columns"]:
        kind = column["type"] + (", never missing" if column["required"] else "")
        lines.append(f"| `{column['name']}` | {_cell(kind)} | {_cell(column['description'])} |")
    lines += ["", "| quality issue | meaning |", "|---|---|"]
    lines += [f"| `{issue['name']}` | {_cell(issue['meaning'])} |" for issue in one["quality_issues"]]
    lines += ["", "| check | a finding is | what it demands |", "|---|---|---|"]
    for check in one["checks"]:
        lines.append(f"| `{check['name']}` | {check['severity']} | {_cell(check['description'])} |")
    return lines


def _cell(value: str) -> str:
    return value.replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
