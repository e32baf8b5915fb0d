"""What every check measured, pass or fail: the figures beside its verdict, kept in nba_phase3.check_results.

What belongs here: asking for the figures, comparing them with those that are kept, keeping what is new. What doesn't:
the figures themselves (sql/tables/<table>/metrics, one file a check, in the numbers that its rule judges by), verdicts
(check.py).

A figure is recorded once, and again when the figure, its threshold or its check's verdict changes: the latest row is
valid. A date without games has no figures. A figure that can no longer be measured is recorded as NULL.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from phase3_assets.catalog.contracts import PRE_GAME
from phase3_assets.catalog.parameters import date_parameters
from phase3_assets.catalog.queries import prepared, sql_text
from phase3_assets.catalog.tables import PublishedTable, bookkeeping_contracts
from phase3_assets.clock import later, utc_now
from phase3_assets.errors import ConfigurationError
from phase3_assets.publishing.game import Game
from phase3_assets.publishing.vocabulary import NOT_FINAL, SourceState
from phase3_assets.settings.calendar import TIMEZONE
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.interface import Query, Row, Session, Warehouse
from phase3_assets.warehouse.schema import check_schema

OFFENDING_ROWS = "offending_rows"
"""The figure that every check measures: how many rows break its rule."""
_FINAL_GAMES, _PUBLISHED_GAMES = "final_games", "published_games"
_NAMES = re.compile(r"'(\w+)' AS metric")
_ROWS_AT_ONCE = 15_000
"""Rows written in one unit: more than a season's figures, 4 MB. A unit's rows travel in one request, beside other
records. The rest follows in further units.
"""


@dataclass(frozen=True)
class Metric:
    """One figure of one check and date."""

    name: str
    value: float | None
    """None where there is nothing to measure."""
    threshold: float | None
    """The limit that the check compares the figure with; None where the figure is only reported."""


Metrics = dict[tuple[str, date], list[Metric]]
"""By check and date."""


def metric_names(table: PublishedTable, checks: Iterable[str], games_complete: str) -> dict[str, tuple[str, ...]]:
    """Each check of the table to the names of the figures it measures."""
    own = {check: tuple(dict.fromkeys(_NAMES.findall(text))) for check, text in table.metrics.items()}
    own[games_complete] = (_FINAL_GAMES, _PUBLISHED_GAMES)
    return {check: (OFFENDING_ROWS, *own.get(check, ())) for check in checks}


def metrics_query(table: PublishedTable, start: date, end: date, thresholds: Thresholds) -> Query:
    """The query for the figures of all checks on the table's published rows: a row per date, check and metric."""
    return _metrics_sql(table), {**date_parameters(start, end), **thresholds.parameters()}


def kept_query(start: date, end: date, table: str = "", check: str = "", metric: str = "") -> Query:
    """The query for the latest figures kept; only those of one table, check or metric where it is named."""
    named = {"table_name": table, "check_name": check, "metric": metric}
    return sql_text("bookkeeping/queries/latest_check_results"), {"start_date": start, "end_date": end, **named}


def metrics(rows: Iterable[Row]) -> Metrics:
    """Figures in the answer to metrics_query()."""
    found: Metrics = {}
    for row in rows:
        metric = Metric(row["metric"], _finite(row["value"]), _finite(row["threshold"]))
        found.setdefault((row["check_name"], row["game_date"]), []).append(metric)
    return found


def is_counted(game: Game, table: PublishedTable) -> bool:
    """Whether games_complete expects the game in the table now. It never expects a waived game.

    A post-game table should have a game once it is final. A pre-game table should have it from noon of its date
    (Eastern) to its tip-off: nobody misses pre-game rows of history that was loaded later.
    """
    if game.waiver:
        return False
    if table.phase == PRE_GAME:
        return game.readiness(table) == SourceState.READY and utc_now() >= complete_from(game, table)
    return game.source_state not in NOT_FINAL


def complete_from(game: Game, table: PublishedTable) -> datetime:
    """When the table should have the game: a pre-game table at noon Eastern of its date, others when the date ends."""
    if table.phase == PRE_GAME:
        return datetime.combine(game.game_date, time(12), ZoneInfo(TIMEZONE))
    return datetime.combine(game.game_date + timedelta(days=1), time(), ZoneInfo(TIMEZONE))


