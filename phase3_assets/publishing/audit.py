"""All rules of a table over one set of rows, in one query.

What belongs here: putting a table's rules together into a single statement and reading its answer. What doesn't: the
rules (sql/tables/<table>/checks, contracts.generic_rules), what follows from a finding (decide.py).

The same text audits staged rows before anyone can read them and checks published rows; only what the name `audited`
stands for differs. Staged rows are audited as part of the dates they will be in: beside the published rows of all other
games. Where all of them are then published, the audit has judged what readers see.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import cache
from typing import Literal

from phase3_assets.catalog.parameters import date_parameters
from phase3_assets.catalog.queries import parameters_of, prepared
from phase3_assets.catalog.tables import PublishedTable, published_table
from phase3_assets.publishing.vocabulary import Severity
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.interface import Parameters, Query, Row, Session

SAMPLES_PER_RULE = 5
"""Offending rows kept per rule, severity and game; the count says how many there are."""

_ONE_ROW = ("contradictory_rows", "impossible_statistics", "unreadable_minutes", "duplicates", "names")
_FOLLOWS_FROM = {
    "contradictory_rows": ("names",),
    "nulls": ("impossible_statistics", "unreadable_minutes"),
    "box_score_arithmetic": (*_ONE_ROW, "nulls"),
    "does_not_add_up": (*_ONE_ROW, "nulls", "box_score_arithmetic", "scores_exchanged"),
    "usage_rate": (*_ONE_ROW, "nulls", "box_score_arithmetic", "does_not_add_up"),
    "zone_arithmetic": (*_ONE_ROW, "nulls", "box_score_arithmetic", "does_not_add_up"),
}
"""Rule to the rules whose failure explains its own: an unreadable figure, say, is missing from the sums as well."""

_THRESHOLDS_OF = {
    "usage_rate": ("usage_coverage_error",),
    "line_match": ("line_match_minimum", "listed_line_match_minimum"),
    "not_constant": ("not_constant_rows",),
    "games_complete": ("games_complete_hours",),
    "zones_complete": ("zones_complete_minimum",),
    "play_by_play_missing": ("play_by_play_hours",),
}
"""Rule to the one threshold shown beside its findings, though several may apply to it. Where tables have rules of one
name and thresholds of their own, it is the one that the table's rule reads."""


def threshold_of(rule: str, table_name: str | None, thresholds: Thresholds) -> float | None:
    """The threshold shown beside the findings of a table's rule; None where there is none."""
    names = _THRESHOLDS_OF.get(rule, ())
    if len(names) > 1 and table_name:
        read = parameters_of(published_table(table_name).rules[rule])
        names = tuple(name for name in names if name in read)
    return thresholds.parameters()[names[0]] if names else None


@dataclass(frozen=True)
class Finding:
    """One offending row of one rule; `offenders` is how many the rule found in that game at that severity."""

    rule: str
    severity: Severity
    game_date: date
    game_id: str
    subject: str | None
    problem: str
    value: float | None
    offenders: int

    def as_json(self) -> dict[str, object]:
        """The finding for records and events. JSON has no NaN and no infinity: only the problem's text tells those."""
        said = {name: value for name, value in asdict(self).items() if name not in ("game_date", "game_id")}
        return said | ({} if self.value is None or math.isfinite(self.value) else {"value": None})

    @property
    def text(self) -> str:
        """The subject at fault and its problem."""
        return f"{self.subject or '(no key)'}: {self.problem}"

    def __str__(self) -> str:
        return f"{self.rule}: {self.text}"


def find(
    session: Session, table: PublishedTable, staged: str | None, start: date, end: date, thresholds: Thresholds
) -> list[Finding]:
    """Findings of the table's rules about the rows in `staged` (None: the published rows); see query(), findings()."""
    return findings(session.query(*query(table, staged, start, end, thresholds)))


