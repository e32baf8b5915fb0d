"""Failures 1 to 12: bad input accepted as data.

What belongs here: raw rows and files as no source should write them, and what readers see of it. What doesn't: keys and
joins (test_keys.py), every single way a game may not be ready (publishing/test_readiness.py).
"""

from random import Random

import pytest

from phase3_assets.demo.season import TEAM_CODES, _rosters, _simulate_game
from phase3_assets.loading.files import load_raw
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets_tests.faults.scenes import EVENING, GAMEBOOK, SCHEDULE, TEAM_BOX, Scene, failing
from phase3_assets_tests.support.bends import code_variants, other_spellings
from phase3_assets_tests.support.games import DAY, OFFENSE, PLAYERS, SUMMARIES, later, of_summaries, state_of


def placeholder(row: dict) -> None:
    row.update(points=0, fg_attempted=0, minutes=None)


def held_back(scene: Scene, reason: str) -> None:
    """After a publication: the first game waits, is in no table, was never seen; the others are all there."""
    publication = scene.publish()
    bad, *good = scene.games
    assert state_of(publication, bad) == ("waiting", reason)
    for name in SUMMARIES:
        assert scene.visible(name) == {game.game_id for game in good}
        assert failing(publication.verdicts)[name, "games_complete"].metadata["games"] == [bad.game_id]
    assert not scene.reader.has_seen({bad.game_id})
    assert {event["event_type"] for event in scene.events()} == {"game_incomplete"}


def recovered(scene: Scene) -> None:
    """The cause is gone: everything is published, and no check fails."""
    scene.restore()
    publication = scene.publish()
    assert {state_of(publication, game) for game in scene.games} == {("published", None)}
    assert failing(publication.verdicts) == {}


@pytest.mark.slow
def test_01_placeholders_on_both_sides_are_never_published(loaded):
    """Placeholder rows of a live game (0 points, 0 attempts), both sides, taken for a result.

    Guard: sql/views/team_boxscores.sql (is_valid), sql/views/game_sources.sql (placeholder_team_boxscore)
    """
    for row in loaded.of(TEAM_BOX):
        placeholder(row)
    loaded.drop(GAMEBOOK)
    loaded.load(TEAM_BOX, GAMEBOOK)
    held_back(loaded, "placeholder_team_boxscore")
    recovered(loaded)
    assert len(loaded.events("game_completed")) == len(SUMMARIES)


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.slow
@pytest.mark.long
def test_02_a_placeholder_on_one_side_gives_the_other_no_false_win(loaded, side):
    """A placeholder on one side only: opponent points 0 and a fake win for the other.

    Guard: sql/views/game_sources.sql (valid_teams)
    """
    placeholder(loaded.of(TEAM_BOX)[side])
    loaded.drop(GAMEBOOK)
    loaded.load(TEAM_BOX, GAMEBOOK)
    held_back(loaded, "placeholder_team_boxscore")
    recovered(loaded)


@pytest.mark.slow
def test_03_one_bad_game_does_not_reject_the_date(loaded):
    """One bad game rejects its whole date and everything after it.

    Guard: phase3_assets/publishing/decide.py (decide_computed), phase3_assets/publishing/audit.py (errors)
    """
    bad, *good = loaded.games
    loaded.contradict()
    loaded.load(TEAM_BOX, EVENING)
    publication = loaded.publish()
    state, reason = state_of(publication, bad)
    assert state == "quarantined" and reason.startswith(f"{OFFENSE}: does_not_add_up: ")
    for name in SUMMARIES:
        assert loaded.visible(name) == {game.game_id for game in good}
    (event,) = loaded.events("game_quarantined")
    assert (event["game_id"], event["severity"]) == (bad.game_id, "CRITICAL")
    assert not loaded.reader.has_seen({bad.game_id})
    recovered(loaded)
    assert [event["game_id"] for event in loaded.events("game_released")] == [bad.game_id]


@pytest.mark.slow
@pytest.mark.parametrize("games", [0, 1, 15])
@pytest.mark.long
def test_04_no_slate_is_too_small_or_too_large(make_scene, games):
    """A minimum like "10 teams" or "200 players" fails small slates.

    Guard: sql/views/scheduled_games.sql, sql/views/game_sources.sql
    """
    generator = Random(4)
    rosters = _rosters(generator)
    teams = iter(TEAM_CODES)
    slate = [_simulate_game(generator, rosters, DAY, n + 1, next(teams), next(teams)) for n in range(games)]
    scene = make_scene(slate)
    publication = publish(scene.warehouse, Request(DAY, DAY))
    for report in of_summaries(publication.reports):
        assert [outcome.outcome for outcome in report.games] == ["published"] * games
    assert not publication.failed_checks and scene.events() == []


