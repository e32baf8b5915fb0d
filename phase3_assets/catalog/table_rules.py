"""Requirements on the folder of a published table; without them the core could not keep the table's rows right.

What belongs here: refusing a faulty table, by name, when it is loaded and before anything is published. What doesn't:
rules about rows (sql/tables/<table>/checks).

The dangerous case is a SELECT that reads published rows of other games as if they were the game's own. Nothing would
notice when such a row is corrected, so the table would go stale in silence. A SELECT must read rows of other games as
`earlier.<table>`.
"""

from collections.abc import Iterator

from sqlglot import exp

from phase3_assets.catalog.contracts import PRE_GAME, PUBLICATION_COLUMNS, Contract, read_contract
from phase3_assets.catalog.parser import parse
from phase3_assets.catalog.queries import EARLIER, spans_season, sql_text, tables_read, text_files_used, views_read
from phase3_assets.catalog.table_names import SQL_FOLDER, TABLE_NAMES
from phase3_assets.catalog.text_cache import cached_on_disk
from phase3_assets.errors import ConfigurationError

RAW_DATASET = "nba_raw"
_STAMPS = PUBLICATION_COLUMNS[:4]
_PRE_GAME_COLUMNS = ("tip_off", *PUBLICATION_COLUMNS[4:])


def require_sound(name: str, contract: Contract, select: str) -> None:
    """Raise ConfigurationError, naming the table and what to change, where the core could not keep its rows right."""
    fault = next(_contract_faults(contract), None) or next(_reading_faults(contract, select), None)
    fault = fault or same_game_fault(select, " ".join(TABLE_NAMES))
    if fault:
        raise ConfigurationError(f"sql/tables/{name}: {fault}; nothing was published")


def _contract_faults(contract: Contract) -> Iterator[str]:
    needed = ["game_id", *_STAMPS, *(_PRE_GAME_COLUMNS if contract.phase == PRE_GAME else ())]
    for column in needed:
        if column not in contract.column_names:
            yield f"the contract has no column {column}, which every {contract.phase} table needs"
    if contract.partition not in contract.key or len(contract.key) < 2:
        yield f"the key must be {contract.partition}, the partition, and what tells rows of a date apart"


def _reading_faults(contract: Contract, select: str) -> Iterator[str]:
    reads = [tuple(name.split(".")) for name in tables_read(select)]
    earlier = [name for dataset, name in reads if dataset == EARLIER]
    for name in earlier:
        if name not in TABLE_NAMES:
            yield f"select.sql reads earlier.{name}, and there is no published table of that name"
    of_other_dates = [f"earlier.{name}" for name in earlier] + [v for v in views_read(select) if spans_season(v)]
    if of_other_dates and not contract.look_back:
        yield (
            f"select.sql reads {of_other_dates[0]}, which has rows of other dates; say in table.sql how far back a row "
            'reads: labels=[("look_back", "season")]'
        )
    if contract.look_back and not of_other_dates:
        yield (
            f"table.sql says look_back {contract.look_back}, but select.sql reads neither earlier.<table> nor a view "
            "of the season"
        )
    for file in text_files_used(select):
        published = [name for name in tables_read(sql_text(file)) if not name.startswith(f"{RAW_DATASET}.")]
        if published:
            yield f"{file}.sql reads {published[0]}; a view reads raw rows only, since it is staged first"
    for dataset, name in reads:
        if dataset in (RAW_DATASET, EARLIER) or name not in TABLE_NAMES:
            continue
        other = read_contract(SQL_FOLDER / "tables" / name / "table.sql")
        if contract.phase == PRE_GAME and other.phase != PRE_GAME:
            yield f"a pre_game table cannot read {dataset}.{name}, rows of a game not played yet; read earlier.{name}"


