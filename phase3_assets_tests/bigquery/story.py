"""A night and all that can follow it: the project's work from the first publication to a rollback, on any warehouse.

What belongs here: doing everything once, so that every statement the project sends is sent. What doesn't: what a
warehouse makes of them (test_differential.py), whether they are right SQL (test_analyzer.py).
"""

from collections.abc import Callable, Collection
from datetime import UTC, date, datetime, time, timedelta

from phase3_assets.automation.memory import Memory
from phase3_assets.automation.tick import Runs, tick
from phase3_assets.catalog.contracts import raw_contracts
from phase3_assets.catalog.queries import sql_text
from phase3_assets.catalog.tables import PublishedTable, published_table, published_tables
from phase3_assets.catalog.versions import function_sql
from phase3_assets.cli.first_steps import last_night, next_steps
from phase3_assets.clock import utc_now
from phase3_assets.defs.resources import Publisher
from phase3_assets.demo.season import raw_rows
from phase3_assets.doctor.calendar import examine_calendar
from phase3_assets.downstream import _read_dates
from phase3_assets.explaining.explain import explain
from phase3_assets.health.examine import examine
from phase3_assets.publishing import rollback
from phase3_assets.publishing.as_of import as_of
from phase3_assets.publishing.check import check_published, checks_and_metrics
from phase3_assets.publishing.completion import completion_of, is_in_schedule
from phase3_assets.publishing.drift import verify
from phase3_assets.publishing.interventions import release
from phase3_assets.publishing.leak_test import leak_test
from phase3_assets.publishing.measure import read_results
from phase3_assets.publishing.prune import prune
from phase3_assets.publishing.publish import audit, publish
from phase3_assets.publishing.requests import Request
from phase3_assets.reading.published import published
from phase3_assets.reading.schedule import nearest_dates, scheduled_games
from phase3_assets.reporting.night import night_report
from phase3_assets.settings.locations import Settings
from phase3_assets.settings.pacing import Pacing
from phase3_assets.settings.retention import Retention
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.interface import Row, Warehouse
from phase3_assets_tests.support.games import DAY, OFFENSE, PLAYERS, night, of_summaries, report_of

SCHEDULE = "nbac_schedule"
GAMEBOOK = "nbac_gamebook_player_stats"
SAME_EVENING = "nbac_player_boxscores"

GAMES = night(3)
ZONES = "defense_zone_analytics"
"""The one table without rows here: no game of the story has play-by-play."""
NO_RUNS = Runs(under_way=lambda day: None, has_failed=lambda change: False)
WARN_OF_EVERYTHING = Thresholds(
    usage_coverage_warning=2.0,
    usage_rate_high=0.0,
    pace_minimum=1000.0,
    rating_maximum=0.0,
    ts_pct_minimum=1000.0,
    points_line_minimum=1000.0,
    player_points_minimum=1000.0,
    line_match_minimum=2.0,
    not_constant_rows=0.0,
)
"""Thresholds that make a warning of every row, so that the rules' words and figures are compared too."""


def load(warehouse: Warehouse, rows: dict[str, list[Row]]) -> None:
    """Add raw rows, by table."""
    contracts = raw_contracts()
    with warehouse.session() as session, session.unit():
        for table, of_table in rows.items():
            session.append(contracts[table], of_table)


def real_rows(real: Warehouse, day: date, without: Collection[str] = ()) -> dict[str, list[Row]]:
    """The real raw rows of a date, by table."""
    with real.session(read_only=True) as session:
        return {
            name: session.query(f"SELECT * FROM {contract.full_name} WHERE {contract.partition} = @day", {"day": day})
            for name, contract in raw_contracts().items()
            if name not in without
        }