def games_counted(games: Iterable[Game], table: PublishedTable) -> dict[date, list[Metric]]:
    """By date, how many games are expected (is_counted), and how many of them readers see in the table."""
    counted: dict[date, tuple[int, int]] = {}
    for game in games:
        if not is_counted(game, table):
            continue
        final, published = counted.get(game.game_date, (0, 0))
        counted[game.game_date] = (final + 1, published + game.is_shown(table))
    return {
        day: [Metric(_FINAL_GAMES, float(final), None), Metric(_PUBLISHED_GAMES, float(published), float(final))]
        for day, (final, published) in counted.items()
    }


def kept_by_check(rows: Iterable[Row], table_name: str) -> dict[tuple[str, date], dict[str, Row]]:
    """One table's rows in the answer to kept_query(): by check and date, the rows by metric."""
    kept: dict[tuple[str, date], dict[str, Row]] = {}
    for row in rows:
        if row["table_name"] == table_name:
            kept.setdefault((row["check_name"], row["game_date"]), {})[row["metric"]] = row
    return kept


def news(
    measured: Sequence[Metric], verdict: Mapping[str, object], kept: Mapping[str, Row], run_id: str, now: datetime
) -> list[Row]:
    """The rows that a verdict adds to check_results. `kept` holds the rows kept for its check and date, by metric.

    `verdict` holds the columns that are the same in every row: table_name, check_name, game_date, passed, severity.
    """
    names = {metric.name for metric in measured}
    gone = [Metric(name, None, None) for name, row in kept.items() if name not in names and row["value"] is not None]
    added = []
    for metric in [*measured, *gone]:
        row = {**verdict, "metric": metric.name, "value": metric.value, "threshold": metric.threshold}
        before = kept.get(metric.name)
        if before is None or any(before[name] != value for name, value in row.items()):
            moment = later(now, before["recorded_at"] if before else None)
            added.append({**row, "run_id": run_id, "recorded_at": moment})
    return added


def keep_some(session: Session, rows: Sequence[Row]) -> Sequence[Row]:
    """Write the first rows within the caller's unit; returns the rows that have to wait for a unit of their own."""
    session.append(bookkeeping_contracts()["check_results"], rows[:_ROWS_AT_ONCE])
    return rows[_ROWS_AT_ONCE:]


def keep_rest(session: Session, rows: Sequence[Row]) -> None:
    """Write the rows that keep_some() left: none, unless a range of years was measured for the first time."""
    while rows:
        with session.unit():
            rows = keep_some(session, rows)


def read_results(
    warehouse: Warehouse, start: date, end: date, checks: Mapping[str, Sequence[str]], check: str, metric: str
) -> list[Row]:
    """The latest figures of the range, sorted by table, check, metric and date.

    Where a check or metric is named, only its figures. `checks` maps every check to its metrics. Raises
    ConfigurationError for an unknown check or metric, naming the known ones.
    """
    if check and check not in checks:
        raise ConfigurationError(f"there is no check {check!r}; there are {', '.join(sorted(checks))}")
    if metric and metric not in checks[check]:
        raise ConfigurationError(f"{check} measures no {metric!r}; it measures {', '.join(checks[check])}")
    with warehouse.session(read_only=True) as session:
        check_schema(session)
        rows = session.query(*kept_query(start, end, check=check, metric=metric))
    return sorted(rows, key=lambda row: tuple(str(row[n]) for n in ("table_name", "check_name", "metric", "game_date")))


def _finite(value: float | None) -> float | None:
    """The figure if it can be written down and plotted; None for NaN and infinity, whose record stays without value."""
    return value if value is not None and math.isfinite(value) else None


@cache
def _metrics_sql(table: PublishedTable) -> str:
    contract = table.contract
    of_checks = "\nUNION ALL\n".join(
        f"SELECT '{check}' AS check_name, game_date, figures FROM (\n{text}\n) AS of_check"
        for check, text in table.metrics.items()
    )
    return prepared(
        f"""WITH audited AS (
SELECT {contract.audited_columns} FROM {contract.full_name}
WHERE {contract.partition} BETWEEN @start_date AND @end_date
)
SELECT measured.check_name, measured.game_date, figure.metric, figure.value, figure.threshold
FROM (
{of_checks}
) AS measured
CROSS JOIN UNNEST(measured.figures) AS figure"""
    )
