"""What BigQuery refuses although Google's analyzer and the emulator accept it, found in the text alone.

What belongs here: one function for each thing, from a statement to a sentence about every place, and BigQuery's limits.
What doesn't: which statements (statements.py), and what the analyzer refuses as well (test_analyzer.py).

BigQuery's messages are quoted, so that a search finds the rule. A limit says which page of its documentation has it.
"""

from collections.abc import Callable, Iterator

from sqlglot import exp

# "Quotas and limits", query jobs: an unresolved text, its parameters, views within views, what a text becomes once all
# views are expanded, tables it names then; and one request, parameters included.
LARGEST_TEXT = 1024 * 1024
LARGEST_EXPANDED_TEXT = 12 * 1024 * 1024
MOST_PARAMETERS = 10_000
DEEPEST_VIEWS = 16
MOST_TABLES = 1_000
LARGEST_REQUEST = 10 * 1024 * 1024
# "Quotas and limits", tables.
_MOST_CLUSTER_COLUMNS = 4
_LONGEST_COLUMN_DESCRIPTION = 1_024
_LONGEST_TABLE_DESCRIPTION = 16_384
_RESERVED_PREFIXES = ("_table_", "_file_", "_partition", "_row_timestamp", "__root__", "_colidentifier", "_change_")
_ONLY_OVER_A_WINDOW = (exp.PercentileCont, exp.PercentileDisc)


def refusals(tree: exp.Expr) -> list[str]:
    """A sentence for every place of a statement that BigQuery would refuse; none where it would take it."""
    return [f"{rule.__name__}: {place}" for rule in RULES for place in rule(tree)]


def parameterized_type_outside_a_column(tree: exp.Expr) -> Iterator[str]:
    """'Parameterized types are not allowed in CAST expressions': NUMERIC(6,2) is said of columns alone."""
    for kind in tree.find_all(exp.DataType):
        if kind.find(exp.DataTypeParam) and not isinstance(kind.parent, (exp.ColumnDef, exp.DataType)):
            yield kind.parent.sql("bigquery")


def outer_join_without_equality(tree: exp.Expr) -> Iterator[str]:
    """'LEFT OUTER JOIN cannot be used without a condition that is an equality of fields from both sides ...'."""
    for join in tree.find_all(exp.Join):
        if join.side not in ("LEFT", "RIGHT", "FULL") or isinstance(join.this, exp.Unnest) or join.args.get("using"):
            continue
        joined = join.this.alias_or_name
        if not any(_compares_sides(condition, {joined}) for condition in _conjuncts(join.args.get("on"))):
            yield join.sql("bigquery")


def subquery_in_a_join(tree: exp.Expr) -> Iterator[str]:
    """'Unsupported subquery with table in join predicate'; one over an array is none."""
    for join in tree.find_all(exp.Join):
        yield from _subqueries_with_table(join.args.get("on"))


def subquery_in_a_merge_clause(tree: exp.Expr) -> Iterator[str]:
    """'Unsupported subquery in MERGE statement': neither ON nor a WHEN may look into a table."""
    for merge in tree.find_all(exp.Merge):
        for condition in [merge.args.get("on"), *(when.args.get("condition") for when in merge.find_all(exp.When))]:
            yield from _subqueries_with_table(condition)


def correlation_that_cannot_be_undone(tree: exp.Expr) -> Iterator[str]:
    """'Correlated subqueries that reference other tables are not supported unless they can be de-correlated'.

    It can be where the WHERE of the subquery sets a column of its own equal to one of the row outside, all mentions of
    that row are in this WHERE, and the subquery has neither a LIMIT nor a window beside it.
    """
    for select in tree.find_all(exp.Select):
        if not _is_a_value(select) or not _tables(select):
            continue
        own = _relations(select)
        mentions = [column for column in select.find_all(exp.Column) if column.table and column.table not in own]
        if not mentions:
            continue
        where = select.args.get("where")
        undone = where and any(_compares_sides(condition, own) for condition in _conjuncts(where.this))
        elsewhere = any(column.find_ancestor(exp.Where) is not where for column in mentions)
        has_window = any(window.parent_select is select for window in select.find_all(exp.Window))
        if not undone or elsewhere or select.args.get("limit") or has_window:
            yield select.sql("bigquery")


