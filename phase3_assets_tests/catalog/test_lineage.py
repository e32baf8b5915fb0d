"""Column lineage is read off the SQL, and the copy kept beside it is as new as the SQL."""

import pytest

from phase3_assets.catalog.lineage import column_lineage, trace
from phase3_assets.catalog.table_names import TABLE_NAMES

pytestmark = pytest.mark.slow
LONGEST = ("upcoming_player_game_context", "upcoming_team_game_context", "player_game_summary")
"""Their SQL takes a quarter of a minute each to trace."""


@pytest.mark.parametrize(
    "table", [pytest.param(name, marks=[pytest.mark.long] if name in LONGEST else []) for name in TABLE_NAMES]
)
def test_the_lineage_kept_is_the_lineage_of_the_sql(table):
    assert column_lineage(table) == trace(table), "run `make lineage`"


def test_a_figure_names_every_raw_column_that_it_is_computed_from():
    sources = {tuple(pair) for pair in column_lineage("team_offense_game_summary")["ts_pct"]}
    assert {("nbac_team_boxscore", c) for c in ("points", "fg_attempted", "ft_attempted")} <= sources
    assert ("nbac_team_boxscore", "assists") not in sources


def test_usage_is_traced_to_the_published_team_row():
    sources = {tuple(pair) for pair in column_lineage("player_game_summary")["usage_rate"]}
    assert ("team_offense_game_summary", "turnovers") in sources
