"""The published tables: their list, what each one reads, and the rules that its rows must satisfy.

What belongs here: the one list of published tables and what is derived from a table's folder under `sql/` (its inputs,
its rules, its code version). What doesn't: running any of it (publishing/publish.py, publishing/audit.py).

To add a table, add the folder `sql/tables/<table>/` (table.sql, select.sql, checks/, metrics/ ...). Its contract
declares what kind of table it is (Contract.phase, Contract.look_back).
"""

import hashlib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from phase3_assets.catalog.contracts import (
    GENERIC_DESCRIPTIONS,
    SQL_FOLDER,
    Column,
    Contract,
    generic_rules,
    read_contract,
)
from phase3_assets.catalog.parser import parse
from phase3_assets.catalog.queries import (
    EARLIER,
    opening_comment,
    relations_read,
    sql_text,
    tables_read,
    text_files_used,
    views_read,
)
from phase3_assets.catalog.table_names import TABLE_NAMES
from phase3_assets.catalog.table_rules import RAW_DATASET, require_sound
from phase3_assets.errors import ConfigurationError
from phase3_assets.suggestions import did_you_mean_or_all

_OF_CHOSEN_SOURCES = ("team_rows", "player_rows")
"""The views whose rows come from the source that was chosen for the game (sql/views/game_sources.sql)."""

_ERROR = "ERROR"
"""The severity by which a rule holds a game back; the other one is WARN."""


@dataclass(frozen=True)
class PublishedTable:
    """One published table and everything that its folder declares."""

    name: str

    @cached_property
    def contract(self) -> Contract:
        """Columns, key, partition and descriptions."""
        return read_contract(SQL_FOLDER / "tables" / self.name / "table.sql")

    @cached_property
    def select(self) -> str:
        """The one SELECT that computes the rows, over @start_date to @end_date."""
        return sql_text(f"tables/{self.name}/select")

    @cached_property
    def views(self) -> tuple[str, ...]:
        """The views the SELECT reads directly; a change of their rows is a change of the table's inputs."""
        return views_read(self.select)

    @property
    def has_sources(self) -> bool:
        """Whether its figures come from the source that was chosen for the game, rather than from published rows."""
        return any(view in _OF_CHOSEN_SOURCES for view in self.views)

    @cached_property
    def raw_tables(self) -> tuple[str, ...]:
        """The raw tables the SELECT reads, directly or through views, by name."""
        return tuple(name for dataset, name in self._tables_read if dataset == RAW_DATASET)

    @cached_property
    def upstream(self) -> tuple[str, ...]:
        """The published tables whose rows of the same game the SELECT reads."""
        return tuple(
            name for dataset, name in self._tables_read if dataset not in (RAW_DATASET, EARLIER) and name in TABLE_NAMES
        )

    @cached_property
    def looks_back_to(self) -> tuple[str, ...]:
        """The published tables whose rows of earlier games the SELECT reads, as `earlier.<table>`."""
        return tuple(name for dataset, name in self._tables_read if dataset == EARLIER)

    @property
    def looks_back(self) -> bool:
        """Whether a row is made of other dates too: earlier published rows, or views of the season."""
        return self.contract.look_back is not None

    @cached_property
    def _tables_read(self) -> tuple[tuple[str, str], ...]:
        return tuple((name.split(".")[0], name.split(".")[1]) for name in tables_read(self.select))

    @property
    def phase(self) -> str:
        """`post_game` or `pre_game`, as the contract says."""
        return self.contract.phase

    @cached_property
    def rules(self) -> dict[str, str]:
        """By rule name, SQL over `audited`, a row per violation: the contract's own rules and those of `checks/`."""
        rules = {name: [sql] for name, sql in generic_rules(self.contract).items()}
        for path in _texts(f"tables/{self.name}/checks"):
            text = sql_text(f"tables/{self.name}/checks/{path.stem}")
            rules.setdefault(path.stem, []).append(self.with_measures(text))
        return {
            name: "\nUNION ALL\n".join(f"SELECT * FROM (\n{sql}\n) AS part" for sql in parts)
            for name, parts in rules.items()
        }

    @cached_property
    def published_rules(self) -> dict[str, str]:
        """Rules that apply only to published rows: `sql/every_table/checks`, filled in with this table's statistics."""
        statistics = f"(\n{self.daily_statistics}\n) AS daily"
        texts = {path.stem: sql_text(f"every_table/checks/{path.stem}") for path in _texts("every_table/checks")}
        return {name: text.replace("daily_statistics AS daily", statistics) for name, text in texts.items()}

    @cached_property
    def rules_after_writing(self) -> dict[str, str]:
        """The rules that an audit of staged rows cannot answer for what readers see once these are published.

        They are those that only published rows have, and those that read the published table besides `audited`.
        """
        own = self.contract.full_name
        return self.published_rules | {name: sql for name, sql in self.rules.items() if own in relations_read(sql)}

    @cached_property
    def daily_statistics(self) -> str:
        """SQL for the figures that the rule not_constant reads, a row per date from @window_start_date to @end_date.

        A row has, for every column that should vary, the lowest and the highest value (as text) and the number of rows
        with a value. The table's `daily_statistics.sql` lists these columns; the contract gives their types.
        """
        varying = parse(sql_text(f"tables/{self.name}/daily_statistics")).named_selects
        columns = ",\n".join(f"    {_statistics(self.contract.column(name))}" for name in varying)
        day = self.contract.partition
        return f"""SELECT
  {day} AS game_date, MIN(game_id) AS game_id, COUNT(*) AS row_count,
  [
{columns}
  ] AS columns
FROM {self.contract.full_name}
WHERE {day} BETWEEN @window_start_date AND @end_date
GROUP BY {day}"""

    @cached_property
    def blocking_rules(self) -> frozenset[str]:
        """The rules that can find an error: on published rows, such a finding stops downstream tables for its game."""
        every_rule = {**self.rules, **self.published_rules}
        return frozenset(name for name, text in every_rule.items() if f"'{_ERROR}'" in text)

    @cached_property
    def metrics(self) -> dict[str, str]:
        """By check name, SQL over `audited` for the figures that the check measured: the texts of the table's
        `metrics/`, and of `sql/every_table/metrics`, which every table shares.
        """
        texts = {path.stem: sql_text(f"every_table/metrics/{path.stem}") for path in _texts("every_table/metrics")}
        for path in _texts(f"tables/{self.name}/metrics"):
            texts[path.stem] = self.with_measures(sql_text(f"tables/{self.name}/metrics/{path.stem}"))
        return texts

    def with_measures(self, text: str) -> str:
        """The text with the table's measures inserted where it reads them by name.

        A measure is a file of `measures/`: a SELECT of figures over `audited`. A rule judges by the figures and a
        metric reports them; both read the same text.
        """
        for path in _texts(f"tables/{self.name}/measures"):
            measure = f"(\n{sql_text(f'tables/{self.name}/measures/{path.stem}')}\n)"
            parts = re.split(rf"\b(FROM|JOIN) {path.stem}\b(?: AS (\w+))?", text)
            text = parts[0] + "".join(
                f"{word} {measure} AS {alias or path.stem}{rest}"
                for word, alias, rest in zip(parts[1::3], parts[2::3], parts[3::3], strict=True)
            )
        return text

    @cached_property
    def descriptions(self) -> dict[str, str]:
        """By rule name, what the rule demands: its file's opening comment, or the contract's description, or both."""
        found = dict(GENERIC_DESCRIPTIONS)
        for folder in ("every_table/checks", f"tables/{self.name}/checks"):
            for path in _texts(folder):
                own = opening_comment(path.read_text(encoding="utf-8"))
                generic = GENERIC_DESCRIPTIONS.get(path.stem)
                found[path.stem] = f"{generic} {own}" if generic else own
        return found

    @cached_property
    def code_version(self) -> str:
        """Hash of every SQL text that computes or audits the rows. A change makes published games due again."""
        schema = repr([(column.name, column.type) for column in self.contract.columns])
        return _version([schema, self.select, *self.rules.values()])

    @cached_property
    def inputs_version(self) -> str:
        """Hash of every SQL text that computes the fingerprint of the table's inputs (survey.py).

        Fingerprints are comparable only if the same texts computed them; otherwise they say nothing about a change.
        """
        return _version([self.select] if self.looks_back else [sql_text(f"views/{view}") for view in self.views])


