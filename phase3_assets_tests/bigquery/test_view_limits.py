"""The views that `phase3 init` keeps are far within what BigQuery takes of views within views."""

from functools import cache

import pytest
from sqlglot import exp

from phase3_assets.catalog.parser import parse
from phase3_assets.warehouse.schema import _create_views
from phase3_assets_tests.bigquery.refusals import DEEPEST_VIEWS, LARGEST_EXPANDED_TEXT, LARGEST_TEXT, MOST_TABLES

MOST_SCANS = 4_000
"""BigQuery gives no figure for 'query is too complex'. This one keeps a look from becoming dearer unnoticed."""


class _Taking:
    """A session that only takes views."""

    def __init__(self):
        self.views = {}

    def create_view(self, name, sql):
        self.views[name] = sql


@cache
def texts():
    """Every view as it is created, by `dataset.view`."""
    session = _Taking()
    _create_views(session)
    return session.views


def read_by(name):
    """The views a view names, once for each time."""
    named = (f"{table.db}.{table.name}" for table in parse(texts()[name]).find_all(exp.Table))
    return [each for each in named if each in texts()]


@cache
def depth(name):
    """How many views are within each other."""
    return 1 + max(map(depth, read_by(name)), default=0)


@cache
def expanded(name):
    """Bytes of the text once every view it names is put in its place."""
    return len(texts()[name].encode()) + sum(map(expanded, read_by(name)))


@cache
def tables(name):
    """Tables named once every view is put in its place."""
    named = [f"{table.db}.{table.name}" for table in parse(texts()[name]).find_all(exp.Table) if table.db]
    return sum(tables(each) if each in texts() else 1 for each in named)


@cache
def scans(name):
    """Tables read where nothing is shared: every WITH and every view worked out at each mention."""
    return _scans(parse(texts()[name]), {})


def _scans(node, known):
    if isinstance(node, exp.Table):
        full_name = f"{node.db}.{node.name}"
        if full_name in texts():
            return scans(full_name)
        if not node.db and node.name in known:
            return _scans(*known[node.name])
        return int(bool(node.db)) + sum(_scans(join, known) for join in node.args.get("joins") or ())
    defined = node.args.get("with_")
    for expression in defined.expressions if defined else ():
        known = {**known, expression.alias: (expression.this, known)}
    return sum(_scans(child, known) for child in node.iter_expressions() if child is not defined)


def test_views_are_counted_as_they_are_written():
    assert read_by("nba_phase3.schedule_rows") == []
    assert (depth("nba_phase3.schedule_rows"), depth("nba_phase3.scheduled_games")) == (1, 3)
    tables = {"a": (parse("SELECT 1 FROM d.t JOIN d.u ON TRUE"), {})}
    assert _scans(parse("SELECT * FROM a JOIN (SELECT * FROM a) AS b ON TRUE"), tables) == 4
    assert _scans(parse("WITH b AS (SELECT 1 FROM a), c AS (SELECT 1 FROM b, b) SELECT * FROM c"), tables) == 4


@pytest.mark.parametrize("name", texts())
def test_a_view_and_what_a_person_wraps_around_it_is_within_the_limits(name):
    assert len(texts()[name].encode()) < LARGEST_TEXT / 4
    assert expanded(name) < LARGEST_EXPANDED_TEXT / 4
    assert depth(name) <= DEEPEST_VIEWS - 4
    assert tables(name) < MOST_TABLES / 2
    assert scans(name) < MOST_SCANS