@cached_on_disk
def same_game_fault(select: str, table_names: str) -> str:
    """The first place where a SELECT mixes published rows of several games, in words; empty if there is none.

    `table_names` are the published tables, separated by spaces. A SELECT is sound if every relation made of published
    rows is joined by game_id, every grouping and window includes game_id, and every published table is read BETWEEN
    @start_date AND @end_date. Rows read as `earlier.<table>` are exempt.
    """
    names, tree = set(table_names.split()), parse(select)
    made_of_published: set[str] = set()
    for scope in _selects_inside_out(tree):
        relations = list(_relations(scope))
        published = [r for r in relations if _is_published(r, names) or _derives(r, made_of_published)]
        if not published:
            continue
        for relation in relations:
            if _is_published(relation, names) and not _is_of_range(scope, relation):
                return f"{relation.sql()} is not read BETWEEN @start_date AND @end_date"
        for relation in published:
            is_alone = len(relations) == 1 and not _is_inside_expression(scope)
            if not is_alone and not _is_joined_by_game(scope, relation):
                return f"{_said(relation)} is not joined by game_id: read rows of other games as {EARLIER}.<table>"
        for part, by in _groupings(scope):
            if not any(column.name == "game_id" for column in by):
                return f"{part} puts rows of several games together: read rows of other games as {EARLIER}.<table>"
        holder = scope.find_ancestor(exp.CTE, exp.Subquery)
        if holder is not None:
            made_of_published.add(holder.alias)
    return ""


def _selects_inside_out(tree: exp.Expr) -> list[exp.Select]:
    """Every SELECT, each after the SELECTs nested in it."""
    return list(reversed(list(tree.find_all(exp.Select, bfs=True))))


def _is_inside_expression(scope: exp.Select) -> bool:
    """Whether the SELECT is part of a condition or a value, as in EXISTS and IN, rather than a relation."""
    parent = scope.parent
    while isinstance(parent, exp.Subquery | exp.SetOperation):
        parent = parent.parent
    return not (parent is None or isinstance(parent, exp.CTE | exp.From | exp.Join))


def _relations(scope: exp.Select) -> Iterator[exp.Expr]:
    source = scope.args.get("from_") or scope.args.get("from")
    if source is not None:
        yield source.this
    for join in scope.args.get("joins") or ():
        yield join.this


def _is_published(relation: exp.Expr, names: set[str]) -> bool:
    return isinstance(relation, exp.Table) and relation.db not in ("", RAW_DATASET, EARLIER) and relation.name in names


def _derives(relation: exp.Expr, made_of_published: set[str]) -> bool:
    name = relation.name if isinstance(relation, exp.Table) and not relation.db else relation.alias
    return name in made_of_published


def _said(relation: exp.Expr) -> str:
    return relation.sql() if isinstance(relation, exp.Table) else relation.alias


def _conditions(scope: exp.Select) -> Iterator[exp.Expr]:
    """The conditions that every row of the SELECT satisfies: the parts of WHERE and ON that are joined by AND."""
    where = scope.args.get("where")
    wholes = [where.this] if where is not None else []
    wholes += [join.args["on"] for join in scope.args.get("joins") or () if join.args.get("on") is not None]
    for whole in wholes:
        yield from (part.unnest() for part in whole.flatten()) if isinstance(whole, exp.And) else [whole.unnest()]


def _is_of_range(scope: exp.Select, relation: exp.Expr) -> bool:
    alias = relation.alias_or_name
    return any(
        isinstance(condition, exp.Between)
        and isinstance(condition.this, exp.Column)
        and condition.this.table in (alias, "")
        and [condition.args["low"].sql(), condition.args["high"].sql()] == ["@start_date", "@end_date"]
        for condition in _conditions(scope)
    )


def _is_joined_by_game(scope: exp.Select, relation: exp.Expr) -> bool:
    alias = relation.alias_or_name
    for join in scope.args.get("joins") or ():
        if any(column.name == "game_id" for column in join.args.get("using") or ()):
            return True
    for condition in _conditions(scope):
        sides = [condition.this, condition.expression] if isinstance(condition, exp.EQ) else []
        columns = [side for side in sides if isinstance(side, exp.Column) and side.name == "game_id"]
        if len(columns) == 2 and alias in {column.table for column in columns}:
            return True
    return False


def _groupings(scope: exp.Select) -> Iterator[tuple[str, list[exp.Expr]]]:
    """Every window, GROUP BY and aggregate of the SELECT itself, with the expressions it partitions or groups by."""
    own = list(scope.walk(prune=lambda node: node is not scope and isinstance(node, exp.Select)))
    windows = [node for node in own if isinstance(node, exp.Window) and node.find_ancestor(exp.Select) is scope]
    for window in windows:
        yield "a window", list(window.args.get("partition_by") or ())
    group = scope.args.get("group")
    if group is not None:
        yield "GROUP BY", list(group.expressions)
    elif any(
        isinstance(node, exp.AggFunc)
        and node.find_ancestor(exp.Select) is scope
        and not isinstance(node.parent, exp.Window)
        for node in own
    ):
        yield "an aggregate", []
