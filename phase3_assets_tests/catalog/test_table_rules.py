"""What the catalog refuses of a table's folder, by name, before anything is published.

What belongs here: SELECTs and contracts that the core could not keep right, each beside one that is fine. What doesn't:
tables of every kind at work (publishing/test_table_kinds.py).
"""

import pytest

from phase3_assets.catalog.contracts import SQL_FOLDER, read_contract
from phase3_assets.catalog.table_names import TABLE_NAMES
from phase3_assets.catalog.table_rules import require_sound, same_game_fault
from phase3_assets.catalog.tables import published_tables
from phase3_assets.errors import ConfigurationError

NAMES = " ".join(TABLE_NAMES)
TEAMS = "nba_analytics.team_offense_game_summary"
OF_RANGE = "t.game_date BETWEEN @start_date AND @end_date"
SEASON_LABEL = 'labels=[("look_back", "season")]'
OTHER_GAMES = {
    "an average over a team's games": f"""SELECT g.game_id, AVG(t.points) AS points FROM scheduled_games AS g
        JOIN {TEAMS} AS t ON t.team_abbr = g.home_team_abbr AND t.game_date < g.game_date
        WHERE {OF_RANGE} GROUP BY g.game_id""",
    "a window over a team's games": f"""SELECT t.game_id,
        AVG(t.points) OVER (PARTITION BY t.team_abbr ORDER BY t.game_date) AS points
        FROM {TEAMS} AS t WHERE {OF_RANGE}""",
    "a whole season": f"""SELECT t.game_id FROM {TEAMS} AS t
        WHERE t.game_date BETWEEN @season_start_date AND @end_date""",
    "no dates at all": f"SELECT t.game_id FROM {TEAMS} AS t",
    "a join by team of rows set aside": f"""WITH rows_of_range AS (SELECT * FROM {TEAMS} AS t WHERE {OF_RANGE})
        SELECT g.game_id, r.points
        FROM scheduled_games AS g JOIN rows_of_range AS r ON r.team_abbr = g.home_team_abbr""",
    "a window over rows set aside": f"""WITH rows_of_range AS (SELECT * FROM {TEAMS} AS t WHERE {OF_RANGE})
        SELECT game_id, LAG(points) OVER (PARTITION BY team_abbr ORDER BY game_date) AS points FROM rows_of_range""",
    "a row that exists for the team": f"""SELECT g.game_id FROM scheduled_games AS g
        WHERE EXISTS (SELECT 1 FROM {TEAMS} AS t WHERE t.team_abbr = g.home_team_abbr AND {OF_RANGE})""",
    "a team among those of the range": f"""SELECT g.game_id FROM scheduled_games AS g
        WHERE g.home_team_abbr IN (SELECT t.team_abbr FROM {TEAMS} AS t WHERE {OF_RANGE})""",
    "one figure of the whole range": f"""SELECT
        g.game_id, (SELECT AVG(t.points) FROM {TEAMS} AS t WHERE {OF_RANGE}) AS points FROM scheduled_games AS g""",
    "a join by game or by team": f"""SELECT g.game_id FROM scheduled_games AS g
        JOIN {TEAMS} AS t ON t.game_id = g.game_id OR t.team_abbr = g.home_team_abbr WHERE {OF_RANGE}""",
    "every row beside every game": f"SELECT g.game_id FROM scheduled_games AS g, {TEAMS} AS t WHERE {OF_RANGE}",
    "a table beside itself, by team": f"""SELECT t.game_id FROM {TEAMS} AS t JOIN {TEAMS} AS o
        ON o.team_abbr = t.team_abbr WHERE {OF_RANGE} AND o.game_date BETWEEN @start_date AND @end_date""",
    "a team's first row": f"""SELECT t.game_id FROM {TEAMS} AS t WHERE {OF_RANGE}
        QUALIFY ROW_NUMBER() OVER (PARTITION BY t.team_abbr ORDER BY t.game_date) = 1""",
}
SAME_GAME = {
    "the rows of the range": f"SELECT t.game_id FROM {TEAMS} AS t WHERE {OF_RANGE}",
    "a sum over a game": f"""SELECT t.game_id, SUM(t.points) AS points
        FROM {TEAMS} AS t WHERE {OF_RANGE} GROUP BY t.game_id""",
    "a join by game": f"""SELECT g.game_id FROM scheduled_games AS g
        JOIN {TEAMS} AS t ON t.game_id = g.game_id AND t.team_abbr = g.home_team_abbr AND {OF_RANGE}""",
    "a row that exists for the game": f"""SELECT g.game_id FROM scheduled_games AS g
        WHERE EXISTS (SELECT 1 FROM {TEAMS} AS t WHERE t.game_id = g.game_id AND {OF_RANGE})""",
    "a window over the schedule, beside": f"""WITH listed AS (
        SELECT game_id, ROW_NUMBER() OVER (PARTITION BY home_team_abbr ORDER BY game_date) AS n FROM season_games)
        SELECT l.game_id FROM listed AS l JOIN {TEAMS} AS t ON t.game_id = l.game_id AND {OF_RANGE}""",
    "earlier games by the name that says so": """SELECT g.game_id, AVG(t.points) AS points FROM scheduled_games AS g
        JOIN earlier.team_offense_game_summary AS t ON t.team_abbr = g.home_team_abbr AND t.game_date < g.game_date
        GROUP BY g.game_id""",
}
OFFENSE_CONTRACT = SQL_FOLDER / "tables" / "team_offense_game_summary" / "table.sql"


