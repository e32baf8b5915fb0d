"""A pre-game table: rows before tip-off, made of earlier games, frozen when the game begins.

What belongs here: when such rows are made, changed, kept and withdrawn, and what they may read. What doesn't: its
figures against an independent computation (sql/test_upcoming_team_games.py), other kinds (test_table_kinds.py).

Twelve simulated days have been played; the thirteenth's games are scheduled.
"""

from datetime import datetime, timedelta

import pytest

from phase3_assets.catalog.contracts import PRE_GAME
from phase3_assets.catalog.tables import published_table, published_tables
from phase3_assets.publishing.check import check_published
from phase3_assets.publishing.interventions import waive
from phase3_assets.publishing.plan import plan
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.publishing.survey import survey
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets_tests.support.games import OFFENSE, report_of
from phase3_assets_tests.support.pre_game import FIRST, TONIGHT, UPCOMING, UPCOMING_PLAYERS, Season


@pytest.fixture
def season(make_world, monkeypatch):
    return Season(make_world, monkeypatch)


def figures(row):
    """A row without the core's stamps."""
    stamps = ("publication_id", "processed_at", "code_version", "known_at", "is_hindsight")
    return {name: value for name, value in row.items() if name not in stamps}


def tonights_figures(season):
    """By pre-game table, tonight's rows without the core's stamps."""
    tables = [table.name for table in published_tables() if table.phase == PRE_GAME]
    day = {name: published_table(name).contract.partition for name in tables}
    return {name: [figures(row) for row in season.world.table(name) if row[day[name]] == TONIGHT] for name in tables}


def last_played(season, team):
    return max((g for g in season.played if team in (g.home, g.away)), key=lambda game: game.game_date)


@pytest.mark.long
def test_rows_are_there_before_tip_off_and_a_second_run_writes_nothing(season):
    publication = season.publish(is_automatic=True)
    teams = {team for game in season.tonight for team in (game.home, game.away)}
    rows = season.rows()
    assert set(rows) == teams and len(teams) == 2 * len(season.tonight)
    for row in rows.values():
        assert row["known_at"] < row["tip_off"] and row["is_hindsight"] is False
        assert row["latest_game_used"] < TONIGHT and row["quality_tier"] == "silver"
    assert not [row for row in season.world.table(OFFENSE) if row["game_date"] == TONIGHT]
    assert all(publication.games[game.game_id].source_state == "scheduled" for game in season.tonight)
    records = season.world.query("SELECT COUNT(*) AS n FROM nba_phase3.publications")
    season.publish(is_automatic=True)
    assert season.world.query("SELECT COUNT(*) AS n FROM nba_phase3.publications") == records
    assert season.due() == set()


@pytest.mark.long
def test_a_correction_makes_exactly_the_rows_due_that_read_it(season):
    season.publish()
    before = season.rows()
    game = season.tonight[0]
    earlier = last_played(season, game.home)
    season.correct(earlier)
    season.at(season.tip_off - timedelta(hours=1))
    season.publish(is_automatic=True)
    after = season.rows()
    touched = {team for g in season.tonight for team in (g.home, g.away) if team in (earlier.home, earlier.away)}
    differ = {team for team, row in after.items() if figures(row) != figures(before[team])}
    assert game.home in touched and differ == touched
    for team, row in after.items():
        if team in touched:
            assert row["known_at"] == season.tip_off - timedelta(hours=1)
        else:  # the other row of the same game was written again, and says what it said when it did
            assert row["known_at"] == before[team]["known_at"]
        is_of_touched_game = {team, row["opponent_team_abbr"]} & touched
        assert (row["publication_id"] != before[team]["publication_id"]) == bool(is_of_touched_game)


@pytest.mark.long
def test_due_games_are_known_before_anything_is_published(season):
    season.publish()
    earlier = last_played(season, season.tonight[0].home)
    season.correct(earlier)
    assert season.due() >= {(earlier.game_id, OFFENSE)}
    publish(season.world.warehouse, Request(FIRST, TONIGHT - timedelta(days=1)))
    reading = {g.game_id for g in season.tonight if {g.home, g.away} & {earlier.home, earlier.away}}
    upcoming = (UPCOMING, UPCOMING_PLAYERS, "player_daily_cache")
    assert season.due() == {(game_id, table) for game_id in reading for table in upcoming}


def test_from_tip_off_on_only_a_repair_changes_a_row(season):
    season.publish()
    before = season.rows()
    season.results_come()
    season.correct(last_played(season, season.tonight[0].home))
    season.at(season.tip_off + timedelta(hours=12))
    for automatic in (True, False):
        publication = season.publish(is_automatic=automatic)
        assert season.rows() == before
        assert not report_of(publication, UPCOMING).count("kept") and not publication.held_back
    assert [row for row in season.world.table(OFFENSE) if row["game_date"] == TONIGHT]
    kinds = {row["event_type"] for row in season.world.query("SELECT * FROM nba_phase3.data_quality_events")}
    assert "game_kept" not in kinds and season.due() == set()
    season.publish(repair=True)
    after = season.rows()
    changed = {team for team, row in after.items() if figures(row) != figures(before[team])}
    assert changed
    for team, row in after.items():
        assert row["is_hindsight"] is (team in changed)
        assert (row["known_at"] == before[team]["known_at"]) is (team not in changed)