def _version(texts: Sequence[str]) -> str:
    """Hash of the texts and of the views and functions that they use."""
    files = sorted({file for text in texts for file in text_files_used(text)})
    whole = "\n".join([*texts, *(sql_text(file) for file in files)])
    return hashlib.sha256(whole.encode()).hexdigest()[:12]


def _statistics(column: Column) -> str:
    value, text = column.name, "CAST({} AS STRING)"
    if column.type.startswith("NUMERIC"):
        text = "number_text({})"
    elif column.type == "BOOL":
        value = f"CAST({column.name} AS INT64)"
    lowest, highest = text.format(f"MIN({value})"), text.format(f"MAX({value})")
    return (
        f"STRUCT('{column.name}' AS column_name, {lowest} AS lowest, {highest} AS highest, "
        f"COUNT({column.name}) AS filled)"
    )


def _texts(folder: str) -> list[Path]:
    """The SQL files of a folder under `sql/`, in order of their names."""
    return sorted((SQL_FOLDER / folder).glob("*.sql"))


@cache
def published_tables() -> tuple[PublishedTable, ...]:
    """Every published table in lineage order.

    Raises ConfigurationError where a table's folder asks for what the core cannot keep right (table_rules.py).
    """
    tables = tuple(PublishedTable(name) for name in TABLE_NAMES)
    for table in tables:
        require_sound(table.name, table.contract, table.select)
    return tables


def published_table(name: str) -> PublishedTable:
    """The published table of that name; raises ConfigurationError, naming the possible ones, if there is none."""
    for table in published_tables():
        if table.name == name:
            return table
    raise ConfigurationError(f"there is no published table {name!r}{did_you_mean_or_all(name, TABLE_NAMES)}")


def tables_named(names: Collection[str]) -> list[PublishedTable]:
    """The published tables of those names, or all tables if no name is given; in lineage order either way."""
    return [table for table in published_tables() if not names or table.name in names]


def readiness_contract() -> Contract:
    """The contract of game_readiness."""
    return read_contract(SQL_FOLDER / "readiness" / "table.sql")


def completion_contract() -> Contract:
    """The contract of phase3_completion."""
    return read_contract(SQL_FOLDER / "completion" / "table.sql")


def bookkeeping_contracts() -> dict[str, Contract]:
    """The bookkeeping tables, by name."""
    names = ("publications", "data_quality_events", "interventions", "check_results")
    return {name: read_contract(SQL_FOLDER / "bookkeeping" / "tables" / f"{name}.sql") for name in names}


def all_contracts() -> list[Contract]:
    """Every table this project owns, in dependency order; raw tables belong to others."""
    published = [table.contract for table in published_tables()]
    histories = [contract.history() for contract in published]
    states = [readiness_contract(), completion_contract()]
    return [*published, *histories, *states, *bookkeeping_contracts().values()]