def contract_with(tmp_path, *changes):
    text = OFFENSE_CONTRACT.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "table.sql"
    path.write_text(text)
    return read_contract(path)


def labelled(*labels):
    pairs = ", ".join(f'("{name}", "{value}")' for name, value in labels)
    return ("require_partition_filter=TRUE", f"labels=[{pairs}], require_partition_filter=TRUE")


@pytest.mark.parametrize("select", OTHER_GAMES.values(), ids=OTHER_GAMES)
def test_published_rows_of_other_games_are_refused_under_a_tables_own_name(select):
    assert same_game_fault(select, NAMES)


@pytest.mark.parametrize("select", SAME_GAME.values(), ids=SAME_GAME)
def test_published_rows_of_the_same_game_are_not(select):
    assert same_game_fault(select, NAMES) == ""


@pytest.mark.parametrize("table", published_tables(), ids=lambda table: table.name)
def test_our_own_tables_are_sound(table):
    require_sound(table.name, table.contract, table.select)


def test_earlier_rows_need_a_look_back_and_a_look_back_earlier_rows(tmp_path):
    plain, looking = contract_with(tmp_path), contract_with(tmp_path / "..", labelled(("look_back", "season")))
    earlier = SAME_GAME["earlier games by the name that says so"]
    with pytest.raises(
        ConfigurationError, match=r'sql/tables/form: .*labels=\[\("look_back", "season"\)\].*nothing was'
    ):
        require_sound("form", plain, earlier)
    require_sound("form", looking, earlier)
    with pytest.raises(ConfigurationError, match=r"says look_back season, but select.sql reads neither"):
        require_sound("form", looking, SAME_GAME["a join by game"])
    with pytest.raises(ConfigurationError, match="no published table of that name"):
        require_sound("form", looking, "SELECT game_id FROM earlier.nothing")
    of_season = "SELECT game_id, LAG(game_id) OVER (PARTITION BY team_abbr ORDER BY game_date) FROM season_team_games"
    with pytest.raises(ConfigurationError, match="reads season_team_games, which has rows of other dates"):
        require_sound("form", plain, of_season)
    require_sound("form", looking, of_season)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("  game_id STRING NOT NULL", "  game STRING NOT NULL"), "has no column game_id"),
        (("  publication_id STRING", "  publication STRING"), "has no column publication_id"),
        (("PRIMARY KEY (game_date, team_abbr)", "PRIMARY KEY (team_abbr, season_year)"), "the key must be game_date"),
        (("PRIMARY KEY (game_date, team_abbr)", "PRIMARY KEY (game_date)"), "the key must be game_date"),
        (labelled(("phase", "pre_game")), "has no column tip_off, which every pre_game table needs"),
    ],
    ids=["no game_id", "no publication_id", "key without date", "key of a date alone", "pre-game without tip-off"],
)
def test_a_contract_without_what_the_core_needs_is_refused_by_name(tmp_path, change, said):
    with pytest.raises(ConfigurationError, match=said):
        require_sound("mine", contract_with(tmp_path, change), SAME_GAME["a join by game"])


@pytest.mark.parametrize(
    ("label", "said"),
    [
        (("phase", "midgame"), "the label phase is 'midgame'; it can be post_game or pre_game"),
        (
            ("look_back", "0_days"),
            "the label look_back is '0_days'; it can be season, two_seasons, or days such as 30_days",
        ),
        (("rows", "some"), "the label rows is 'some'"),
        (("phases", "pre_game"), "there is no label 'phases'; there are phase, look_back, rows"),
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) else "",
)
def test_a_label_that_means_nothing_is_refused(tmp_path, label, said):
    with pytest.raises(ConfigurationError, match=said):
        contract_with(tmp_path, labelled(label))


def test_a_pre_game_table_cannot_read_its_own_games_box_score(tmp_path):
    upcoming = next(table for table in published_tables() if table.phase == "pre_game")
    select = f"{upcoming.select}\nUNION ALL {SAME_GAME['the rows of the range']}"
    with pytest.raises(ConfigurationError, match="rows of a game not played yet"):
        require_sound("upcoming", upcoming.contract, select)
