"""The leak test finds planted leaks, and finds none in the tables as they are.

What belongs here: what the test finds, what it refuses to call a proof, what its texts say was known before tip-off,
and its command. What doesn't: the figures of the tables (sql/test_upcoming_team_games.py).
"""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from click.testing import CliRunner

from phase3_assets.catalog import tables as catalog
from phase3_assets.catalog.contracts import PRE_GAME, SQL_FOLDER, raw_contracts
from phase3_assets.catalog.queries import prepared, sql_text
from phase3_assets.catalog.tables import published_table, published_tables
from phase3_assets.cli import main
from phase3_assets.demo.season import simulate_season
from phase3_assets.errors import ConfigurationError
from phase3_assets.publishing import leak_test as module
from phase3_assets.publishing.leak_test import WHOLE_ROW, leak_test
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.publishing.survey import survey
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets_tests.support.games import OFFENSE

UPCOMING = "upcoming_team_game_context"
FIRST, LAST = date(2026, 1, 20), date(2026, 2, 1)
DAY = date(2026, 1, 27)
SELECT = f"tables/{UPCOMING}/select"


def season(make_world, seed=11, first=FIRST, days=13):
    world = make_world(simulate_season(seed, first, days))
    world.load()
    world.publish()
    return world


def result_of(world, start=DAY, end=DAY, tables=None):
    return leak_test(world.warehouse, start, end, tables or published_tables(), Thresholds())


@pytest.fixture
def played(make_world):
    """Thirteen simulated days, all played and published."""
    return season(make_world)


@pytest.fixture
def plant(monkeypatch):
    """Plant a leak: change the text of a pre-game table's SELECT."""

    def change(old: str, new: str, name: str = SELECT) -> None:
        assert old in sql_text(name)
        changed = sql_text(name).replace(old, new)
        monkeypatch.setattr(catalog, "sql_text", lambda wanted: changed if wanted == name else sql_text(wanted))
        catalog.published_tables.cache_clear()

    yield change
    monkeypatch.undo()
    catalog.published_tables.cache_clear()


# --- The tables as they are -------------------------------------------------------------------------------------------


def test_the_tables_have_no_leak_and_every_row_is_compared(played):
    shown = []
    found = leak_test(played.warehouse, FIRST, LAST, published_tables(), Thresholds(), shown.append)
    assert found.leaks == []
    tables = [table.name for table in published_tables() if table.phase == PRE_GAME]
    for tested in found.dates:
        games = [game for game in played.games if game.game_date == tested.game_date]
        assert set(tested.rows) == set(tables) and tested.rows[UPCOMING] == 2 * len(games)
        assert tested.played_games == len(games) and tested.hidden[f"earlier.{OFFENSE}"] == 2 * len(games)
    assert shown == found.dates
    days = {FIRST + timedelta(days=offset) for offset in range(13)}
    assert set(found.without_games) == days - {game.game_date for game in played.games} != set()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_leak_in_seasons_with_missing_moved_and_doubtful_games(make_world, seed):
    """The rows are odd here, and the same whatever is known of later."""
    world = make_world(simulate_season(seed, date(2025, 12, 1), 20))
    for game in world.games[5::9]:
        world.contradict(game)
    for game in world.games[7::11]:
        world.drop("nbac_schedule", game) if seed == 2 else postpone(world, game)
    for position, game in enumerate(world.games[3::13]):
        move(world, game, days=3 + position, is_played=bool(position % 2))
    for row in world.rows["nbac_schedule"][::5]:
        row["game_date_est"] = None
    world.load()
    world.publish()
    found = result_of(world, date(2025, 12, 1), date(2025, 12, 20))
    assert found.leaks == [] and found.rows > 100


def postpone(world, game):
    for row in world.of("nbac_schedule", game):
        row |= {"game_status": 1, "game_status_text": "Postponed", "home_team_score": None, "away_team_score": None}


