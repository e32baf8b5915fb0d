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
from phase3_assets.demo.before_tip_off import game_line_rows, injury_report_rows
from phase3_assets.demo.season import simulate_season
from phase3_assets.errors import ConfigurationError
from phase3_assets.publishing import leak_test as module
from phase3_assets.publishing.leak_test import WHOLE_ROW, leak_test
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.publishing.survey import survey
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets_tests.support.games import OFFENSE, World

TEAMS, PLAYERS = "upcoming_team_game_context", "upcoming_player_game_context"
FIRST, DAY, LAST = date(2026, 1, 20), date(2026, 1, 27), date(2026, 2, 1)
BOX_SCORES = ("nbac_team_boxscore", "nbac_gamebook_player_stats", "nbac_player_boxscores")


def season(world):
    """Fill a world's raw tables with all that is written before and after tip-off too; returns the world, published."""
    world.rows["odds_api_game_lines"] = [row for game in world.games for row in game_line_rows(game)]
    world.rows["nbac_injury_report"] = [row for game in world.games for row in injury_report_rows(game)]
    world.load()
    world.publish()
    return world


def result_of(world, start=DAY, end=DAY, tables=None, show=lambda tested: None):
    return leak_test(world.warehouse, start, end, tables or published_tables(), Thresholds(), show)


@pytest.fixture(scope="module")
def played(tmp_path_factory, _initialised_file):
    """Thirteen simulated days, all played and published. One team of the first date is on no roster."""
    path = tmp_path_factory.mktemp("played") / "warehouse.duckdb"
    path.write_bytes(_initialised_file)
    world = World(DuckDBWarehouse(path), simulate_season(11, FIRST, 13))
    rosters = world.rows["espn_team_rosters"]
    world.rows["espn_team_rosters"] = [row for row in rosters if row["team_abbr"] != world.game.home]
    return season(world)


@pytest.fixture
def plant(monkeypatch):
    """Plant a leak: change a text under sql/."""
    planted = {}

    def text(name):
        return planted.get(name) or sql_text(name)

    def change(name: str, old: str, new: str) -> None:
        assert old in text(name)
        planted[name] = text(name).replace(old, new)
        catalog.published_tables.cache_clear()

    monkeypatch.setattr(catalog, "sql_text", text)
    monkeypatch.setattr(module, "sql_text", text)
    yield change
    monkeypatch.undo()
    catalog.published_tables.cache_clear()


# --- The tables as they are -------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.long
def test_the_tables_have_no_leak_and_every_row_is_compared(played):
    shown = []
    end = FIRST + timedelta(days=1)
    found = result_of(played, FIRST, end, show=shown.append)
    assert found.leaks == [] and found.never_hidden == []
    assert shown == found.dates and len(shown) == 2
    for tested in found.dates:
        games = [game for game in played.games if game.game_date == tested.game_date]
        assert set(tested.rows) == {table.name for table in published_tables() if table.phase == PRE_GAME}
        assert tested.rows[TEAMS] == 2 * len(games) and tested.rows[PLAYERS] >= 16 * len(games)
        assert tested.played_games == len(games) and tested.hidden[f"earlier.{OFFENSE}"] == 2 * len(games)
        assert min(tested.hidden[name] for name in ("nbac_injury_report", "odds_api_game_lines")) > 0


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.slow
@pytest.mark.long
def test_no_leak_where_games_are_missing_moved_and_without_tip_off(make_world, seed):
    """The rows are odd here, and the same whatever is known of later."""
    first = date(2025, 12, 1)
    world = make_world(simulate_season(seed, first, 9))
    for game in world.games[5::9]:
        world.contradict(game)
    for game in world.games[7::11]:
        world.drop("nbac_schedule", game) if seed == 2 else postpone(world, game)
    for position, game in enumerate(world.games[3::13]):
        move(world, game, days=2 + position, is_played=bool(position % 2))
    for row in world.rows["nbac_schedule"][::5]:
        row["game_date_est"] = None
    found = result_of(season(world), first + timedelta(days=3), first + timedelta(days=5))
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
@pytest.mark.long
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

_RAW_OF_TEAM = "raw.game_date BETWEEN @start_date AND @end_date AND raw.game_date = own.game_date"
BOTH = {"removed", "absurd"}


