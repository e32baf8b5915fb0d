"""An explanation as lines that people read.

What belongs here: the order of what is said, and how values are written. What doesn't: finding it out (explain.py).
"""

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from phase3_assets.explaining.cells import CellExplained
from phase3_assets.explaining.explain import Explanation
from phase3_assets.explaining.numbers import Calculated
from phase3_assets.explaining.records import RawRow
from phase3_assets.settings.calendar import TIMEZONE
from phase3_assets.warehouse.interface import Row

WIDTH = 110
"""Characters of a line, where no terminal says how many it has."""
_NARROWEST = 40
"""Characters beside the indentation that a line has at least."""
_WIDEST = 180
"""Characters of a brief line."""
_MOST_ROWS, _MOST_RAW_ROWS = 15, 12
_EVENTS = 50
"""Of more raw rows than this, such as the events of a game, none says anything by itself."""

_SOURCES = {
    "primary_source_used": "the row's figures come from",
    "quality_tier": "its quality",
    "quality_issues": "its quality issues",
    "team_source": "of what is loaded now, team figures are taken from",
    "player_source": "of what is loaded now, player figures are taken from",
    "left_out": "left out, because nobody says for which team they played",
    "state": "state of the game",
}
"""What each entry of Explanation.sources is called."""


class _Prose(str):
    """A line that is folded where it is longer than the width; tables and brief lines are not."""


def as_lines(found: Explanation, is_brief: bool, width: int = WIDTH) -> Iterator[str]:
    """The explanation as text; `is_brief` gives a line per column. Sentences and formulas are folded to the width."""
    for line in _lines(found, is_brief):
        if not isinstance(line, _Prose):
            yield line
            continue
        indent = " " * (len(line) - len(line.lstrip()) + 2)
        yield from textwrap.wrap(
            line,
            max(width, len(indent) + _NARROWEST),
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )


def _lines(found: Explanation, is_brief: bool) -> Iterator[str]:
    if found.missing is not None:
        yield _prose(f"{found.table} has no row of {found.key} on {found.game_date}: {found.missing}")
        return
    yield f"{found.table}, {found.game_date}, {found.key} ({found.game_id})"
    if is_brief:
        yield from _brief(found)
    for cell in [] if is_brief else found.cells:
        yield ""
        yield from _cell(cell)
    yield ""
    yield from _record(found)


def _brief(found: Explanation) -> Iterator[str]:
    widest = max(len(cell.column) for cell in found.cells)
    widest_value = min(24, max(len(said(cell.value)) for cell in found.cells))
    for cell in found.cells:
        how = _equation(_passed_on(cell.calculated)) if cell.calculated else "added by the publication"
        changed = "" if cell.is_current else f" (what is loaded now gives {said(_value(cell))})"
        line = f"  {cell.column:<{widest}}  {said(cell.value):<{widest_value}}{changed}  {how}"
        yield line if len(line) <= _WIDEST else f"{line[: _WIDEST - 4]} ..."


def _cell(cell: CellExplained) -> Iterator[str]:
    yield f"{cell.column}: {said(cell.value)}"
    yield _prose(cell.description, "  ")
    if cell.calculated is None:
        yield "  Added by the publication; not computed from raw rows."
    else:
        if not cell.is_current:
            yield _prose(f"What is loaded now gives {said(_value(cell))}: inputs or code have changed since.", "  ")
        yield "computed"
        yield from _steps(cell.calculated, "  ", set())
        yield from _listings(cell.calculated)
    if cell.raw:
        yield "raw rows of the date"
    yield from _raw(cell.raw)
    if cell.checks:
        yield "checks that read it"
    for name in dict.fromkeys(row["check_name"] for row in cell.checks):
        yield _prose(_check(name, [row for row in cell.checks if row["check_name"] == name]), "  ")
    if len(cell.versions) > 1:
        yield "what readers saw"
        for version in cell.versions:
            until = f"until {said(version.replaced_at)}" if version.replaced_at else "now"
            yield _prose(
                f"{said(version.value)} from {said(version.published_at)} {until} ({version.publication_id})", "  "
            )
            changed = [f"{name} {said(old)} -> {said(new)}" for name, (old, new) in version.changed_with_it.items()]
            if changed:
                yield _prose(f"changed with it: {', '.join(changed)}", "    ")


