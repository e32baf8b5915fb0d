"""Every SQL text of the project, by name, with the types of its parameters and the schemas it is read against.

What belongs here: the one list of texts, and a warehouse that notes what is really sent. What doesn't: asking Google
about them (test_analyzer.py).

Three sources that overlap on purpose: the files under `sql/`, the statements composed of them, and what a warehouse is
asked while the project does everything it can (story.py). The first two have names; the third leaves nothing out.
"""

import ast
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow

import phase3_assets
from phase3_assets.catalog.contracts import SQL_FOLDER, Contract, raw_contracts
from phase3_assets.catalog.parameters import date_parameters
from phase3_assets.catalog.queries import (
    STAGING_DATASET,
    aside,
    earlier_relation,
    parameters_of,
    prepared,
    sql_text,
    text_files_used,
    views_in_order,
)
from phase3_assets.catalog.tables import PublishedTable, all_contracts, published_tables
from phase3_assets.catalog.versions import content_sql, function_sql, rows_sql, unknown_sql, versions_sql
from phase3_assets.loading.adapters import adapter_names, kinds
from phase3_assets.publishing import audit as audits
from phase3_assets.publishing.completion import completion_sql
from phase3_assets.publishing.leak_test import EVERYTHING, VARIANTS, earlier_known_sql
from phase3_assets.publishing.look_back import earlier_sql, foreseen_sql, inputs_sql, looking_back
from phase3_assets.publishing.measure import _metrics_sql
from phase3_assets.publishing.prune import count_sql, superseded
from phase3_assets.publishing.stage import compare_sql, game_count_sql, stage_sql
from phase3_assets.publishing.survey import _survey_sql, _unlisted_sql
from phase3_assets.reading.published import published_sql
from phase3_assets.settings.retention import Retention
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.bigquery import statements as generated
from phase3_assets.warehouse.bigquery.names import kept_apart
from phase3_assets.warehouse.bigquery.warehouse import used
from phase3_assets.warehouse.interface import Answers, Parameters, Query, Row, Session, Warehouse
from phase3_assets.warehouse.schema import VIEW_DATASET
from phase3_assets_tests.bigquery.engines import parameter_type
from phase3_assets_tests.bigquery.every_statement import every_statement
from phase3_assets_tests.bigquery.google_sql import Schema, output_schema, schema_of, type_of

_DAY, _MOMENT = date(2026, 2, 3), datetime(2026, 2, 3, tzinfo=UTC)

PARAMETER_TYPES = {
    name: parameter_type(value)
    for name, value in {
        **date_parameters(_DAY, _DAY),
        **Thresholds().parameters(),
        **dict.fromkeys(("first_date", "last_date", "window_start_date", "earliest_date"), _DAY),
        **dict.fromkeys(("day", "day_before", "day_after"), _DAY),
        **dict.fromkeys(("keep_since", "moment", "processed_at", "since"), _MOMENT),
        **dict.fromkeys(
            ("code_version", "check_name", "game_id", "metric", "publication_id", "run_id", "table_name"), ""
        ),
        "game_ids": [""],
        "table_names": [""],
        "is_absurd": True,
        "visible_versions": [""],
    }.items()
}
"""The parameters of named texts; that they are really sent with these types is tested on what is sent."""


_PARTITIONS_VIEW = {
    **dict.fromkeys(("table_catalog", "table_schema", "table_name", "partition_id", "storage_tier"), "STRING"),
    **dict.fromkeys(("total_rows", "total_logical_bytes", "total_billable_bytes"), "INT64"),
    "last_modified_time": "TIMESTAMP",
}
"""BigQuery's own view of a dataset's partitions, as it documents it."""


@dataclass(frozen=True)
class Statement:
    """One text as BigQuery gets it."""

    name: str
    sql: str
    parameter_types: dict[str, str]


def named_statements() -> list[Statement]:
    """The files under `sql/`, each by its path, and the statements made of them."""
    texts = {f"{path}.sql": _file_as_statement(path) for path in sql_files()}
    for table in published_tables():
        staged = f"{STAGING_DATASET}.{table.name}__staged"
        texts |= {
            f"{table.name}: stage": stage_sql(table.name),
            f"{table.name}: compare": compare_sql(table.name).replace("staged_relation", staged),
            f"{table.name}: audit staged rows": audits.query(table, staged, _DAY, _DAY, Thresholds())[0],
            f"{table.name}: check published rows": audits.query(table, None, _DAY, _DAY, Thresholds())[0],
            f"{table.name}: check audited rows": audits.after_writing_query(table, _DAY, _DAY, Thresholds())[0],
            f"{table.name}: measure published rows": _metrics_sql(table),
            f"{table.name}: game_count of a publication": game_count_sql(table.name),
            f"{table.name}: drift": content_sql(table.name),
            f"{table.name}: published rows": published_sql(table.name, table.contract.column_names),
            f"{table.name}: as of a moment": prepared(rows_sql(table)),
            f"{table.name}: versions as of a moment": versions_sql(table),
            f"{table.name}: games unknown as of a moment": unknown_sql(table),
            f"{table.name}: rows or an error as of a moment": function_sql(table),
        }
        for rule, sql in {**table.rules, **table.published_rules}.items():
            texts[f"{table.name}: rule {rule}"] = _over_published(sql, table.contract)
    texts["survey"] = _survey_sql(published_tables())
    for table in looking_back():
        texts[f"{table.name}: rows it would have"] = foreseen_sql(table.name)
        texts[f"{table.name}: fingerprints"] = inputs_sql(table)
        texts |= {f"{name}: earlier games": earlier_sql(name) for name in table.looks_back_to}
        texts |= {f"{name}: earlier games, as known": earlier_known_sql(name) for name in table.looks_back_to}
    for plan in superseded(Retention(), _MOMENT):
        texts[f"{plan.contract.full_name}: rows that may go"] = count_sql(plan)
    return [Statement(name, sql, _types_of_used(sql)) for name, sql in texts.items()]