def variants(found, table=TEAMS):
    """By column in which a leak was found, the variants that showed it."""
    columns = {leak.column for leak in found.leaks if leak.table == table}
    return {
        name: {leak.variant for leak in found.leaks if (leak.table, leak.column) == (table, name)} for name in columns
    }


@pytest.mark.parametrize("sign", ["<=", "<>"], ids=["the date's own games", "later games"])
def test_a_window_with_other_games_than_earlier_ones_is_found(played, plant, sign):
    old = "AND published.game_date < upcoming.game_date"
    plant(f"tables/{TEAMS}/select", old, old.replace("<", sign))
    found = result_of(played, tables=[published_table(TEAMS)])
    assert variants(found)["offensive_rating_last_10"] == BOTH
    games = {game.game_id: {game.home, game.away} for game in played.games if game.game_date == DAY}
    assert all(leak.subject in games[leak.game_id] and leak.game_date == DAY for leak in found.leaks)


def test_each_planted_column_is_found_and_by_the_right_variant(played, plant):
    planted = {
        "team_days_rest": ("own.days_since_last_game - IF(own.schedule_state = 'final', 0, 1)", {"removed"}),
        "last_game_margin": ("own.final_score", BOTH),
        "team_win_streak_entering": ("IF(own.final_score > 175, 7, 3)", {"absurd"}),
        "team_loss_streak_entering": (
            f"(SELECT COUNT(*) FROM nba_raw.nbac_team_boxscore AS raw WHERE {_RAW_OF_TEAM})",
            {"removed"},
        ),
        "wins_last_10": (
            f"(SELECT MAX(raw.points) FROM nba_raw.nbac_gamebook_player_stats AS raw WHERE {_RAW_OF_TEAM})",
            BOTH,
        ),
    }
    name = f"tables/{TEAMS}/select"
    select = catalog.sql_text(name)
    body, _, last = select.rpartition("\nSELECT\n")
    names = ", ".join(planted)
    texts = ", ".join(f"{sql} AS {column}" for column, (sql, _) in planted.items())
    leaking = (
        f"{body},\nrows_as_they_are AS (SELECT\n{last}\n)\n"
        f"SELECT fine.* EXCEPT ({names}), {texts} FROM rows_as_they_are AS fine "
        "INNER JOIN (SELECT game_id, team_abbr, game_date, schedule_state, final_score, "
        "3 AS days_since_last_game FROM season_team_games) AS own "
        "ON own.game_id = fine.game_id AND own.team_abbr = fine.team_abbr"
    )
    plant(name, select, leaking)
    found = result_of(played, tables=[published_table(TEAMS)])
    assert variants(found) == {column: expected for column, (_, expected) in planted.items()}
    (leak, *_) = [leak for leak in found.leaks if leak.column == "team_days_rest"]
    assert (leak.with_everything, leak.with_what_was_known) == (3, 2)


@pytest.mark.slow
def test_what_views_read_after_tip_off_is_found_in_both_tables(played, plant):
    plant("views/closing_lines", "raw.minutes_before_tipoff > 0", "raw.minutes_before_tipoff > -999")
    plant("views/injury_report_rows", "known_until(game.tip_off, game.game_date)", "TIMESTAMP '2099-01-01'")
    plant("views/game_lines", "WHERE snapshot_timestamp < bound", "WHERE snapshot_timestamp IS NOT NULL")
    found = result_of(played)
    teams, players = variants(found, TEAMS), variants(found, PLAYERS)
    assert teams["game_spread"] == teams["players_out_count"] == BOTH
    assert players["current_points_line"] == players["player_status"] == BOTH
    assert players["game_spread"] == BOTH, "read from the team's row of the same computation"