def _raw(rows: Sequence[RawRow]) -> Iterator[str]:
    """A line per raw row; where players add up to a team, a line per figure of each source."""
    loads: dict[tuple[str, str], list[RawRow]] = {}
    for row in rows:
        loads.setdefault((row.table, row.about), []).append(row)
    for (table, about), together in loads.items():
        together.sort(key=lambda row: [said(value) for value in row.arrived.values()])
        if len({row.player for row in together}) > 1 and len({_arrived(row) for row in together}) == 1:
            yield _prose(f"{table}, {about}, {len(together)} rows:{_arrived(together[0])}", "  ")
            yield from _added_up(together)
            continue
        if len(together) > _EVENTS and together[0].player is None:
            yield _prose(f"{table}, {about}: {len(together)} rows, which --json lists{_arrived(together[-1])}", "  ")
            continue
        if len(together) > _MOST_RAW_ROWS:
            yield _prose(f"{table}, {about}: {len(together)} rows, of which the latest are (--json lists all)", "  ")
        for row in together[-_MOST_RAW_ROWS:]:
            values = ", ".join(f"{name} {said(value)}" for name, value in row.values.items())
            whose = f"{row.player}, " if len({one.player for one in together}) > 1 else ""
            yield _prose(f"{table}, {about}: {whose}{values}{_arrived(row)}", "  ")


def _arrived(row: RawRow) -> str:
    return f"  ({', '.join(said(value) for value in row.arrived.values())})" if row.arrived else ""


def _added_up(rows: Sequence[RawRow]) -> Iterator[str]:
    for name in rows[0].values:
        told = [row for row in rows if row.values[name] is not None]
        numbers = [row.values[name] for row in told]
        if numbers and all(isinstance(one, (int, float, Decimal)) and not isinstance(one, bool) for one in numbers):
            parts = " + ".join(f"{said(row.values[name])} {row.player}" for row in told if row.values[name])
            yield _prose(f"{name} {said(sum(numbers))}" + (f" = {parts}" if parts else ""), "    ")
        else:
            different = Counter(said(row.values[name]) for row in rows)
            counts = [f"{value} ({number})" for value, number in different.most_common(6)]
            yield _prose(f"{name}: {', '.join(counts)}{', ...' if len(different) > 6 else ''}", "    ")


def _check(name: str, rows: Sequence[Row]) -> str:
    failed = [row for row in rows if not row["passed"]]
    figures = [f"{row['metric']} {said(row['value'])}" + _limit(row["threshold"]) for row in rows]
    verdict = f"failed ({failed[0]['severity']})" if failed else "passed"
    return f"{name}: {verdict}; {', '.join(figures)}"


def _limit(threshold: float | None) -> str:
    return "" if threshold is None else f" (limit {threshold:g})"


def _steps(one: Calculated, indent: str, told: set[str]) -> Iterator[str]:
    made = _passed_on(one)
    yield _prose(f"{one.name} = {said(one.value)}{_how(made)}", indent)
    if made.arithmetic is not None:
        yield _prose(f"= {made.arithmetic}", f"{indent}    ")
    for used in made.functions:
        comment = "" if used.name in told else f": {used.comment}"
        told.add(used.name)
        yield _prose(f"{used.name}{comment}", f"{indent}    ")
        if made.arithmetic is None or used.name != "round_ratio":
            yield _prose(f"= {used.formula}", f"{indent}      ")
    for below in made.inputs:
        # What another published row hands on from a view needs no line of its own.
        if made.row_of is None or _passed_on(below).definition is not None:
            yield from _steps(below, f"{indent}  ", told)