def generated_statements() -> list[Statement]:
    """What is written for BigQuery alone: DDL, MERGE, inserts."""
    return [Statement(one.name, one.sql, one.parameter_types) for one in every_statement()]


def sql_files() -> list[str]:
    """Every text under `sql/`, by its path without the ending."""
    return sorted(str(path.relative_to(SQL_FOLDER).with_suffix("")) for path in SQL_FOLDER.rglob("*.sql"))


@cache
def known_tables() -> dict[str, Schema]:
    """Every relation a text may name: tables as their contracts declare them, views and staged rows as computed."""
    known = {contract.full_name: schema_of(contract) for contract in [*raw_contracts().values(), *all_contracts()]}
    for contract in raw_contracts().values():
        known[f"{STAGING_DATASET}.{contract.name}__loaded"] = schema_of(contract)
    for adapter in adapter_names():
        known |= {
            kind.contract.name: {**schema_of(kind.contract), "file_name": type_of("STRING")} for kind in kinds(adapter)
        }
    for dataset in ("nba_raw", *(table.contract.dataset for table in published_tables())):
        known[f"{dataset}.INFORMATION_SCHEMA.PARTITIONS"] = {
            name: type_of(kind) for name, kind in _PARTITIONS_VIEW.items()
        }
    for view in views_in_order():
        schema = output_schema(prepared(sql_text(f"views/{view}")), known, PARAMETER_TYPES)
        known[f"{STAGING_DATASET}.{view}"] = known[f"{VIEW_DATASET}.{view}"] = schema
    for table in published_tables():
        # What others may read of earlier games has the table's columns.
        known[f"{STAGING_DATASET}.{earlier_relation(table.name)}"] = schema_of(table.contract)
    for table in looking_back():
        known[f"{STAGING_DATASET}.{table.name}__foreseen"] = output_schema(
            foreseen_sql(table.name), known, PARAMETER_TYPES
        )
    for variant in VARIANTS:
        for relation in [name for name in known if name.startswith((f"{STAGING_DATASET}.", "nba_raw."))]:
            name = relation.partition(".")[2]
            if "__" not in name and "INFORMATION_SCHEMA" not in name:
                known[f"{STAGING_DATASET}.{aside(name, variant)}"] = known[relation]
    for table in published_tables():
        for world in (EVERYTHING, *VARIANTS):
            known[f"{STAGING_DATASET}.{aside(table.name, world)}"] = schema_of(table.contract)
    for table in published_tables():
        schema = output_schema(stage_sql(table.name), known, PARAMETER_TYPES)
        known[f"{STAGING_DATASET}.{table.name}__staged"] = schema
        known[f"{STAGING_DATASET}.{table.name}__rollback"] = schema_of(table.contract)
    return known


def _types_of_used(sql: str) -> dict[str, str]:
    return {name: PARAMETER_TYPES[name] for name in sorted(parameters_of(sql))}


def _file_as_statement(path: str) -> str:
    """The file as it is sent, or, where it is a part of other statements, in the smallest one that it can be in."""
    folder, name = path.rsplit("/", 1)
    kind, owner, *_ = path.split("/")
    if kind == "tables" and folder.endswith(("/checks", "/measures", "/metrics")):
        table = PublishedTable(owner)
        return _over_published(table.with_measures(sql_text(path)), table.contract)
    if kind == "adapters":
        return prepared(sql_text(path))
    if path == "readiness/unlisted":
        return _unlisted_sql()
    if path == "completion/select":
        return completion_sql()
    if folder == "every_table/metrics":
        return _over_published(sql_text(path), PublishedTable("player_game_summary").contract)
    if folder == "every_table/checks":
        table = PublishedTable("player_game_summary")
        return _over_published(table.published_rules[name], table.contract)
    if "ANY TYPE" in sql_text(path):
        # A function of whole rows is nothing by itself: its text becomes part of the texts that call it.
        path = next(f"views/{view}" for view in views_in_order() if path in text_files_used(sql_text(f"views/{view}")))
    return prepared(sql_text(path)) if _is_composed(path) else sql_text(path)


