"""What a table promises: columns, types, key, partition and descriptions, read from its DDL under `sql/`.

What belongs here: parsing a `table.sql` into a Contract, and what follows from a contract alone (the hash of a row's
meaningful columns, the rules every table has). What doesn't: computing rows (sql/), running anything (warehouse/).
"""

import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from sqlglot import exp

from phase3_assets.catalog.parser import parse
from phase3_assets.catalog.table_names import SQL_FOLDER as SQL_FOLDER
from phase3_assets.errors import ConfigurationError

PUBLICATION_COLUMNS = ("data_hash", "publication_id", "code_version", "processed_at", "known_at", "is_hindsight")
"""Columns that the publishing core adds to rows; the last two only where a table has them. They say nothing about the
game, so a row's hash leaves them out.
"""
POST_GAME, PRE_GAME = "post_game", "pre_game"
"""The phases of a table: its rows describe final games, or scheduled games and are made until their tip-off."""
SEASON, TWO_SEASONS = "season", "two_seasons"
"""The look-backs of a table that reads all earlier games of its season, or of the season before as well."""
_DAYS = re.compile(r"([1-9]\d{0,2})_days")
_LABELS = {
    "phase": (re.compile(f"{POST_GAME}|{PRE_GAME}"), f"{POST_GAME} or {PRE_GAME}"),
    "look_back": (
        re.compile(f"{SEASON}|{TWO_SEASONS}|{_DAYS.pattern}"),
        f"{SEASON}, {TWO_SEASONS}, or days such as 30_days",
    ),
    "rows": (re.compile("required|optional"), "required or optional"),
}
"""Each label's allowed values: as a pattern, and in words for an error message."""
_DECIMAL = re.compile(r"NUMERIC\((\d+),(\d+)\)")


@dataclass(frozen=True)
class Column:
    """One column: BigQuery type, whether it may be NULL, and what it means."""

    name: str
    type: str
    required: bool
    description: str

    def fitted(self, value: str) -> str:
        """SQL that turns a computed value into what the column stores.

        The value is cast to the column's type; a decimal is rounded half away from zero to the column's decimals. A
        value that the column cannot hold becomes NULL. BigQuery refuses `NUMERIC(6,2)` in a cast, so the SQL spells out
        its bounds.
        """
        found = _DECIMAL.fullmatch(self.type)
        if not found:
            return f"SAFE_CAST({value} AS {self.type})"
        digits, decimals = int(found[1]), int(found[2])
        too_large = f"{'9' * (digits - decimals)}.{'9' * decimals}5"
        exact = f"SAFE_CAST({value} AS NUMERIC)"
        return f"IF(ABS({exact}) < NUMERIC '{too_large}', ROUND({exact}, {decimals}), NULL)"