def test_history_gets_pre_game_rows_from_a_person_alone_and_they_say_so(season):
    season.results_come()
    season.at(season.tip_off + timedelta(days=3))
    publication = season.publish(is_automatic=True)
    assert not season.rows() and not publication.held_back and season.due() == set()
    season.publish()
    rows = season.rows()
    assert len(rows) == 2 * len(season.tonight) and all(row["is_hindsight"] for row in rows.values())


def test_a_row_made_afterwards_follows_a_persons_runs(season):
    season.results_come()
    season.at(season.tip_off + timedelta(days=3))
    season.publish()
    before = season.rows()
    earlier = last_played(season, season.tonight[0].home)
    season.correct(earlier)
    season.publish(is_automatic=True)
    assert season.rows() == before
    season.publish()
    differ = {team for team, row in season.rows().items() if figures(row) != figures(before[team])}
    teams = {team for game in season.tonight for team in (game.home, game.away)}
    assert differ == teams & {earlier.home, earlier.away}


def test_a_game_called_off_loses_its_rows(season):
    season.publish()
    off = season.tonight[0]
    for row in season.world.of("nbac_schedule", off):
        row["game_status_text"] = "Postponed"
    season.world.load()
    season.publish(is_automatic=True)
    assert not season.rows(off) and len(season.rows()) == 2 * (len(season.tonight) - 1)


def test_a_missing_game_is_named_and_holds_nothing_up(season):
    earlier = last_played(season, season.tonight[0].home)
    season.world.contradict(earlier)
    season.world.load()
    publication = season.publish(is_automatic=True)
    assert [outcome.game_id for outcome in publication.held_back] == [earlier.game_id]
    row = season.rows()[season.tonight[0].home]
    assert row["missing_games_count"] == 1 and row["quality_tier"] == "bronze"
    assert f"missing_games={earlier.game_id}" in row["quality_issues"] and not row["is_production_ready"]
    assert row["actual_games_count"] == row["expected_games_count"] - 1
    season.world.contradict(earlier, by=-9)
    season.world.load()
    season.publish(is_automatic=True)
    row = season.rows()[season.tonight[0].home]
    assert row["missing_games_count"] == 0 and row["is_production_ready"]


def test_rows_changed_by_hand_are_not_read(season):
    season.publish()
    earlier = last_played(season, season.tonight[0].home)
    with season.world.warehouse.session() as session:
        session._connection.execute(
            f"UPDATE nba_analytics.{OFFENSE} SET points_scored = 999 "
            f"WHERE game_id = '{earlier.game_id}' AND team_abbr = '{earlier.home}'"
        )
    publish(season.world.warehouse, Request(TONIGHT, TONIGHT), [published_table(UPCOMING)])
    row = season.rows()[season.tonight[0].home]
    assert row["missing_games_count"] == 1 and row["offensive_rating_last_10"] < 200


def test_nothing_of_the_day_itself_or_later_reaches_a_row(season):
    """The leak test of every pre-game table: all of tonight and later is made absurd, and no figure moves."""
    season.publish()
    before = tonights_figures(season)
    assert all(before.values())
    season.results_come()
    season.at(season.tip_off - timedelta(hours=1))
    # Of the points lines, those that were taken during the games.
    props = season.world.rows["odds_api_player_points_props"]
    props[:] = [row for row in props if row["game_date"] < TONIGHT or row["minutes_before_tipoff"] < 0]
    for name, rows in season.world.rows.items():
        for row in rows:
            if row.get("game_date", row.get("roster_date")) >= TONIGHT and name != "nbac_schedule":
                whole = [column for column, value in row.items() if type(value) is int]
                row |= {column: row[column] + 500 for column in whole if column != "minutes_before_tipoff"}
    season.world.load()
    publish(season.world.warehouse, Request(TONIGHT, TONIGHT, repair=True))
    assert tonights_figures(season) == before


def test_plan_says_that_a_row_is_frozen_and_how_to_change_it(season):
    season.publish()
    season.results_come()
    season.at(season.tip_off + timedelta(hours=12))
    with season.world.warehouse.session(read_only=True) as session:
        games = survey(session, TONIGHT, TONIGHT)
    (step,) = plan([games[season.tonight[0].game_id]], [published_table(UPCOMING)])
    assert step.action == "nothing" and "--repair" in step.reason


def test_a_waived_game_gets_no_row(season):
    off = season.tonight[0]
    waive(season.world.warehouse, off.game_id, "nobody wants it", "test")
    season.publish(is_automatic=True)
    assert not season.rows(off)


def test_games_complete_misses_tonights_rows_from_noon_on(season):
    season.at(datetime.combine(TONIGHT, datetime.min.time()).astimezone(season.tip_off.tzinfo) + timedelta(hours=1))
    publish(season.world.warehouse, Request(FIRST, TONIGHT), [published_table(OFFENSE)])

    def missing(moment):
        season.at(moment)
        verdicts = check_published(
            season.world.warehouse, TONIGHT, TONIGHT, [published_table(UPCOMING)], Thresholds(), clock=lambda: moment
        )
        (verdict,) = [v for v in verdicts if v.check == "games_complete"]
        return verdict

    noon = datetime(2026, 2, 1, 17, tzinfo=season.tip_off.tzinfo)
    assert missing(noon - timedelta(minutes=1)).passed
    verdict = missing(noon + timedelta(minutes=1))
    assert not verdict.passed and verdict.severity == "WARN" and len(verdict.findings) == len(season.tonight)
    assert missing(max(game.tip_off for game in season.tonight) + timedelta(hours=1)).passed