def tell(warehouse: Warehouse, change_by_hand: Callable[[str, str], None], is_loaded: bool = False) -> None:
    """Publish, correct, change by hand, repair, compare, roll back, release, prune, look.

    `change_by_hand(table, game_id)` changes published rows of a game behind the publications' back. Where the warehouse
    `is_loaded`, it has the raw rows of GAMES already.
    """
    rows = raw_rows(GAMES)
    if not is_loaded:
        load(warehouse, rows)
    request, tables = Request(DAY, DAY), published_tables()
    players = published_table(PLAYERS)
    publisher = Publisher(warehouse, WARN_OF_EVERYTHING)
    assert len(publisher.readiness(request)) == 3
    audit(warehouse, request, tables[:1], WARN_OF_EVERYTHING, staged=True)
    for table in tables:
        assert publisher.report(request, table).count("published") == (0 if table.name == ZONES else 3)

    tested = leak_test(warehouse, DAY, DAY, tables, Thresholds())
    assert tested.rows >= 6 and not tested.leaks

    before = utc_now()

    game_id = _correct_one_game(warehouse, rows[GAMEBOOK])
    assert [report.count("published") for report in of_summaries(publish(warehouse, request).reports)] == [0, 0, 1]

    assert [row["is_complete"] for row in completion_of(warehouse, DAY, DAY)] == [True]
    with warehouse.session(read_only=True) as session:
        assert is_in_schedule(session, DAY) and not is_in_schedule(session, DAY + timedelta(days=1))
        assert (near := nearest_dates(session, DAY + timedelta(days=1))) and (near.latest, near.next) == (DAY, None)
    with warehouse.session(read_only=True) as session:
        assert [row["game_id"] for row in scheduled_games(session, DAY, DAY)] == [game.game_id for game in GAMES]
    report = night_report(warehouse, DAY, DAY, WARN_OF_EVERYTHING)
    assert {card.state for card in report.cards} == {"published"} and report.usage[0].rate > 20
    assert [correction.games for correction in report.corrections] == [(game_id,)]
    assert len(report.season) == 1 and len(report.cards[0].arrivals) == 4
    assert [found.completion.games_complete for found in _read_dates(warehouse, DAY, DAY, [PLAYERS])] == [3]
    assert next_steps(warehouse, [DAY])[0].endswith("3 games scheduled, 3 of them final.")
    assert len(last_night(warehouse, [DAY])) == 3
    assert len(check_published(warehouse, DAY, DAY, tables, WARN_OF_EVERYTHING)) > 0
    assert read_results(warehouse, DAY, DAY, checks_and_metrics(), "usage_rate", "max_usage_rate")[0]["value"] > 20
    assert published(warehouse, players, DAY, DAY).left_out == {}
    change_by_hand(players.contract.full_name, game_id)
    assert set(published(warehouse, players, DAY, DAY).left_out) == {game_id}
    assert [drift.game_id for drift in verify(warehouse, DAY, DAY, tables)] == [game_id]
    assert report_of(publish(warehouse, request, [players]), PLAYERS).count("published") == 1
    # A team's rows are read by tables that look back, so these are fingerprinted anew in the same run.
    change_by_hand(published_table(OFFENSE).contract.full_name, game_id)
    assert [drift.table for drift in verify(warehouse, DAY, DAY, tables)] == [OFFENSE]
    assert [report.count("published") for report in of_summaries(publish(warehouse, request).reports)] == [1, 0, 0]

    first = rollback.history(warehouse, players, DAY)[0]["publication_id"]
    assert rollback.diff(warehouse, players, DAY, before=first)
    assert str(DAY) in rollback.no_publication(warehouse, players, DAY + timedelta(days=1))
    done = rollback.rollback(warehouse, players, DAY, first, [game_id], "a test", Thresholds(), "run")
    assert (done.games, done.left) == ([game_id], {})
    assert release(warehouse, players.name, DAY, [], "a test", "run") == 1

    for table in tables:
        _look_back(warehouse, table, before)
    _explain(warehouse, players, game_id)

    assert {pruned.rows for pruned in prune(warehouse, Retention())} == {0}
    only_now = Retention(history_days=1e-9, events_days=1e-9)
    assert sum(pruned.rows for pruned in prune(warehouse, only_now)) > 0

    with warehouse.session() as session, session.unit():
        session.replace_games(raw_contracts()[SCHEDULE], [rows[SCHEDULE][0]["game_id"]], DAY, DAY, [])
    assert [report.count("kept") for report in of_summaries(publish(warehouse, request).reports)] == [1, 1, 1]

    _lose_the_players(warehouse, str(rows[GAMEBOOK][-1]["game_id"]))
    assert "no_player_rows" in {game.facts["source_reason"] for game in publisher.readiness(request).values()}

    noon = datetime.combine(DAY, time(12), UTC)
    assert tick(warehouse, None, Memory(), NO_RUNS, Pacing(), DAY, noon).runs == []
    assert publisher.recent_dates(players)[0] < DAY.isoformat()
    assert examine_calendar(warehouse).level == "ok"
    _look_at_the_morning(warehouse)
    with warehouse.session(read_only=True) as session:
        everything = {"first_date": DAY, "since": datetime(2020, 1, 1, tzinfo=UTC), "game_id": ""}
        assert session.query(sql_text("bookkeeping/queries/events"), everything)