def query(table: PublishedTable, staged: str | None, start: date, end: date, thresholds: Thresholds) -> Query:
    """The query that applies the rules to the dates' rows: those in `staged`, and the published ones of other games.

    Where `staged` is None, these are the published rows, and the rules that only published rows have apply as well. It
    is one query, whatever the range.
    """
    sql = _audit_sql(table.name, "published" if staged is None else "staged")
    relation = staged or table.contract.full_name
    return sql.replace("audited_relation", relation), _parameters(table, start, end, thresholds)


def after_writing_query(table: PublishedTable, start: date, end: date, thresholds: Thresholds) -> Query:
    """The query that applies to the published rows the rules that an audit could not answer for them."""
    sql = _audit_sql(table.name, "after writing")
    return sql.replace("audited_relation", table.contract.full_name), _parameters(table, start, end, thresholds)


def _parameters(table: PublishedTable, start: date, end: date, thresholds: Thresholds) -> Parameters:
    return {
        **date_parameters(start, end),
        **thresholds.parameters(),
        "table_name": table.name,
        "window_start_date": start - timedelta(days=29),
    }


def findings(rows: Iterable[Row]) -> list[Finding]:
    """Findings in the answer to query(), sorted by date and game, errors first, worst value first within a rule."""
    order = ("game_date", "game_id", "severity", "rule")
    ordered = sorted(rows, key=lambda row: (*(str(row[name] or "") for name in order), row["position"]))
    return [
        Finding(**{name: row[name] for name in Finding.__dataclass_fields__} | {"severity": Severity(row["severity"])})
        for row in ordered
    ]


def errors(findings: Iterable[Finding]) -> list[Finding]:
    """The findings that hold a game back."""
    return [finding for finding in findings if finding.severity is Severity.ERROR]


def summary(findings: Sequence[Finding]) -> str:
    """worst_by_rule() in one line."""
    return "; ".join(f"{rule}: {text}" for rule, text in worst_by_rule(findings).items())


def worst_by_rule(findings: Sequence[Finding]) -> dict[str, str]:
    """The worst finding of every failed rule, with how many offenders the rule has.

    One fault gives one reason: a rule is excluded where another failed rule explains its failure (_FOLLOWS_FROM).
    """
    worst: dict[str, Finding] = {}
    failed = {finding.rule for finding in findings}
    for finding in findings:
        if failed.isdisjoint(_FOLLOWS_FROM.get(finding.rule, ())):
            worst.setdefault(finding.rule, finding)
    return {
        rule: finding.text + (f" (and {finding.offenders - 1} more)" if finding.offenders > 1 else "")
        for rule, finding in worst.items()
    }


@cache
def _audit_sql(table_name: str, judged: Literal["staged", "published", "after writing"]) -> str:
    table = PublishedTable(table_name)
    texts = {
        "staged": table.rules,
        "published": table.rules | table.published_rules,
        "after writing": table.rules_after_writing,
    }[judged]
    rules = "\nUNION ALL\n".join(
        f"SELECT '{name}' AS rule, * FROM (\n{sql}\n) AS rule_rows" for name, sql in texts.items()
    )
    contract = table.contract
    of_dates = (
        f"SELECT {contract.audited_columns} FROM {{}} WHERE {contract.partition} BETWEEN @start_date AND @end_date"
    )
    audited = of_dates.format("audited_relation")
    if judged == "staged":
        others = "(game_id IS NULL OR game_id NOT IN (SELECT game_id FROM audited_relation))"
        audited += f"\nUNION ALL\n{of_dates.format(contract.full_name)} AND {others}"
    return prepared(
        f"""WITH audited AS (
{audited}
)
SELECT
  rule, severity, game_date, game_id, subject, problem, value, offenders, position
FROM (
  SELECT
    *,
    COUNT(*) OVER (PARTITION BY rule, severity, game_id) AS offenders,
    ROW_NUMBER() OVER (
      PARTITION BY rule, severity, game_id ORDER BY ABS(value) DESC, value, subject, problem
    ) AS position
  FROM (
{rules}
  ) AS every_rule
) AS counted
WHERE position <= {SAMPLES_PER_RULE}"""
    )