def _how(one: Calculated) -> str:
    """What stands behind a value on its line."""
    if one.listing is None:
        return _equation(one, " ")
    added_up = f" = {one.formula}" if one.formula and len(one.rows) > 1 else ""
    rows = "1 row" if len(one.rows) == 1 else f"{len(one.rows)} rows"
    definition = "" if one.definition == one.name else f" = {one.definition}"
    return f"{added_up}{definition}, of {rows} ({one.listing}, below)"


def _listings(root: Calculated) -> Iterator[str]:
    """Every listing of rows that steps count, as a table; steps that count the same rows share it."""
    listings: dict[str, dict[str, Calculated]] = {}
    pending = [root]
    while pending:
        one = pending.pop(0)
        if one.listing is not None and one.rows:
            listings.setdefault(one.listing, {})[one.name] = one
        pending += one.inputs
    for name, steps in listings.items():
        yield f"counted rows: {name}"
        yield from _table(list(steps.values()))


def _table(steps: Sequence[Calculated]) -> Iterator[str]:
    """The rows of steps that count the same listing: a line per row, latest first, and what comes out below."""
    by_row: dict[tuple[Any, ...], dict[str, str]] = {}
    for one in steps:
        met: Counter[tuple[Any, ...]] = Counter()
        for row in one.rows:
            key = tuple(row[name] for name in one.told_by)
            met[key] += 1
            cells = by_row.setdefault((*key, met[key]), {})
            cells |= {name: said(value) for name, value in row.items()}
    headers = list(dict.fromkeys(name for cells in by_row.values() for name in cells))
    rows = [[cells.get(name, "") for name in headers] for cells in list(by_row.values())[::-1]]
    widths = [max(map(len, column)) for column in zip(headers, *rows, strict=True)]
    for line in [headers, *rows[:_MOST_ROWS]]:
        yield "  " + "  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip()
    if len(rows) > _MOST_ROWS:
        yield f"  and {len(rows) - _MOST_ROWS} more rows; --json lists them"


def _equation(one: Calculated, before: str = "") -> str:
    if one.definition is None:
        whose = f", {one.row_of}'s row" if one.row_of is not None else ""
        return f"{before}from {one.relation}{whose}"
    return f"{before}= {one.formula or one.definition}"


def _passed_on(one: Calculated) -> Calculated:
    """The input whose value it is, where nothing is computed."""
    while one.is_passed_on:
        (one,) = one.inputs
    return one


def _record(found: Explanation) -> Iterator[str]:
    published = found.publication
    yield _prose(
        f"published {said(published['published_at'])} as {published['publication_id']}"
        + (f", run {published['run_id']}" if published.get("run_id") else "")
        + f", code {published['code_version'][:12]}"
        + ("" if published["is_current_code"] else ", which has changed since: `phase3 plan` says what is due")
    )
    if published.get("reason"):
        yield _prose(f"latest decision: {published['outcome']}: {published['reason']}")
    for name, value in found.sources.items():
        yield _prose(f"{_SOURCES[name]}: {said(value)}")
        if name == "quality_issues":
            for word, meaning in found.issues.items():
                yield _prose(f"{word}: {meaning}", "  ")
    yield f"held against {found.rules} rules: " + ("none is broken" if not found.findings else "")
    for finding in found.findings:
        yield _prose(finding, "  ")


def _value(cell: CellExplained) -> Any:
    return cell.calculated.value if cell.calculated else None


def said(value: Any) -> str:
    """A value as people read it; moments in Eastern time."""
    if value is None:
        return "NULL"
    if isinstance(value, datetime):
        return f"{value.astimezone(ZoneInfo(TIMEZONE)):%Y-%m-%d %H:%M:%S %Z}"
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(said, value)) or "none"
    return str(value)


def _prose(text: str, indent: str = "") -> _Prose:
    return _Prose(indent + text)
