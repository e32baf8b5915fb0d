"""Failures 13 to 20: keys and joins.

What belongs here: rows that name a game, a team or a player otherwise than we do, and rows that go away. What doesn't:
spellings of one team or status (test_bad_input.py), every case of a closing line (sql/test_closing_lines.py).
"""

from copy import deepcopy
from datetime import timedelta

import pytest

from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.publishing.states import reader_state
from phase3_assets_tests.faults.scenes import EVENING, GAMEBOOK, PROPS, SCHEDULE, TEAM_BOX, Scene, failing
from phase3_assets_tests.support.bends import both_spellings_of_the_id, move
from phase3_assets_tests.support.games import DAY, OFFENSE, PLAYERS, SUMMARIES, report_of, state_of


def is_true(scene: Scene) -> None:
    """Everything is published as it truly is; no check fails, nothing was worth an event."""
    publication = scene.publish()
    assert {state_of(publication, game) for game in scene.games} == {("published", None)}
    assert failing(publication.verdicts) == {} and scene.events() == []


def lines(scene: Scene) -> int:
    return sum(row["points_line"] is not None for row in scene.table(PLAYERS))


@pytest.mark.slow
@pytest.mark.long
def test_13_no_source_is_joined_on_its_own_id(loaded):
    """Joining on ids of different formats: over/under NULL for every row, for months.

    Guard: sql/views/team_games.sql, sql/views/closing_lines.sql, sql/tables/player_game_summary/checks/line_match.sql
    """
    for table in (TEAM_BOX, GAMEBOOK, EVENING, PROPS):
        for number, row in enumerate(loaded.rows[table]):
            row["game_id"] = f"{number:032x}"
    loaded.load()
    is_true(loaded)
    known = lines(loaded)
    assert known > 20

    quoted = next(row["player_lookup"] for row in loaded.table(PLAYERS) if row["points_line"] is not None)
    loaded.rows[PROPS] = [row for row in loaded.true_rows[PROPS] if row["player_lookup"] == quoted]
    loaded.allow_truth_of(loaded.true_rows | {PROPS: loaded.rows[PROPS]})
    loaded.load(PROPS)
    assert "of " in failing(loaded.publish().verdicts)[PLAYERS, "line_match"].findings[0].problem
    assert lines(loaded) == 1
    loaded.restore()
    assert failing(loaded.publish().verdicts) == {} and lines(loaded) == known


@pytest.mark.slow
@pytest.mark.long
def test_14_two_spellings_of_a_game_id_are_one_game(loaded):
    """Two spellings of a game id give duplicate team rows with different statistics.

    Guard: sql/views/team_games.sql, sql/views/team_boxscores.sql,
    sql/tables/team_offense_game_summary/checks/duplicates.sql
    """
    for game in loaded.games:
        both_spellings_of_the_id(loaded, game)
    loaded.load()
    is_true(loaded)
    first, other, _ = loaded.games
    loaded.tamper(
        f"UPDATE nba_analytics.{OFFENSE} SET team_abbr = '{first.home}' WHERE team_abbr = '{other.home}'",
    )
    assert set(loaded.check()[OFFENSE, "duplicates"].metadata["games"]) == {first.game_id, other.game_id}
    loaded.publish()
    assert loaded.check() == {} and loaded.verify() == []


def test_15_many_books_and_snapshots_add_no_row(loaded):
    """A join with several books fans out 481 rows to 715.

    Guard: sql/views/closing_lines.sql (closing_rank), sql/every_table/checks/game_count.sql
    """
    for row in list(loaded.rows[PROPS]):
        for number in range(3):
            earlier = row["snapshot_timestamp"] - timedelta(minutes=number)
            loaded.rows[PROPS].append({**row, "bookmaker": f"zbook{number}", "snapshot_timestamp": earlier})
    loaded.load(PROPS)
    is_true(loaded)
    assert len(loaded.table(PLAYERS)) == sum(len(game.lines) for game in loaded.games)


@pytest.mark.slow
@pytest.mark.long
def test_16_an_alternate_line_is_not_the_line(loaded):
    """A missing market or book filter: a points line of 7.9 for a star.

    Guard: sql/views/closing_lines.sql (median_line), sql/tables/player_game_summary/checks/plausible_ranges.sql
    """
    for row in list(loaded.rows[PROPS]):
        if row["bookmaker"] == "draftkings":
            loaded.rows[PROPS].append({**row, "points_line": 0.5})
    loaded.load(PROPS)
    is_true(loaded)
    strange = deepcopy(loaded.true_rows[PROPS])
    wanted = strange[0]["player_lookup"]
    for row in strange:
        row["points_line"] = 75.5 if row["player_lookup"] == wanted else row["points_line"]
    loaded.allow_truth_of(loaded.true_rows | {PROPS: strange})
    loaded.rows[PROPS] = strange
    loaded.load(PROPS)
    verdict = failing(loaded.publish().verdicts)[PLAYERS, "plausible_ranges"]
    assert verdict.severity == "WARN" and verdict.findings[0].subject == wanted
    loaded.restore(PROPS)
    assert failing(loaded.publish().verdicts) == {}