@pytest.mark.slow
@pytest.mark.long
def test_players_listed_because_of_tonights_gamebook_are_found(played, plant):
    tonights = "FROM nba_raw.nbac_gamebook_player_stats WHERE game_date BETWEEN @start_date AND @end_date"
    for old, union, more in (
        (
            "FROM teams_by_latest_row\n  ) AS named",
            "UNION DISTINCT",
            f"SELECT game_date, player_lookup, team_abbr {tonights}",
        ),
        (
            "FROM teams_by_latest_row\n  ) AS teams_named",
            "UNION ALL",
            "SELECT game.game_id, tonights.player_lookup, tonights.team_abbr, 4, NULL, NULL, NULL "
            f"FROM (SELECT game_date, player_lookup, team_abbr {tonights}) AS tonights INNER JOIN team_games AS game "
            "ON game.game_date = tonights.game_date AND game.team_abbr = tonights.team_abbr",
        ),
    ):
        plant(f"tables/{PLAYERS}/select", old, old.replace("\n  )", f"\n    {union}\n    {more}\n  )"))
    found = result_of(played, FIRST, FIRST, [published_table(PLAYERS)])
    missing = [leak for leak in found.leaks if leak.variant == "removed" and leak.column == WHOLE_ROW]
    players = {line.player.lookup for line in played.game.lines if line.team == played.game.home}
    assert missing and {leak.subject for leak in missing} <= players
    assert {(leak.with_everything, leak.with_what_was_known) for leak in missing} == {("is there", "is missing")}


@pytest.mark.slow
@pytest.mark.long
def test_what_is_reported_before_a_later_game_must_not_reach_an_earlier_one(played, plant, tmp_path):
    """He is reported for another team when his own game has begun, and that team's has not."""
    early, late, *_ = (game for game in played.games if game.game_date == DAY)
    player = next(line.player for line in early.lines if line.team == early.home and line.seconds)
    path = tmp_path / "warehouse.duckdb"
    path.write_bytes(played.warehouse.path.read_bytes())
    world = World(DuckDBWarehouse(path), [])
    reported = report(DAY, 20, team=late.home, game_date=DAY) | {"player_full_name": player.name}
    with world.warehouse.session() as session, session.unit():
        session._connection.execute(
            "UPDATE nba_raw.nbac_schedule SET game_date_est = game_date_est + INTERVAL 3 HOUR "
            f"WHERE game_id = '{late.nba_game_id}'"
        )
        session.append(raw_contracts()["nbac_injury_report"], [reported])
    assert result_of(world).leaks == []
    plant(f"tables/{PLAYERS}/select", "AND report.known_from <= player.known_until", "")
    (leak,) = [leak for leak in result_of(world).leaks if (leak.table, leak.column) == (PLAYERS, WHOLE_ROW)]
    assert (leak.game_id, leak.subject, leak.variant) == (early.game_id, player.lookup, "first_games")
    assert (leak.with_everything, leak.with_what_was_known) == ("is missing", "is there")


# --- What is no proof -------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.long
def test_no_game_or_no_result_is_no_proof(played, tmp_path):
    with pytest.raises(ConfigurationError, match="no games are scheduled from 2026-07-01"):
        result_of(played, date(2026, 7, 1), date(2026, 7, 2))
    path = tmp_path / "warehouse.duckdb"
    path.write_bytes(played.warehouse.path.read_bytes())
    with DuckDBWarehouse(path).session() as session:
        for name in BOX_SCORES:
            session._connection.execute(f"DELETE FROM nba_raw.{name} WHERE game_date >= DATE '{DAY}'")
        session._connection.execute(f"DELETE FROM nba_raw.nbac_schedule WHERE game_date >= '{DAY}' AND game_status = 3")
    world = World(DuckDBWarehouse(path), [])
    teams = [published_table(TEAMS)]
    with pytest.raises(ConfigurationError, match=r"no game from .* has begun.*nothing is proven"):
        result_of(world, tables=teams)
    found = result_of(world, DAY - timedelta(days=1), DAY, teams)
    assert found.without_results == [DAY] and found.leaks == []


def test_dates_without_games_are_said_to_be_untested(played):
    days = {FIRST + timedelta(days=offset) for offset in range(8, 11)}
    found = result_of(played, min(days), max(days), [published_table(TEAMS)])
    assert set(found.without_games) == days - {game.game_date for game in played.games} != set()


def test_a_table_of_played_games_cannot_be_tested(played):
    with pytest.raises(ConfigurationError, match=f"{OFFENSE}: no pre-game table.*{TEAMS}"):
        result_of(played, tables=[published_table(OFFENSE)])


