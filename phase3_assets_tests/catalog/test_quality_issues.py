"""Every word that a SELECT writes into quality_issues has a meaning, and every meaning is of such a word."""

import re

import pytest
from sqlglot import exp

from phase3_assets.catalog.parser import parse
from phase3_assets.catalog.quality_issues import COLUMN, meanings, quality_issues
from phase3_assets.catalog.tables import published_table, published_tables
from phase3_assets_tests.support.games import OFFENSE, PLAYERS


def words_written(table):
    """The words in the definition of the column: its texts, but for those that something is compared with."""
    (definition,) = [one for one in parse(table.select).selects if one.alias_or_name == COLUMN]
    texts = [
        node for node in definition.find_all(exp.Literal) if node.is_string and not isinstance(node.parent, exp.EQ)
    ]
    return {node.name.removesuffix("=") for node in texts if re.fullmatch(r"[a-z_]+=?", node.name)}


@pytest.mark.parametrize("table", published_tables(), ids=lambda table: table.name)
def test_every_word_has_a_meaning(table):
    assert words_written(table) <= quality_issues(table.name).keys()
    assert all(re.fullmatch(r"[A-Z].*\.", meaning) for meaning in quality_issues(table.name).values())


def test_every_meaning_is_of_a_word_that_is_written():
    written = {word for table in published_tables() for word in words_written(table)}
    assert written == {word for table in published_tables() for word in quality_issues(table.name)}
    assert words_written(published_table(OFFENSE)) == {"team_rebuilt", "team_contradicted", "home_flag_differs"}


def test_a_word_is_found_with_its_details_and_in_the_tables_that_take_it_over():
    found = meanings(PLAYERS, ["players_incomplete=14 minutes of UTA", "team_rebuilt", "a_word_of_earlier_code"])
    assert found.keys() == {"team_rebuilt", "players_incomplete"}
    assert found["team_rebuilt"] == quality_issues(OFFENSE)["team_rebuilt"]