@dataclass(frozen=True)
class Contract:
    """One table as its DDL declares it."""

    dataset: str
    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    partition: str
    cluster: tuple[str, ...]
    description: str
    require_partition_filter: bool = False
    """Whether BigQuery refuses a query that does not filter on the partition column."""
    labels: tuple[tuple[str, str], ...] = ()
    """The table's labels `phase`, `look_back` and `rows`. The properties below supply the defaults."""

    @property
    def phase(self) -> str:
        """`post_game` (the default): rows of final games. `pre_game`: rows of scheduled games, made until tip-off."""
        return dict(self.labels).get("phase", POST_GAME)

    @property
    def look_back(self) -> str | None:
        """How far back a row reads published rows of earlier games: `season`, `two_seasons`, `30_days`; else None."""
        return dict(self.labels).get("look_back")

    @property
    def look_back_days(self) -> int | None:
        """The look-back in days; None for whole seasons, and for a table without look-back."""
        days = _DAYS.fullmatch(self.look_back or "")
        return int(days[1]) if days else None

    @property
    def seasons_before(self) -> int:
        """How many whole seasons before its own a row reads: 1 with a look-back of two seasons, otherwise none."""
        return int(self.look_back == TWO_SEASONS)

    @property
    def has_optional_rows(self) -> bool:
        """Whether a game may have no rows (`rows: optional`); such a game is not held back for having none."""
        return dict(self.labels).get("rows") == "optional"

    @property
    def full_name(self) -> str:
        """`dataset.table`, the name every query uses."""
        return f"{self.dataset}.{self.name}"

    @cached_property
    def subject(self) -> str:
        """The key column beside the date: whom a row is about."""
        return next(name for name in self.key if name != self.partition)

    @cached_property
    def column_names(self) -> tuple[str, ...]:
        """All columns in order."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def computed_columns(self) -> tuple[Column, ...]:
        """The columns a SELECT computes: all but those the publishing core adds."""
        return tuple(column for column in self.columns if column.name not in PUBLICATION_COLUMNS)

    @cached_property
    def audited_columns(self) -> str:
        """The SELECT list that rules read: every column, and `game_date` where the partition has another name."""
        date = [] if self.partition == "game_date" else [f"{self.partition} AS game_date"]
        return ", ".join([*self.column_names, *date])

    def column(self, name: str) -> Column:
        """The column of that name; raises KeyError if the contract has no such column."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.full_name} has no column {name}")

    def row_hash(self, alias: str) -> str:
        """SQL for the hash of a row's meaningful columns; `alias` names the relation that the row comes from.

        Neither NULLs nor the order of columns affect the hash, so rows keep their hash when the table gets another
        column. The hash is taken over a list of texts: this takes a third of the time of a JSON object and is just as
        unambiguous. The hash is the same on every engine: one writes the decimal 12.30 and another 12.3, so a decimal
        enters as a whole number of its smallest unit, and a FLOAT64 as one of millionths.
        """
        columns = sorted(self.computed_columns, key=lambda column: column.name)
        texts = ", ".join(f"'{column.name}=' || {_hashed(column, alias)}" for column in columns)
        return f"TO_HEX(MD5(ARRAY_TO_STRING([{texts}], ',')))"

    def history(self) -> "Contract":
        """The contract of the history table, which keeps this table's replaced rows."""
        added = (
            Column("replaced_by", "STRING", True, "The publication that replaced this row"),
            Column("replaced_at", "TIMESTAMP", True, "When it was replaced"),
        )
        return Contract(
            "nba_phase3",
            f"{self.name}__history",
            self.columns + added,
            (*self.key, "replaced_by"),
            self.partition,
            self.cluster,
            f"Rows of {self.full_name} that a later publication replaced.",
            self.require_partition_filter,
        )


GENERIC_DESCRIPTIONS = {
    "nulls": "Required columns are never NULL.",
    "duplicates": "The key is unique.",
}


def generic_rules(contract: Contract) -> dict[str, str]:
    """The rules that follow from the contract alone, as SQL over `audited`: required columns and the unique key.

    Returns, by rule name, a SELECT of (game_date, game_id, severity, subject, problem, value) with a row per violation.
    """
    required = [column.name for column in contract.computed_columns if column.required]
    missing = ", ".join(f"IF({name} IS NULL, ' {name}', '')" for name in required)
    subject = contract.subject
    key = ", ".join(contract.key)
    return {
        "nulls": f"""SELECT
  game_date, game_id, 'ERROR' AS severity, CAST({subject} AS STRING) AS subject,
  CONCAT('missing:', {missing}) AS problem, CAST(NULL AS FLOAT64) AS value
FROM audited
WHERE {" OR ".join(f"{name} IS NULL" for name in required)}""",
        "duplicates": f"""SELECT
  game_date, game_id, 'ERROR' AS severity, {subject} AS subject,
  CONCAT(CAST(rows_of_key AS STRING), ' rows of one key') AS problem, CAST(rows_of_key AS FLOAT64) AS value
FROM (
  SELECT game_date, game_id, {subject}, COUNT(*) OVER (PARTITION BY {key}) AS rows_of_key FROM audited
) AS keyed
WHERE rows_of_key > 1""",
    }