def move(world, game, days, is_played):
    """List the game on a later date too; it was played there, or else on its first date."""
    first = world.of("nbac_schedule", game)
    later = [
        {
            **row,
            "game_date": row["game_date"] + timedelta(days=days),
            "game_date_est": game.tip_off + timedelta(days=days),
            "processed_at": row["processed_at"] + timedelta(days=days),
        }
        for row in first
    ]
    for row in first if is_played else later:
        row |= {"game_status": 1, "game_status_text": "Scheduled", "home_team_score": None, "away_team_score": None}
    world.rows["nbac_schedule"] += later


@pytest.mark.slow
@pytest.mark.real_data
@pytest.mark.timeout(900)
def test_no_leak_in_real_seasons(real_warehouse):
    publish(real_warehouse, Request(date(2024, 10, 22), date(2026, 3, 12)))
    for start, end in [
        (date(2024, 10, 22), date(2024, 10, 24)),
        (date(2024, 12, 16), date(2024, 12, 17)),
        (date(2025, 4, 13), date(2025, 4, 13)),
        (date(2025, 10, 21), date(2025, 10, 22)),
        (date(2026, 2, 3), date(2026, 2, 4)),
    ]:
        found = leak_test(real_warehouse, start, end, published_tables(), Thresholds())
        assert found.leaks == [] and found.rows and not found.without_results


# --- Planted leaks ----------------------------------------------------------------------------------------------------