def _is_composed(path: str) -> bool:
    """Whether the text names functions or views, which prepared() puts in; what does not is sent as it stands."""
    return path.split("/")[0] in ("views", "functions", "health", "leak_test", "reporting") or path.endswith(
        ("/select", "/misdated", "/excluded_games", "/nearest_dates", "/scheduled")
    )


def _over_published(rule: str, contract: Contract) -> str:
    dates = f"{contract.partition} BETWEEN @start_date AND @end_date"
    audited = f"SELECT {contract.audited_columns} FROM {contract.full_name} WHERE {dates}"
    return prepared(f"WITH audited AS ({audited})\nSELECT * FROM (\n{rule}\n) AS rule_rows")


# --- What is really sent ----------------------------------------------------------------------------------------------

_SENDING = ("query", "arrow", "query_all", "stage", "merge", "require_none", "create_view", "create_function")
_NOT_SENT_TO_BIGQUERY = {
    "demo/story.py": "the demo makes an embedded warehouse of its own",
    "demo/telling.py": "the same",
    "drill/scratch.py": "a drill is played in an embedded warehouse of its own",
    "drill/incidents.py": "the same",
    "doctor/examine.py": "what it asks is asked of the embedded file; doctor/bigquery.py asks BigQuery",
}


def senders() -> list[str]:
    """Every function of the package that sends SQL, as `module.function`, found in its source."""
    package = Path(phase3_assets.__file__).parent
    found = set()
    for path in sorted(package.rglob("*.py")):
        inside = str(path.relative_to(package))
        if inside in _NOT_SENT_TO_BIGQUERY or inside.startswith("warehouse/"):
            continue
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef) and any(map(_sends, ast.walk(function))):
                found.add(f"{path.stem}.{function.name}")
    return sorted(found)


def _sends(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _SENDING
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id.endswith("session")
    )


class RecordingWarehouse:
    """Another warehouse, of which everything that is asked is noted, by the function that asks."""

    def __init__(self, inner: Warehouse) -> None:
        self._inner = inner
        self.sent: dict[str, list[Statement]] = {}
        self._together: set[tuple[str, ...]] = set()
        """The questions, by name, that have been asked together."""

    @contextmanager
    def session(
        self, read_only: bool = False, wait_seconds: float | None = None, run_id: str = ""
    ) -> Iterator["RecordingSession"]:
        """See Warehouse."""
        with self._inner.session(read_only, wait_seconds, run_id) as session:
            yield RecordingSession(session, self.sent, self._together)

    def table_versions(self, names: list[str]) -> dict[str, str]:
        return self._inner.table_versions(names)


class RecordingSession:
    """See Session."""

    def __init__(self, inner: Session, sent: dict[str, list[Statement]], together: set[tuple[str, ...]]) -> None:
        self._inner = inner
        self._sent = sent
        self._together = together

    def query(self, sql: str, parameters: Parameters | None = None) -> list[Row]:
        self._note(sql, parameters or {})
        return self._inner.query(sql, parameters)

    def arrow(self, sql: str, parameters: Parameters) -> pyarrow.Table:
        self._note(sql, parameters)
        return self._inner.arrow(sql, parameters)

    def query_all(self, queries: Mapping[str, Query], table: str = "") -> Answers:
        for sql, parameters in queries.values():
            self._note(generated.answers("answers_1", [sql], 6), parameters)
        # Together as they are sent, once for the same questions: Google's analyzer takes seconds for the longest.
        if tuple(queries) not in self._together:
            self._together.add(tuple(queries))
            texts, parameters = kept_apart([(sql, used(sql, values)) for sql, values in queries.values()])
            self._note(generated.answers("answers_1", texts, 6), parameters)
        return self._inner.query_all(queries, table)

    def stage(self, name: str, sql: str, parameters: Parameters) -> str:
        self._note(generated.stage(name, sql, 6), parameters)
        return self._inner.stage(name, sql, parameters)

    def merge(self, target: Contract, sql: str, parameters: Parameters) -> None:
        self._note(generated.merge(target, sql), parameters)
        self._inner.merge(target, sql, parameters)

    def require_none(self, sql: str, parameters: Parameters, message: str) -> None:
        self._note(generated.guard(sql), {**parameters, "guard_message": message})
        self._inner.require_none(sql, parameters, message)

    def create_view(self, name: str, sql: str) -> None:
        self._note(generated.create_view(name, sql), {})
        self._inner.create_view(name, sql)

    def create_function(self, name: str, arguments: Mapping[str, str], sql: str) -> None:
        self._note(generated.create_function(name, arguments, sql), {})
        self._inner.create_function(name, arguments, sql)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def _note(self, sql: str, parameters: Parameters) -> None:
        caller = sys._getframe(2)
        sender = f"{caller.f_globals['__name__'].split('.')[-1]}.{caller.f_code.co_name}"
        used = {name: parameter_type(parameters[name]) for name in sorted(parameters_of(sql) & set(parameters))}
        self._sent.setdefault(sender, []).append(Statement(sender, sql, used))