@cache
def read_contract(path: Path) -> Contract:
    """The contract a DDL file declares.

    Raises ConfigurationError where the file is not one CREATE TABLE with a partition column.
    """
    tree = parse(path.read_text(encoding="utf-8"))
    if not isinstance(tree, exp.Create) or not isinstance(tree.this, exp.Schema):
        raise ConfigurationError(f"{path}: expected one CREATE TABLE statement")
    properties = tree.args["properties"].expressions
    partition = next((p.this.name for p in properties if isinstance(p, exp.PartitionedByProperty)), None)
    if partition is None:
        raise ConfigurationError(f"{path}: every table is partitioned; add PARTITION BY")
    cluster = next((p for p in properties if isinstance(p, exp.Cluster | exp.ClusterProperty)), None)
    key = next((e for e in tree.this.expressions if isinstance(e, exp.PrimaryKey)), None)
    return Contract(
        dataset=tree.this.this.db,
        name=tree.this.this.name,
        columns=tuple(_column(e) for e in tree.this.expressions if isinstance(e, exp.ColumnDef)),
        key=tuple(e.name for e in key.expressions) if key else (),
        partition=partition,
        cluster=tuple(e.name for e in cluster.expressions) if cluster else (),
        description=_description(properties),
        require_partition_filter=any(
            isinstance(p, exp.Property) and p.name == "require_partition_filter" and p.args["value"] == exp.true()
            for p in properties
        ),
        labels=_labels(path, properties),
    )


@cache
def raw_contracts() -> dict[str, Contract]:
    """Every raw table this project may read, by name."""
    contracts = [read_contract(path) for path in sorted((SQL_FOLDER / "raw").glob("*.sql"))]
    return {contract.name: contract for contract in contracts}


def _hashed(column: Column, alias: str) -> str:
    value = f"{alias}.{column.name}"
    if column.type.startswith("ARRAY"):
        return f"NULLIF(TO_JSON_STRING({value}), '[]')"  # BigQuery stores a missing array as an empty one
    if column.type == "STRING":
        return f"IF({value} IS NULL, NULL, TO_JSON_STRING({value}))"  # quoted: the text may contain any character
    if column.type == "FLOAT64":
        # As a text, 100 is 100.0 on one engine.
        return f"CAST(SAFE_CAST(ROUND(1000000 * {value}) AS INT64) AS STRING)"
    decimals = _DECIMAL.fullmatch(column.type)
    if decimals:
        value = f"CAST({10 ** int(decimals[2])} * {value} AS INT64)"
    return f"CAST({value} AS STRING)"


def _column(definition: exp.ColumnDef) -> Column:
    constraints = [constraint.args["kind"] for constraint in definition.args.get("constraints") or []]
    options = [p for c in constraints if isinstance(c, exp.Properties) for p in c.expressions]
    return Column(
        name=definition.name,
        type=definition.args["kind"].sql("bigquery").replace(", ", ","),
        required=any(isinstance(c, exp.NotNullColumnConstraint) for c in constraints),
        description=_description(options),
    )


def _labels(path: Path, properties: list[exp.Expr]) -> tuple[tuple[str, str], ...]:
    """The table's labels. Raises ConfigurationError for an unknown label, or a value that it cannot have."""
    found: list[tuple[str, str]] = []
    for option in properties:
        if isinstance(option, exp.Property) and option.name == "labels":
            found = [(pair.expressions[0].name, pair.expressions[1].name) for pair in option.args["value"].expressions]
    for name, value in found:
        known = _LABELS.get(name)
        if known is None:
            raise ConfigurationError(f"{path}: there is no label {name!r}; there are {', '.join(_LABELS)}")
        if not known[0].fullmatch(value):
            raise ConfigurationError(f"{path}: the label {name} is {value!r}; it can be {known[1]}")
    return tuple(found)


def _description(properties: list[exp.Expr]) -> str:
    for option in properties:
        if isinstance(option, exp.Property) and option.name == "description":
            return str(option.args["value"].name)
    return ""