@pytest.mark.slow
@pytest.mark.long
def test_05_a_roster_or_an_early_gamebook_hides_no_other_games_rows(loaded):
    """A roster-only gamebook hides the same-evening box score; one early gamebook hides every other game's.

    Guard: sql/views/game_sources.sql (player_source)
    """
    rostered, early, without = loaded.games
    evening_only = {name: [dict(row) for row in rows] for name, rows in loaded.true_rows.items()}
    evening_only[GAMEBOOK] = []
    loaded.allow_truth_of(evening_only)
    for row in loaded.of(GAMEBOOK, rostered):
        row.update(player_status="inactive", minutes=None)
    loaded.drop(GAMEBOOK, without)
    loaded.load(GAMEBOOK)
    publication = loaded.publish()
    assert {state_of(publication, game) for game in loaded.games} == {("published", None)}
    tiers = {game.game_id: {row["quality_tier"] for row in loaded.table(PLAYERS, game)} for game in loaded.games}
    assert tiers == {rostered.game_id: {"silver"}, early.game_id: {"gold"}, without.game_id: {"silver"}}
    assert failing(publication.verdicts) == {}
    recovered(loaded)
    assert {row["quality_tier"] for row in loaded.table(PLAYERS)} == {"gold"}


@pytest.mark.slow
def test_06_unreadable_minutes_are_reported_and_never_null(loaded):
    """Minutes turned to NULL because MM:SS was cast to a number.

    Guard: sql/functions/clock_seconds.sql, sql/tables/player_game_summary/checks/unreadable_minutes.sql
    """
    bad, *good = loaded.games
    next(row for row in loaded.of(GAMEBOOK) if row["minutes"])["minutes"] = "thirty"
    loaded.drop(EVENING)
    loaded.load()
    publication = loaded.publish()
    state, reason = state_of(publication, bad)
    assert state == "quarantined" and "unreadable_minutes" in reason and "thirty" in reason
    assert loaded.visible(PLAYERS) == {game.game_id for game in good}
    (event,) = loaded.events("game_quarantined")
    assert event["table_name"] == PLAYERS and "thirty" in event["details"]
    recovered(loaded)
    minutes = {row["player_lookup"]: row["minutes_played"] for row in loaded.table(PLAYERS)}
    for line in (line for game in loaded.games for line in game.lines):
        shown = minutes[line.player.lookup]
        assert shown is None if line.seconds is None else abs(60 * float(shown) - line.seconds) <= 3


@pytest.mark.slow
@pytest.mark.long
def test_07_rows_loaded_many_times_and_conflicting_schedule_rows_are_one_game(loaded):
    """Duplicate raw rows (reloads, 115 copies) and conflicting schedule rows.

    Guard: sql/views/scheduled_games.sql, sql/views/team_boxscores.sql, sql/views/player_listings.sql,
    sql/tables/team_offense_game_summary/checks/duplicates.sql, phase3_assets/catalog/contracts.py (generic_rules)
    """
    for table in (SCHEDULE, TEAM_BOX, GAMEBOOK, EVENING):
        loaded.rows[table] += loaded.of(table) * 115
    scheduled = loaded.of(SCHEDULE)[0]
    loaded.rows[SCHEDULE].append({**scheduled, "processed_at": later(loaded.game, 40)})
    loaded.load()
    publication = loaded.publish()
    assert {state_of(publication, game) for game in loaded.games} == {("published", None)}
    assert failing(publication.verdicts) == {}
    loaded.tamper(
        f"INSERT INTO nba_analytics.{OFFENSE} SELECT * FROM nba_analytics.{OFFENSE} WHERE game_id = '{{game}}'"
    )
    assert loaded.check()[OFFENSE, "duplicates"].metadata["games"] == [loaded.game.game_id]
    recovered(loaded)


@pytest.mark.slow
@pytest.mark.long
def test_08_what_is_no_game_is_left_out_with_one_event_and_neutral_sites_are_games(loaded):
    """Blank team codes of undecided games, pre-season, all-star; neutral sites.

    Guard: sql/views/schedule_rows.sql (excluded_because), phase3_assets/publishing/exclusions.py (record_exclusions)
    """
    preseason, undecided, neutral = loaded.games
    for row in loaded.of(SCHEDULE, neutral):
        row.update(neutral_site_flag=True, is_regular_season=False)
    for row in loaded.of(SCHEDULE, undecided):
        row["away_team_tricode"] = " "
    for row in loaded.of(SCHEDULE, preseason):
        row["game_id"] = f"001{row['game_id'][3:]}"
    loaded.load(SCHEDULE)
    for _ in range(2):
        publication = loaded.publish()
        assert list(publication.games) == [neutral.game_id]
        assert {name: loaded.visible(name) for name in SUMMARIES} == {name: {neutral.game_id} for name in SUMMARIES}
        told = {event["game_id"]: (event["severity"], event["description"]) for event in loaded.events("game_excluded")}
        assert set(told) == {f"001{preseason.nba_game_id[3:]}", undecided.nba_game_id}
        assert "pre-season" in told[f"001{preseason.nba_game_id[3:]}"][1]
        assert told[undecided.nba_game_id] == ("INFO", f"{undecided.nba_game_id} is no game here: teams not decided")
        assert len(loaded.events()) == 2, "an event per change, not per run"
    recovered(loaded)
    assert len(loaded.events("game_no_longer_excluded")) == 2


