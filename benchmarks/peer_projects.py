"""The same work as a dbt project and as a SQLMesh project, made from this project's own SQL.

What belongs here: saying our prepared and translated texts in each peer's files. What doesn't: running and timing them
(peers.py); nothing of `sql/` is typed again.

A view is a model, each SELECT an incremental model by day, each rule a test (dbt) or an audit (SQLMesh) over the dates
just computed. Both report what a rule finds and go on, as ours does. `game_count` is left out: it holds rows against
the publication record, which only we keep.
"""

import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from phase3_assets.catalog.queries import STAGING_DATASET, prepared, sql_text, views_in_order, views_read
from phase3_assets.catalog.tables import PublishedTable, published_tables
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.duckdb.dialect import duckdb_sql

_MODEL = re.compile(rf"\b(?:{STAGING_DATASET}|nba_analytics)\.(\w+)")
_PARAMETER = re.compile(r"\$(\w+)")


def compared_tables() -> list[PublishedTable]:
    """The tables that every project computes: those of a game's own rows. A look-back needs what peers have not."""
    return [table for table in published_tables() if not table.looks_back]


def write_dbt(folder: Path, database: Path) -> None:
    """A dbt-duckdb project. Dates come as --vars; views are tables, so that each is computed once a run, as in ours."""
    settings = {"type": "duckdb", "path": str(database), "threads": 2, "settings": {"TimeZone": "UTC"}}
    project = {
        "name": "peer",
        "version": "1.0",
        "profile": "peer",
        "flags": {"send_anonymous_usage_stats": False},
        "models": {
            "peer": {
                "views": {"+materialized": "table"},
                "tables": {
                    "+materialized": "incremental",
                    "+incremental_strategy": "delete+insert",
                    "+unique_key": "game_date",
                },
            }
        },
        "data_tests": {"peer": {"+severity": "warn"}},
    }
    # JSON is YAML.
    _write(folder / "dbt_project.yml", json.dumps(project))
    _write(folder / "profiles.yml", json.dumps({"peer": {"target": "dev", "outputs": {"dev": settings}}}))
    say = _sayer("{{{{ ref('{}') }}}}".format, "CAST('{{{{ var(\"{}\") }}}}' AS DATE)".format)
    for view in views_in_order():
        _write(folder / f"models/views/{view}.sql", say(sql_text(f"views/{view}")))
    for table in compared_tables():
        _write(folder / f"models/tables/{table.name}.sql", say(_typed_select(table)))
        of_dates = f"SELECT * FROM nba_analytics.{table.name} WHERE game_date BETWEEN @start_date AND @end_date"
        for rule, sql in _rules(table, of_dates):
            _write(folder / f"tests/{table.name}__{rule}.sql", say(sql))


def write_sqlmesh(folder: Path, database: Path, start: date) -> None:
    """A SQLMesh project. Views are incremental too: embedded in each of their readers, they take ten times as long."""
    connection = {"type": "duckdb", "database": str(database), "connector_config": {"TimeZone": "UTC"}}
    configuration = {
        "gateways": {"local": {"connection": connection}},
        "model_defaults": {"dialect": "duckdb", "start": start.isoformat()},
        "disable_anonymized_analytics": True,
    }
    _write(folder / "config.yaml", json.dumps(configuration))
    say = _sayer("peer.{}".format, "@{}".format)
    # Our SQL names every column and type; rewriting it costs SQLMesh seconds and changes nothing.
    by_day = "kind INCREMENTAL_BY_TIME_RANGE (time_column game_date), optimize_query false"
    for view in views_in_order():
        _write(folder / f"models/{view}.sql", f"MODEL (name peer.{view}, {by_day});\n{say(sql_text(f'views/{view}'))}")
    for table in compared_tables():
        audits = []
        for rule, sql in _rules(table, "SELECT * FROM this_model"):
            audits.append(f"{table.name}__{rule}")
            text = say(sql).replace("this_model", "@this_model")
            _write(folder / f"audits/{audits[-1]}.sql", f"AUDIT (name {audits[-1]}, blocking false);\n{text}")
        # An audit may read only what its model depends on.
        read = {f"peer.{view}" for sql in (table.select, *table.rules.values()) for view in views_read(sql)}
        read |= {f"peer.{name}" for name in table.upstream}
        lists = f"audits ({', '.join(audits)}), depends_on ({', '.join(sorted(read))})"
        head = f"MODEL (name peer.{table.name}, {by_day}, {lists});"
        _write(folder / f"models/{table.name}.sql", f"{head}\n{say(_typed_select(table))}")


def _sayer(relation: Callable[[str], str], day: Callable[[str], str]) -> Callable[[str], str]:
    """How a text is said in a peer's project: its models by `relation`, the dates asked for by `day`."""
    start, end = day("start_date"), day("end_date")
    values = {name: str(value) for name, value in Thresholds().parameters().items()} | {
        "start_date": start,
        "end_date": end,
        "season_start_date": f"MAKE_DATE(YEAR({start}) - CAST(MONTH({start}) < 10 AS INTEGER), 10, 1)",
        "season_end_date": f"MAKE_DATE(YEAR({end}) + CAST(MONTH({end}) >= 10 AS INTEGER), 9, 30)",
        "window_start_date": f"({start} - 29)",
    }

    def say(text: str) -> str:
        sql = _MODEL.sub(lambda found: relation(found[1]), duckdb_sql(prepared(text)))
        return _PARAMETER.sub(lambda found: values[found[1]], sql)

    return say


def _typed_select(table: PublishedTable) -> str:
    typed = ", ".join(f"{c.fitted(c.name)} AS {c.name}" for c in table.contract.computed_columns)
    return f"SELECT {typed} FROM ({table.select}) AS computed"


def _rules(table: PublishedTable, audited: str) -> Iterator[tuple[str, str]]:
    texts = {**table.rules, "not_constant": table.published_rules["not_constant"]}
    for rule, sql in texts.items():
        yield rule, f"WITH audited AS ({audited}) SELECT * FROM ({sql}) AS rule_rows"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
