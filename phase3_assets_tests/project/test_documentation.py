"""README.md and docs/: links lead somewhere, and commands, variables and targets are those that there are.

What belongs here: what a machine can hold of the pages. What doesn't: pages that are written from the tests
(test_reasons.py, faults/), SQL on them (bigquery/test_documentation.py).
"""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from phase3_assets.cli import main
from phase3_assets.settings.operation import Operation
from phase3_assets.settings.pacing import Pacing
from phase3_assets.settings.retention import Retention
from phase3_assets.settings.thresholds import Thresholds

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "sql" / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXTS = {page: page.read_text(encoding="utf-8") for page in PAGES}
_FENCED = re.compile(r"^ *```.*?^ *```", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def anchors(page: Path) -> set[str]:
    """What a link to one of the page's headings may say after its `#`."""
    headings = re.findall(r"^#+ (.*)$", _FENCED.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page):
    links = [link for link in _LINK.findall(_FENCED.sub("", TEXTS[page])) if not link.startswith("http")]
    for link in links:
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_every_page_can_be_found_from_the_front_page():
    linked = {(ROOT / link.partition("#")[0]).resolve() for link in _LINK.findall(TEXTS[ROOT / "README.md"])}
    assert set(PAGES) - {ROOT / "README.md"} <= linked


def test_the_page_of_commands_has_every_command_and_option():
    page = TEXTS[ROOT / "docs" / "commands.md"]
    assert set(re.findall(r"^\| `phase3 ([a-z-]+)", page, re.MULTILINE)) == set(main.commands)
    options = {o for command in main.commands.values() for parameter in command.params for o in parameter.opts}
    assert set(re.findall(r"--[a-z][a-z-]*", page)) - {"--help"} <= options


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands_that_a_page_tells_people_to_run_exist(page):
    told = set(re.findall(r"(?:`|^\$ |&& )phase3 ([a-z-]+)", TEXTS[page], re.MULTILINE))
    assert told <= set(main.commands)


def test_variables_are_those_that_the_code_reads():
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "phase3_assets").glob("**/*.py"))
    literal = set(re.findall(r"\"(PHASE3_[A-Z0-9_]+[A-Z0-9])\"", code))
    numbers = {
        f"PHASE3_{field.name.upper()}" for of in (Operation, Pacing, Retention, Thresholds) for field in fields(of)
    }
    deployed = {
        name
        for file in ("Caddyfile", "compose.yaml", "workspace.yaml", "dagster.yaml")
        for name in re.findall(r"PHASE3_[A-Z0-9_]+[A-Z0-9]", (ROOT / "deploy" / file).read_text(encoding="utf-8"))
    }
    told = {name for text in TEXTS.values() for name in re.findall(r"`?(PHASE3_[A-Z0-9_]+[A-Z0-9])", text)}
    assert {name for name in told if not name.startswith("PHASE3_TEST_")} <= literal | numbers | deployed
    settings, bigquery = TEXTS[ROOT / "docs" / "settings.md"], TEXTS[ROOT / "docs" / "bigquery.md"]
    pages = {name: bigquery if name.startswith("PHASE3_BIGQUERY_") else settings for name in literal}
    assert {name for name, page in pages.items() if name not in page} == set()


def test_targets_are_those_of_the_makefile():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split())
    pages = "\n".join(TEXTS.values())
    told = set(re.findall(r"(?:`|^\$ )make\s+([a-z][a-z-]*)", pages, re.MULTILINE))
    assert told <= targets
    page = TEXTS[ROOT / "docs" / "development.md"]
    assert {target for target in targets if f"`make {target}`" not in page} == set()