def test_a_raw_table_without_a_text_is_refused_by_name(played, monkeypatch, tmp_path):
    monkeypatch.setattr(module, "SQL_FOLDER", tmp_path)
    with pytest.raises(ConfigurationError, match=rf"{TEAMS} reads nba_raw\.(\w+), .*write sql/leak_test/\1\.sql"):
        result_of(played)


def test_every_raw_table_has_a_text():
    assert {path.stem for path in (SQL_FOLDER / "leak_test").glob("*.sql")} == set(raw_contracts())


# --- What was known before tip-off ------------------------------------------------------------------------------------

NIGHT = date(2026, 2, 3)
TIP_OFF = datetime(2026, 2, 4, 0, 30, tzinfo=UTC)


def kept(warehouse, table, rows, is_absurd=False, game_status=1, tip_off=TIP_OFF, moment=TIP_OFF):
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
        "moment": moment,
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
    return {
        "game_date": day,
        "game_id": "1",
        "season_year": 2025,
        "home_team_abbr": "NYK",
        "away_team_abbr": "BOS",
        "event_id": "1",
        "event_sequence": 1,
        "event_type": "shot",
        "shot_distance": 3.0,
        "shot_made": True,
        "processed_at": TIP_OFF,
    }


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


@pytest.mark.parametrize("is_absurd", [False, True])
def test_a_roster_of_the_date_is_known_if_it_was_loaded_before_tip_off(warehouse, is_absurd):
    def roster(player, day, hours):
        loaded = TIP_OFF - timedelta(hours=hours)
        return {"roster_date": day, "team_abbr": "NYK", "player_lookup": player, "processed_at": loaded}

    eve = NIGHT - timedelta(days=1)
    rows = [roster("early", NIGHT, 2), roster("late", NIGHT, 0), roster("eve", eve, -99)]
    found = kept(warehouse, "espn_team_rosters", rows, is_absurd)
    known = [("early", "NYK"), ("eve", "NYK")]
    assert sorted((row["player_lookup"], row["team_abbr"]) for row in found) == sorted(
        known + [("late", "BOS")] * is_absurd
    )


# --- The command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def phase3(played, monkeypatch):
    monkeypatch.setenv("PHASE3_DUCKDB_PATH", str(played.warehouse.path))
    return lambda *arguments: CliRunner().invoke(main, ["leak-test", *arguments], catch_exceptions=False)


@pytest.mark.slow
def test_the_command_says_what_was_compared(played, phase3):
    rows = 2 * sum(game.game_date == DAY for game in played.games)
    answer = phase3(DAY.isoformat(), "--table", TEAMS)
    assert answer.exit_code == 0
    assert f"{DAY}  {TEAMS}  {rows} rows compared, 0 leaks" in answer.output and PLAYERS not in answer.output
    assert f"{rows} rows of 1 dates, each compared twice: no leak" in answer.output
    found = json.loads(phase3(DAY.isoformat(), "--table", TEAMS, "--json").stdout)
    assert found["leaks"] == [] and found["dates"][0]["rows"] == {TEAMS: rows}


@pytest.mark.slow
@pytest.mark.long
def test_the_command_names_every_leak_and_exits_1(played, phase3, plant):
    old = "own.days_since_last_game - 1 AS team_days_rest"
    plant(f"tables/{TEAMS}/select", old, "IF(own.schedule_state = 'final', 77, 78) AS team_days_rest")
    game = next(game for game in played.games if game.game_date == DAY)
    answer = phase3(DAY.isoformat(), "--table", TEAMS)
    assert answer.exit_code == 1
    said = f"{TEAMS}.team_days_rest: 77 with everything, 78 with later things removed"
    assert f"leak  {DAY}  {game.game_id}  {game.home}  {said}" in answer.output
    leaks = json.loads(phase3(DAY.isoformat(), "--table", TEAMS, "--json").stdout)["leaks"]
    assert {(leak["column"], leak["variant"], leak["with_everything"]) for leak in leaks} == {
        ("team_days_rest", "removed", 77)
    }


def test_the_command_exits_2_where_nothing_is_proven(phase3):
    answer = phase3("2026-07-01")
    assert answer.exit_code == 2 and "nothing is proven" in answer.output
    assert phase3(DAY.isoformat(), "--table", OFFENSE).exit_code == 2