def _look_at_the_morning(warehouse: Warehouse) -> None:
    """The night as it is now: a schedule without its games, whose rows stay, and players that are gone."""
    morning = examine(warehouse, Settings.from_environment({}), DAY, None, utc_now())
    found = {line.name: line for line in morning.lines}
    assert found["games"].verdict != "good" and found["usage"].fact and found["code"].verdict == "good"
    assert examine(warehouse, Settings.from_environment({}), None, None, utc_now()).lines


def _explain(warehouse: Warehouse, players: PublishedTable, game_id: str) -> None:
    """Explain a cell, with its formula and its records; one that counts earlier games; and a row that is not there."""
    with warehouse.session(read_only=True) as session:
        sql = f"SELECT * FROM {players.contract.full_name} WHERE game_date = @day"
        row = next(row for row in session.query(sql, {"day": DAY}) if row["game_id"] == game_id)
    (cell,) = explain(warehouse, players, DAY, row["player_lookup"], ["usage_rate"]).cells
    assert cell.calculated is not None and cell.raw and cell.versions
    cache, columns = published_table("player_daily_cache"), ["team_off_rating_last_10", "points_avg_last_5"]
    with warehouse.session(read_only=True) as session:
        sql = f"SELECT player_lookup FROM {cache.contract.full_name} WHERE cache_date = @day"
        key = session.query(sql, {"day": DAY})[0]["player_lookup"]
    # Through the rows of the player's and of the team's context, which count by a window and by a group.
    assert all(cell.calculated is not None for cell in explain(warehouse, cache, DAY, key, columns).cells)
    assert explain(warehouse, players, DAY, "nobody").missing is not None


def _look_back(warehouse: Warehouse, table: PublishedTable, moment: datetime) -> None:
    """At the rows of before the correction: the first version, of which players were changed by hand since."""
    seen = as_of(warehouse, table, DAY, moment)
    expected = set() if table.name == ZONES else {game.game_id for game in GAMES}
    assert {row["game_id"] for row in seen.rows} | set(seen.unknown) == expected
    if not seen.unknown:
        with warehouse.session(read_only=True) as session:
            arguments = {"first_date": DAY, "last_date": DAY, "moment": moment}
            assert len(session.query(function_sql(table), arguments)) == len(seen.rows)


def _correct_one_game(warehouse: Warehouse, gamebook: list[Row]) -> str:
    """Give the first player one more steal; returns our id of the game."""
    changed = str(gamebook[0]["game_id"])
    rows = [dict(row) for row in gamebook if row["game_id"] == changed]
    rows[0]["steals"] += 1
    with warehouse.session() as session, session.unit():
        session.replace_games(raw_contracts()[GAMEBOOK], [changed], DAY, DAY, rows)
    return changed


def _lose_the_players(warehouse: Warehouse, game_id: str) -> None:
    with warehouse.session() as session, session.unit():
        for table in (GAMEBOOK, SAME_EVENING):
            session.replace_games(raw_contracts()[table], [game_id], DAY, DAY, [])