@pytest.mark.slow
@pytest.mark.long
def test_09_other_spellings_of_status_and_team_are_the_same_game(loaded):
    """Status spelled in another case, team code variants (PHO, GS).

    Guard: sql/functions/team_code.sql, sql/views/player_listings.sql (player_status),
    sql/tables/team_offense_game_summary/checks/accepted_values.sql
    """
    for game in loaded.games:
        code_variants(loaded, game)
        other_spellings(loaded, game)
    loaded.load()
    publication = loaded.publish()
    assert {state_of(publication, game) for game in loaded.games} == {("published", None)}
    for game in loaded.games:
        assert {row["team_abbr"] for row in loaded.table(OFFENSE, game)} == {game.away, game.home}
    loaded.tamper(f"UPDATE nba_analytics.{OFFENSE} SET team_abbr = lower(team_abbr) WHERE game_id = '{{game}}'")
    assert loaded.check()[OFFENSE, "accepted_values"].metadata["games"] == [loaded.game.game_id]
    assert loaded.verify()
    recovered(loaded)


@pytest.mark.slow
def test_10_a_retired_source_stops_nothing(loaded):
    """A retired or disabled source is still required: three days without output.

    Guard: phase3_assets/warehouse/schema.py (check_schema), phase3_assets/catalog/tables.py (raw_tables)
    """
    emptied = ("nbac_injury_report", "odds_api_game_lines", "bigdataball_play_by_play")
    loaded.alter(*(f"DELETE FROM nba_raw.{name}" for name in emptied))
    publication = loaded.publish()
    assert {state_of(publication, game) for game in loaded.games} == {("published", None)}
    assert failing(publication.verdicts) == {} and loaded.events() == []


@pytest.mark.slow
def test_11_no_core_figure_comes_from_an_optional_source(loaded):
    """A core statistic taken from an optional source: twelve weeks of NULL.

    Guard: sql/tables/player_game_summary/select.sql, sql/tables/team_offense_game_summary/checks/nulls.sql
    """
    row = loaded.of(TEAM_BOX)[0]
    row["three_pt_made"] = None
    loaded.drop(GAMEBOOK)
    loaded.rows["bigdataball_play_by_play"] = []
    loaded.load()
    publication = loaded.publish()
    bad, *good = loaded.games
    state, reason = state_of(publication, bad)
    assert (state, reason) == ("waiting", f"team_boxscore_contradicted (no threes of {row['team_abbr']})")
    assert loaded.visible(OFFENSE) == {game.game_id for game in good}
    recovered(loaded)
    for row in loaded.table(PLAYERS):
        assert row["is_dnp"] or None not in (row["three_pt_makes"], row["three_pt_attempts"], row["points"])


@pytest.mark.slow
@pytest.mark.long
def test_12_a_load_of_nothing_is_no_success(published, tmp_path):
    """A loader reports success with 0 rows for seven months.

    Guard: phase3_assets/warehouse/duckdb/files.py (_inspect), phase3_assets/publishing/check.py (_incomplete)
    """
    folder = tmp_path / "files"
    folder.mkdir()
    columns = ",".join(published.query(f"SELECT * FROM nba_raw.{TEAM_BOX} LIMIT 1")[0])
    (folder / f"{TEAM_BOX}.csv").write_text(f"{columns}\n", encoding="utf-8")
    (folder / f"{GAMEBOOK}.ndjson").write_text("", encoding="utf-8")
    before = published.query(f"SELECT COUNT(*) AS n FROM nba_raw.{TEAM_BOX}")
    failures, _ = load_raw(published.warehouse, folder)
    assert len(failures) == 2 and all("holds no rows" in failure for failure in failures)
    assert published.query(f"SELECT COUNT(*) AS n FROM nba_raw.{TEAM_BOX}") == before

    published.tamper(
        *(f"DELETE FROM nba_analytics.{name}" for name in SUMMARIES), "DELETE FROM nba_phase3.publications"
    )
    for name in (TEAM_BOX, GAMEBOOK, EVENING):
        published.rows[name] = []
    published.load()
    failed = failing(published.publish().verdicts)
    assert {key: len(verdict.metadata["games"]) for key, verdict in failed.items()} == {
        (name, "games_complete"): 3 for name in SUMMARIES
    }
    recovered(published)