def window_function_as_aggregate(tree: exp.Expr) -> Iterator[str]:
    """'Analytic function PERCENTILE_CONT cannot be called without an OVER clause'."""
    for call in tree.find_all(*_ONLY_OVER_A_WINDOW):
        if not call.find_ancestor(exp.Window):
            yield call.sql("bigquery")


def table_that_cannot_be_declared(tree: exp.Expr) -> Iterator[str]:
    """Of DDL: required arrays, new required columns, many cluster columns, reserved names, long descriptions."""
    for column in tree.find_all(exp.ColumnDef):
        required = column.find(exp.NotNullColumnConstraint)
        if required and column.args["kind"].is_type(exp.DType.ARRAY):
            yield f"'NOT NULL constraint on an array': {column.name}"
        if required and column.find_ancestor(exp.Alter):
            yield f"'Cannot add required columns to an existing schema': {column.name}"
        if column.name.lower().startswith(_RESERVED_PREFIXES):
            yield f"'Invalid field name': {column.name}"
    for cluster in tree.find_all(exp.Cluster, exp.ClusterProperty):
        if len(cluster.expressions) > _MOST_CLUSTER_COLUMNS:
            yield f"clustered by {len(cluster.expressions)} columns"
    for option in tree.find_all(exp.Property):
        longest = _LONGEST_COLUMN_DESCRIPTION if option.find_ancestor(exp.ColumnDef) else _LONGEST_TABLE_DESCRIPTION
        if option.name == "description" and len(option.args["value"].name) > longest:
            yield f"a description of {len(option.args['value'].name)} characters"


RULES: tuple[Callable[[exp.Expr], Iterator[str]], ...] = (
    parameterized_type_outside_a_column,
    outer_join_without_equality,
    subquery_in_a_join,
    subquery_in_a_merge_clause,
    correlation_that_cannot_be_undone,
    window_function_as_aggregate,
    table_that_cannot_be_declared,
)


def _conjuncts(condition: exp.Expr | None) -> Iterator[exp.Expr]:
    """What must hold all together."""
    if isinstance(condition, exp.Paren):
        yield from _conjuncts(condition.this)
    elif isinstance(condition, exp.And):
        yield from _conjuncts(condition.left)
        yield from _conjuncts(condition.right)
    elif condition is not None:
        yield condition


def _compares_sides(condition: exp.Expr, own: set[str]) -> bool:
    """Whether a condition sets something of `own` relations equal to something of others, each side of one kind."""
    if not isinstance(condition, exp.EQ):
        return False
    left, right = (
        {column.table in own for column in side.find_all(exp.Column) if column.table}
        for side in (condition.left, condition.right)
    )
    return len(left) == len(right) == 1 and left != right


def _subqueries_with_table(condition: exp.Expr | None) -> Iterator[str]:
    for select in condition.find_all(exp.Select) if condition else ():
        if _tables(select):
            yield select.sql("bigquery")


def _tables(select: exp.Expr) -> list[exp.Table]:
    """Tables, views and WITHs that a SELECT reads; arrays are none."""
    return [table for table in select.find_all(exp.Table) if table.name]


def _is_a_value(select: exp.Select) -> bool:
    """Whether a SELECT stands where a value or a condition does, not where a relation or a statement does."""
    node = select.parent
    while isinstance(node, (exp.Subquery, exp.Paren)):
        node = node.parent
    return isinstance(node, (exp.Condition, exp.Alias, exp.Where, exp.Select, exp.Ordered))


def _relations(select: exp.Select) -> set[str]:
    """What a SELECT and all that is in it call their relations, the elements of arrays included."""
    names = {table.alias_or_name for table in select.find_all(exp.Table)}
    for alias in select.find_all(exp.TableAlias):
        names |= {alias.name, *(column.name for column in alias.columns)}
    return names