_RAW_OF_GAME = "raw.game_date BETWEEN @start_date AND @end_date AND raw.game_date = own.game_date"
PLANTED = {
    "a window that includes the date itself": (
        "AND published.game_date < upcoming.game_date",
        "AND published.game_date <= upcoming.game_date",
        {"last_game_margin", "offensive_rating_last_10"},
        {"removed", "absurd"},
    ),
    "later games of the range": (
        "AND published.game_date < upcoming.game_date",
        "AND published.game_date <> upcoming.game_date",
        {"offensive_rating_last_10"},
        {"removed", "absurd"},
    ),
    "tonight's final score": (
        "form.last_game_margin,",
        "own.home_score AS last_game_margin,",
        {"last_game_margin"},
        {"removed", "absurd"},
    ),
    "rest counted with the final state of tonight": (
        "own.days_since_last_game - 1 AS team_days_rest",
        "own.days_since_last_game - IF(own.schedule_state = 'final', 0, 1) AS team_days_rest",
        {"team_days_rest"},
        {"removed"},
    ),
    "a line read after tip-off": (
        "form.last_game_margin,",
        f"""(
    SELECT CAST(ROUND(SUM(100 * raw.points_line)) AS INT64) FROM nba_raw.odds_api_player_points_props AS raw
    WHERE {_RAW_OF_GAME}
  ) AS last_game_margin,""",
        {"last_game_margin"},
        {"removed", "absurd"},
    ),
    "a figure that only counts the rows of tonight": (
        "form.last_game_margin,",
        "(SELECT COUNT(*) FROM nba_raw.nbac_team_boxscore AS raw WHERE "
        f"{_RAW_OF_GAME} AND raw.team_abbr = own.team_abbr) AS last_game_margin,",
        {"last_game_margin"},
        {"removed"},
    ),
    "a figure that only a high score of tonight changes": (
        "form.last_game_margin,",
        "(SELECT COUNTIF(raw.points > 175) FROM nba_raw.nbac_team_boxscore AS raw WHERE "
        f"{_RAW_OF_GAME} AND raw.team_abbr = own.team_abbr) AS last_game_margin,",
        {"last_game_margin"},
        {"absurd"},
    ),
    "a row that is there because of tonight's gamebook": (
        "FROM upcoming AS own\n",
        "FROM (SELECT * FROM upcoming WHERE team_abbr IN (SELECT raw.team_abbr FROM "
        "nba_raw.nbac_gamebook_player_stats AS raw WHERE raw.game_date BETWEEN @start_date AND @end_date)) AS own\n",
        {WHOLE_ROW},
        {"removed"},
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_leak_is_found(played, plant, name):
    old, new, columns, variants = PLANTED[name]
    if "home_score" in new:
        new = new.replace("home_score", "final_score")
        plant("schedule_state, team_abbr,", "schedule_state, final_score, team_abbr,")
        text = catalog.sql_text(SELECT).replace(old, new)
        plant(sql_text(SELECT), text)
    else:
        plant(old, new)
    found = result_of(played)
    leaks = [leak for leak in found.leaks if leak.table == UPCOMING]
    assert columns <= {leak.column for leak in leaks}
    for column in columns:
        assert {leak.variant for leak in leaks if leak.column == column} == variants
    games = {game.game_id: {game.home, game.away} for game in played.games if game.game_date == DAY}
    assert all(leak.subject in games[leak.game_id] and leak.game_date == DAY for leak in leaks)


def test_a_leak_says_both_values(played, plant):
    plant(
        "own.days_since_last_game - 1 AS team_days_rest",
        "IF(own.schedule_state = 'final', 77, 78) AS team_days_rest",
    )
    (leak, *others) = result_of(played).leaks
    assert (leak.column, leak.variant, leak.with_everything, leak.with_what_was_known) == (
        "team_days_rest",
        "removed",
        77,
        78,
    )
    games = [game for game in played.games if game.game_date == DAY]
    assert len(others) + 1 == 2 * len(games)


# --- What is no proof -------------------------------------------------------------------------------------------------


def test_no_game_or_no_result_is_no_proof(played):
    with pytest.raises(ConfigurationError, match="no games are scheduled from 2026-07-01"):
        result_of(played, date(2026, 7, 1), date(2026, 7, 2))
    for game in [game for game in played.games if game.game_date >= DAY]:
        for name in ("nbac_schedule", *played.rows):
            if name != "nbac_schedule":
                played.drop(name, game)
        for row in played.of("nbac_schedule", game):
            row |= {"game_status": 1, "game_status_text": "", "home_team_score": None, "away_team_score": None}
    played.load()
    with pytest.raises(ConfigurationError, match="nothing is proven"):
        result_of(played)
    found = result_of(played, DAY - timedelta(days=1), DAY)
    assert found.without_results == [DAY] and found.leaks == []


def test_inputs_of_which_nothing_could_be_hidden_are_named(make_world):
    world = make_world(simulate_season(11, FIRST, 5))
    world.load()
    assert result_of(world, FIRST, FIRST).never_hidden == [f"earlier.{OFFENSE}"], "nothing is published"


def test_a_table_of_played_games_cannot_be_tested(played):
    with pytest.raises(ConfigurationError, match=f"{OFFENSE}: no pre-game table.*{UPCOMING}"):
        result_of(played, tables=[published_table(OFFENSE)])


def test_a_raw_table_without_a_text_is_refused_by_name(played, monkeypatch, tmp_path):
    monkeypatch.setattr(module, "SQL_FOLDER", tmp_path)
    with pytest.raises(ConfigurationError, match=rf"{UPCOMING} reads nba_raw\.nbac_schedule.*leak_test/nbac_schedule"):
        result_of(played)


def test_every_raw_table_has_a_text():
    assert {path.stem for path in (SQL_FOLDER / "leak_test").glob("*.sql")} == set(raw_contracts())


# --- What was known before tip-off ------------------------------------------------------------------------------------

NIGHT = date(2026, 2, 3)
TIP_OFF = datetime(2026, 2, 4, 0, 30, tzinfo=UTC)


def kept(warehouse, table, rows, is_absurd=False, game_status=1, tip_off=TIP_OFF):
    """What the table's text leaves of the rows before BOS at NYK on NIGHT."""
    schedule = {
        "game_id": "0022500700",
        "season_year": 2025,
        "game_date": NIGHT,
        "game_date_est": tip_off,
        "game_status": game_status,
        "home_team_tricode": "NYK",
        "away_team_tricode": "BOS",
        "processed_at": TIP_OFF,
    }
    parameters = {
        "start_date": NIGHT,
        "end_date": NIGHT,
        "season_start_date": date(2025, 10, 1),
        "season_end_date": date(2026, 9, 30),
        "is_absurd": is_absurd,
        **Thresholds().parameters(),
    }
    with warehouse.session() as session, session.unit():
        session.append(raw_contracts()["nbac_schedule"], [schedule])
        session.append(raw_contracts()[table], rows)
    with warehouse.session() as session:
        survey(session, NIGHT, NIGHT)
        return session.query(prepared(sql_text(f"leak_test/{table}")), parameters)


def report(day, hour, team="NYK", status="questionable", game_date=NIGHT, matchup="BOS@NYK"):
    return {
        "report_date": day,
        "report_hour": hour,
        "game_date": game_date,
        "team": team,
        "player_lookup": f"{day} {hour} {team}",
        "matchup": matchup,
        "injury_status": status,
    }


def test_an_injury_report_is_known_when_its_hour_is_over(warehouse):
    eve, morrow = NIGHT - timedelta(days=1), NIGHT + timedelta(days=1)
    known = [report(NIGHT, 18), report(eve, 23), report(eve, None), report(NIGHT, 5, "UNKNOWN")]
    known += [report(eve, 20, game_date=eve), report(eve, 20, game_date=morrow)]
    unknown = [
        report(NIGHT, 19),
        report(NIGHT, None),
        report(NIGHT, 19, "UNKNOWN"),
        report(NIGHT, 5, "?", matchup=""),
        report(NIGHT, 10, game_date=eve),
    ]
    unknown += [report(NIGHT, 10, game_date=morrow), report(morrow, 1)]
    rows = kept(warehouse, "nbac_injury_report", known + unknown)
    assert sorted(row["player_lookup"] for row in rows) == sorted(row["player_lookup"] for row in known)


def test_an_unknown_tip_off_is_midnight_for_reports(warehouse):
    known = [report(NIGHT - timedelta(days=1), 22)]
    rows = kept(warehouse, "nbac_injury_report", [*known, report(NIGHT, 1)], tip_off=None)
    assert [row["player_lookup"] for row in rows] == [known[0]["player_lookup"]]


def test_a_later_report_turns_round_where_it_is_absurd(warehouse):
    rows = [report(NIGHT, 18), report(NIGHT, 20, status="Out"), report(NIGHT, 21)]
    rows = kept(warehouse, "nbac_injury_report", rows, is_absurd=True)
    statuses = {row["report_hour"]: row["injury_status"] for row in rows}
    assert statuses == {18: "questionable", 20: "available", 21: "out"}


def line(minutes, point=-4.5, commence_time=TIP_OFF):
    return {
        "snapshot_timestamp": TIP_OFF - timedelta(minutes=minutes),
        "game_id": "e",
        "commence_time": commence_time,
        "game_date": commence_time.astimezone(UTC).date() - timedelta(days=1),
        "home_team": "New York Knicks",
        "away_team": "Boston Celtics",
        "home_team_abbr": "NYK",
        "away_team_abbr": "BOS",
        "bookmaker_key": "fanduel",
        "market_key": "spreads",
        "outcome_name": "New York Knicks",
        "outcome_point": point,
    }


@pytest.mark.parametrize("is_absurd", [False, True])
def test_a_game_line_is_known_until_the_game_begins(warehouse, is_absurd):
    tomorrow = TIP_OFF + timedelta(days=1)
    rows = [line(600), line(1), line(0, 4.5), line(-30), line(1, -1, tomorrow), line(1500, -1, tomorrow)]
    found = sorted(row["outcome_point"] for row in kept(warehouse, "odds_api_game_lines", rows, is_absurd))
    known = [-4.5, -4.5, -1]
    assert found == sorted(known + ([11.5, -11.5, -8] if is_absurd else []))


def prop(minutes, said=None, start=TIP_OFF):
    return {
        "game_id": "0022500700",
        "odds_api_event_id": "e",
        "game_date": NIGHT,
        "game_start_time": start,
        "home_team_abbr": "NYK",
        "away_team_abbr": "BOS",
        "snapshot_timestamp": TIP_OFF - timedelta(minutes=minutes),
        "minutes_before_tipoff": said,
        "bookmaker": "fanduel",
        "player_name": "A B",
        "points_line": 10 + minutes / 100,
    }


@pytest.mark.parametrize("is_absurd", [False, True])
def test_a_points_line_is_known_before_tip_off(warehouse, is_absurd):
    known = [prop(50), prop(40, 40), prop(30, start=None), prop(-10, 3)]
    unknown = [prop(0), prop(-5, -5), prop(20, 0), prop(-30, start=None)]
    rows = kept(warehouse, "odds_api_player_points_props", known + unknown, is_absurd)
    absurd = [row["points_line"] + 7 for row in unknown] if is_absurd else []
    assert sorted(row["points_line"] for row in rows) == sorted([row["points_line"] for row in known] + absurd)


def event(day):
    return {"game_date": day, "game_id": "1", "event_type": "shot", "shot_distance": 3.0, "shot_made": True}


@pytest.mark.parametrize("is_absurd", [False, True])
def test_play_by_play_is_known_of_earlier_dates(warehouse, is_absurd):
    rows = kept(warehouse, "bigdataball_play_by_play", [event(NIGHT - timedelta(days=1)), event(NIGHT)], is_absurd)
    assert sorted((row["shot_distance"], row["shot_made"]) for row in rows) == [(3, True)] + [(23, False)] * is_absurd


def test_the_schedule_keeps_the_game_and_forgets_its_end(make_world):
    world = make_world(2)
    world.load()
    game = world.game
    parameters = {
        "start_date": game.game_date,
        "end_date": game.game_date,
        "season_start_date": date(2025, 10, 1),
        "season_end_date": date(2026, 9, 30),
        **Thresholds().parameters(),
    }
    with world.warehouse.session() as session:
        survey(session, game.game_date, game.game_date)
        rows = {
            is_absurd: session.query(
                prepared(sql_text("leak_test/nbac_schedule")), {**parameters, "is_absurd": is_absurd}
            )
            for is_absurd in (False, True)
        }
    of_game = {is_absurd: [row for row in rows[is_absurd] if row["game_id"] == game.nba_game_id] for is_absurd in rows}
    (known,), (absurd,) = of_game[False], of_game[True]
    assert (known["game_status"], known["game_status_text"]) == (1, "Scheduled")
    assert known["home_team_score"] is known["away_team_score"] is known["winning_team_tricode"] is None
    assert known["game_date_est"] == game.tip_off
    home, away = game.total(game.home, "points"), game.total(game.away, "points")
    assert (absurd["home_team_score"], absurd["away_team_score"]) == (away + 50, home + 50)


# --- The command ------------------------------------------------------------------------------------------------------


def phase3(*arguments):
    return CliRunner().invoke(main, ["leak-test", *arguments], catch_exceptions=False)


def test_the_command_says_what_was_compared(played):
    games = sum(game.game_date == DAY for game in played.games)
    answer = phase3(DAY.isoformat(), "--table", UPCOMING)
    assert answer.exit_code == 0
    assert f"{DAY}  {UPCOMING}  {2 * games} rows compared, 0 leaks" in answer.output
    assert f"{2 * games} rows of 1 dates, each compared twice: no leak" in answer.output
    found = json.loads(CliRunner().invoke(main, ["leak-test", DAY.isoformat(), "--json"]).stdout)
    assert found["leaks"] == [] and found["dates"][0]["rows"][UPCOMING] == 2 * games


def test_the_command_names_every_leak_and_exits_1(played, plant):
    plant(
        "own.days_since_last_game - 1 AS team_days_rest", "IF(own.schedule_state = 'final', 77, 78) AS team_days_rest"
    )
    game = next(game for game in played.games if game.game_date == DAY)
    answer = phase3(DAY.isoformat())
    assert answer.exit_code == 1
    said = f"{UPCOMING}.team_days_rest: 77 with everything, 78 with later things removed"
    assert f"leak  {DAY}  {game.game_id}  {game.home}  {said}" in answer.output
    (leak, *_) = json.loads(CliRunner().invoke(main, ["leak-test", DAY.isoformat(), "--json"]).stdout)["leaks"]
    assert (leak["column"], leak["variant"], leak["with_everything"]) == ("team_days_rest", "removed", 77)


def test_the_command_exits_2_where_nothing_is_proven(played):
    answer = phase3("2026-07-01")
    assert answer.exit_code == 2 and "nothing is proven" in answer.output
    assert phase3(DAY.isoformat(), "--table", OFFENSE).exit_code == 2
