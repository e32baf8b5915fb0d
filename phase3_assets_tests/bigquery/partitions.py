"""Which partitioned tables a statement reads or changes without saying which partitions it wants."""

from sqlglot import exp

from phase3_assets.catalog.contracts import raw_contracts
from phase3_assets.catalog.parser import parse
from phase3_assets.catalog.tables import all_contracts

PARTITIONS = {c.full_name: c.partition for c in [*raw_contracts().values(), *all_contracts()]}
_CONSTANTS = (exp.Parameter, exp.Literal, exp.Null)


def unpruned(sql: str) -> list[str]:
    """The partitioned tables that a statement reads or changes without a constant predicate on their partition."""
    tree = parse(sql)
    found = []
    for table in tree.find_all(exp.Table):
        partition = PARTITIONS.get(f"{table.db}.{table.name}")
        if partition is None or (isinstance(tree, exp.Create) and table is _created(tree)):
            continue
        if not any(_bounds(condition, partition, table) for condition in _conditions(tree, table)):
            found.append(f"{table.db}.{table.name}")
    return found


def _created(tree):
    return tree.this.this if isinstance(tree.this, exp.Schema) else tree.this


def _conditions(tree, table):
    """What must hold of each row of the table that the statement takes up."""
    if isinstance(tree, exp.Alter) or (isinstance(tree, exp.Insert) and table.find_ancestor(exp.Select) is None):
        return [exp.true()]  # adding rows, or columns, reads none
    if isinstance(tree, exp.Merge) and table is tree.this:
        of_source = [when.args["condition"] for when in tree.find_all(exp.When) if when.args.get("source")]
        return of_source or [tree.args["on"]]
    if isinstance(tree, exp.Delete) and table is tree.this:
        return [tree.args["where"].this]
    where = table.parent_select.args.get("where") if table.parent_select else None
    return [where.this] if where else []


def _bounds(condition, partition, table):
    if condition == exp.true():
        return True
    if isinstance(condition, exp.And):
        return _bounds(condition.left, partition, table) or _bounds(condition.right, partition, table)
    if isinstance(condition, exp.Paren):
        return _bounds(condition.this, partition, table)
    if isinstance(condition, (exp.Between, exp.EQ, exp.GTE)):
        column, *others = list(condition.iter_expressions())
        is_partition = isinstance(column, exp.Column) and column.name == partition
        is_of_table = is_partition and column.table in ("", table.alias_or_name)
        return is_of_table and all(map(_is_constant, others))
    return False


def _is_constant(value):
    value = value.unnest()
    if isinstance(value, (exp.DateAdd, exp.DateSub)):
        return isinstance(value.this, (*_CONSTANTS, exp.Cast)) and isinstance(value.expression, exp.Literal)
    return isinstance(value, (*_CONSTANTS, exp.Cast))