@pytest.mark.slow
def test_17_an_unknown_player_is_kept(loaded):
    """Players unknown to a registry are dropped: 115 a date.

    Guard: sql/functions/player_lookup.sql, sql/tables/player_game_summary/select.sql (universal_player_id)
    """
    unknown = next(line for line in loaded.game.lines if line.seconds)
    for row in loaded.of(GAMEBOOK):
        if row["player_lookup"] == unknown.player.lookup:
            row.update(player_lookup=None, name_resolution_status="not_found")
    loaded.load(GAMEBOOK)
    is_true(loaded)
    (row,) = [row for row in loaded.table(PLAYERS) if row["player_lookup"] == unknown.player.lookup]
    assert row["universal_player_id"] is None and row["points"] == unknown.counts["points"]


@pytest.mark.slow
@pytest.mark.long
def test_18_a_team_that_is_not_named_is_never_guessed(loaded):
    """A NULL team is given the home side; a team is its own opponent.

    Guard: sql/views/game_players.sql, sql/tables/team_offense_game_summary/checks/box_score_arithmetic.sql
    """
    benched = next(line for line in loaded.game.lines if line.seconds is None)
    without = deepcopy(loaded.true_rows)
    without[GAMEBOOK] = [row for row in without[GAMEBOOK] if row["player_lookup"] != benched.player.lookup]
    loaded.allow_truth_of(without)
    for row in loaded.of(GAMEBOOK):
        if row["player_lookup"] == benched.player.lookup:
            row["team_abbr"] = None
    loaded.load(GAMEBOOK)
    publication = loaded.publish()
    assert {state_of(publication, game) for game in loaded.games} == {("published", None)}
    assert benched.player.lookup not in {row["player_lookup"] for row in loaded.table(PLAYERS)}
    (event,) = loaded.events("player_rows_left_out")
    assert event["game_id"] == loaded.game.game_id and benched.player.name in event["description"]
    loaded.tamper(f"UPDATE nba_analytics.{OFFENSE} SET opponent_team_abbr = team_abbr WHERE game_id = '{{game}}'")
    assert loaded.check()[OFFENSE, "box_score_arithmetic"].metadata["games"] == [loaded.game.game_id]
    loaded.restore()
    assert failing(loaded.publish().verdicts) == {}
    assert benched.player.lookup in {row["player_lookup"] for row in loaded.table(PLAYERS)}


@pytest.mark.slow
@pytest.mark.long
def test_19_a_postponed_game_leaves_no_rows_on_its_old_date(published):
    """A postponed game keeps its league id on a new date, and stale rows on the old one.

    Guard: sql/views/season_games.sql (moved_to_), phase3_assets/publishing/turn.py (withdraw)
    """
    moved, *others = published.games
    published.reader.allow_absence(moved.game_id)
    new_id = move(published, moved, 9)
    published.load(SCHEDULE)
    publication = publish(published.warehouse, Request(DAY, DAY + timedelta(days=9)))
    assert state_of(publication, moved)[0] == "void"
    assert reader_state(publication.games[new_id]) == ("scheduled", None)
    for name in SUMMARIES:
        assert published.visible(name) == {game.game_id for game in others}
        kept = published.query(f"SELECT DISTINCT game_id FROM nba_phase3.{name}__history")
        assert kept == [{"game_id": moved.game_id}]
    assert {event["table_name"] for event in published.events("game_withdrawn")} == set(SUMMARIES)
    assert failing(publication.verdicts) == {}
    published.restore(SCHEDULE)
    assert state_of(published.publish(), moved) == ("published", None)


@pytest.mark.slow
@pytest.mark.long
def test_20_a_row_that_vanished_from_its_source_vanishes_and_is_counted(published):
    """Rows that vanished from the source stay for ever under a keyed MERGE.

    Guard: phase3_assets/warehouse/duckdb/warehouse.py (replace_games), phase3_assets/publishing/stage.py (rows_removed)
    """
    gone = next(line for line in published.game.lines if line.seconds is None).player.lookup
    published.rows[GAMEBOOK] = [row for row in published.rows[GAMEBOOK] if row["player_lookup"] != gone]
    published.allow_truth_of(published.rows)
    published.load(GAMEBOOK)
    publication = published.publish()
    (changed,) = [game for game in report_of(publication, PLAYERS).games if game.outcome == "published"]
    assert (changed.game_id, changed.rows_removed, changed.rows_changed) == (published.game.game_id, 1, 0)
    assert gone not in {row["player_lookup"] for row in published.table(PLAYERS)}
    assert failing(publication.verdicts) == {}
    published.restore(GAMEBOOK)
    published.publish()
    assert gone in {row["player_lookup"] for row in published.table(PLAYERS)}
