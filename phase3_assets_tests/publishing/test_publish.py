"""The publishing core: what a reader sees, what is recorded, what is left alone."""

import pytest

from phase3_assets.catalog.table_names import TABLE_NAMES
from phase3_assets.demo.season import simulate_season
from phase3_assets.errors import ConfigurationError
from phase3_assets_tests.support.games import (
    DAY,
    KEYS,
    OFFENSE,
    PLAYERS,
    SUMMARIES,
    World,
    all_outcomes,
    later,
    night,
    of_summaries,
    report_of,
    state_of,
)


def snapshot(world: World) -> dict[str, list]:
    return {name: world.table(name) for name in TABLE_NAMES}


def test_every_row_of_a_ready_game_is_published_and_accounted_for(world):
    for game in world.games:
        assert len(world.table("team_offense_game_summary", game)) == 2
        assert len(world.table("team_defense_game_summary", game)) == 2
        assert len(world.table("player_game_summary", game)) == len(game.lines)
    records = of_summaries(world.query("SELECT * FROM nba_phase3.publications"))
    assert len(records) == len(SUMMARIES) * len(world.games)
    for record in records:
        assert record["outcome"] == "published"
        assert record["row_count"] == record["rows_staged"] == record["rows_added"] > 0
        assert record["content_hash"] and record["inputs_hash"] and record["code_version"]


def test_the_same_inputs_again_write_nothing_and_say_so(world):
    before, records = snapshot(world), world.query("SELECT COUNT(*) AS n FROM nba_phase3.publications")
    publication = world.publish()
    assert all_outcomes(publication) == {"unchanged"}
    assert snapshot(world) == before
    assert world.query("SELECT COUNT(*) AS n FROM nba_phase3.publications") == records


def test_raw_rows_loaded_again_with_a_new_processed_at_write_nothing(world):
    before = snapshot(world)
    for rows in world.rows.values():
        for row in rows:
            row["processed_at"] = later(world.game, 99)
    world.rows["nbac_gamebook_player_stats"] *= 3
    publication = world.reload_and_publish()
    assert all_outcomes(publication) == {"unchanged"}
    assert snapshot(world) == before


@pytest.mark.slow
def test_a_correction_to_one_game_leaves_every_other_row_as_it_was(world):
    corrected, *others = world.games
    before = snapshot(world)
    line = next(line for line in corrected.lines if line.seconds)
    for row in world.of("nbac_gamebook_player_stats"):
        if row["player_lookup"] == line.player.lookup:
            row["assists"] += 1
    publication = world.reload_and_publish()
    report = report_of(publication, PLAYERS)
    assert {o.game_id: (o.outcome, o.rows_changed) for o in report.games} == {
        corrected.game_id: ("published", 1),
        **{game.game_id: ("unchanged", 0) for game in others},
    }
    after = snapshot(world)
    for name in SUMMARIES:
        ids = {game.game_id for game in others}
        assert [r for r in after[name] if r["game_id"] in ids] == [r for r in before[name] if r["game_id"] in ids]


@pytest.mark.slow
def test_one_run_corrects_games_of_several_dates_and_replaces_exactly_their_rows(make_world):
    world = make_world(simulate_season(5, DAY, 3))
    world.reload_and_publish()
    before = {name: world.table(name) for name in SUMMARIES}
    days = sorted({game.game_date for game in world.games})
    corrected = [next(game for game in world.games if game.game_date == day) for day in (days[0], days[-1])]
    assert days[0] < days[-1]
    for game in corrected:
        for row in world.of("nbac_team_boxscore", game):
            row["assists"] += 1
    publication = world.reload_and_publish()
    assert {state_of(publication, game) for game in world.games} == {("published", None)}
    ids = {game.game_id for game in corrected}
    for name in SUMMARIES:
        after = world.table(name)
        assert [tuple(row[key] for key in KEYS[name]) for row in after] == [
            tuple(row[key] for key in KEYS[name]) for row in before[name]
        ]
        assert [row for row in after if row["game_id"] not in ids] == [
            row for row in before[name] if row["game_id"] not in ids
        ]
    seen = {(row["game_date"], row["team_abbr"]): row["assists"] for row in world.table(OFFENSE)}
    raw = {(row["game_date"], row["team_abbr"]): row["assists"] for row in world.rows["nbac_team_boxscore"]}
    assert seen == raw


def test_a_team_correction_recomputes_the_players_of_that_game_only(world):
    usage = {r["player_lookup"]: r["usage_rate"] for r in world.table("player_game_summary", world.game)}
    for row in world.of("nbac_team_boxscore"):
        row["turnovers"] += 3
    publication = world.reload_and_publish()
    assert [o.outcome for o in report_of(publication, PLAYERS).games].count("published") == 1
    after = {r["player_lookup"]: r["usage_rate"] for r in world.table("player_game_summary", world.game)}
    assert any(after[k] < usage[k] for k in usage if usage[k])


def test_replaced_rows_are_kept_in_history(world):
    before = world.table("team_offense_game_summary", world.game)
    for row in world.of("nbac_team_boxscore"):
        row["assists"] += 1
    publication = world.reload_and_publish()
    history = world.query("SELECT * FROM nba_phase3.team_offense_game_summary__history ORDER BY game_date, team_abbr")
    assert [{k: v for k, v in row.items() if not k.startswith("replaced_")} for row in history] == before
    assert {row["replaced_by"] for row in history} == {report_of(publication, OFFENSE).publication_id}


def test_a_row_that_vanished_from_its_source_vanishes(world):
    gone = next(line for line in world.game.lines if line.seconds is None).player.lookup
    world.rows["nbac_gamebook_player_stats"] = [
        row for row in world.rows["nbac_gamebook_player_stats"] if row["player_lookup"] != gone
    ]
    publication = world.reload_and_publish()
    assert gone not in {row["player_lookup"] for row in world.table("player_game_summary")}
    assert sum(o.rows_removed for o in report_of(publication, PLAYERS).games) == 1


@pytest.mark.parametrize(
    "emptied",
    [
        ["nbac_team_boxscore"],
        ["nbac_gamebook_player_stats", "nbac_player_boxscores"],
        ["nbac_schedule"],
        ["nbac_schedule", "nbac_team_boxscore", "nbac_gamebook_player_stats", "nbac_player_boxscores"],
    ],
)
def test_an_emptied_raw_table_erases_no_published_game(world, emptied):
    before = snapshot(world)
    for name in emptied:
        world.rows[name] = []
    world.reload_and_publish()
    assert snapshot(world) == before


@pytest.mark.slow
def test_a_game_whose_source_is_gone_stays_published_with_one_event(world):
    world.rows["nbac_team_boxscore"] = []
    world.rows["nbac_gamebook_player_stats"] = []
    publication = world.reload_and_publish()
    state, reason = state_of(publication, world.game)
    assert state == "published" and "no_team_boxscore" in reason
    world.publish()
    assert len(world.events("game_kept")) == len(SUMMARIES) * len(world.games)


@pytest.mark.slow
def test_a_worse_source_never_replaces_a_better_one(world):
    before = world.table("team_offense_game_summary", world.game)
    world.drop("nbac_team_boxscore")
    publication = world.reload_and_publish()
    assert world.table("team_offense_game_summary", world.game) == before
    assert report_of(publication, OFFENSE).count("kept") == 1
    players = world.table("player_game_summary", world.game)
    world.drop("nbac_gamebook_player_stats")
    world.reload_and_publish()
    assert world.table("player_game_summary", world.game) == players
    assert {row["quality_tier"] for row in players} == {"gold"}


def test_one_bad_game_is_held_back_and_every_other_is_published(make_world):
    world = make_world(3)
    world.contradict()
    publication = world.reload_and_publish()
    bad, *good = world.games
    state, reason = state_of(publication, bad)
    assert state == "quarantined"
    assert reason.startswith("team_offense_game_summary: does_not_add_up:")
    for name in SUMMARIES:
        assert {row["game_id"] for row in world.table(name)} == {game.game_id for game in good}
    event = world.events("game_quarantined")[0]
    assert event["severity"] == "CRITICAL" and event["game_id"] == bad.game_id and "assists" in event["details"]


@pytest.mark.slow
def test_a_held_back_game_is_published_once_it_is_right(make_world):
    world = make_world(2)
    world.contradict()
    world.reload_and_publish()
    world.contradict(by=-9)
    publication = world.reload_and_publish()
    assert state_of(publication, world.game) == ("published", None)
    assert [e["game_id"] for e in world.events("game_released")] == [world.game.game_id]


def test_a_bad_correction_leaves_what_was_published(world):
    before = snapshot(world)
    world.contradict()
    publication = world.reload_and_publish()
    assert snapshot(world) == before
    state, reason = state_of(publication, world.game)
    assert state == "quarantined" and "stays" in reason


def test_a_failure_in_the_player_table_holds_only_that_table(make_world):
    world = make_world(2)
    world.of("nbac_gamebook_player_stats")[0]["minutes"] = "abc"
    world.drop("nbac_player_boxscores")
    publication = world.reload_and_publish()
    assert len(world.table("team_offense_game_summary", world.game)) == 2
    assert world.table("player_game_summary", world.game) == []
    state, reason = state_of(publication, world.game)
    assert state == "quarantined"
    assert "unreadable_minutes" in reason and "abc" in reason


@pytest.mark.slow
def test_a_called_off_game_is_withdrawn_into_history_with_an_event(world):
    for row in world.of("nbac_schedule"):
        row.update(game_status_text="Postponed", game_status=1)
    publication = world.reload_and_publish()
    assert state_of(publication, world.game) == ("void", "postponed")
    for name in SUMMARIES:
        assert world.table(name, world.game) == []
        assert len(world.query(f"SELECT * FROM nba_phase3.{name}__history")) > 0
    assert {e["table_name"] for e in world.events("game_withdrawn")} == set(SUMMARIES)
    again = world.publish()
    assert not any(report.count("withdrawn") for report in again.reports)


@pytest.mark.slow
def test_the_player_table_alone_waits_for_its_team_rows(make_world):
    world = make_world(2)
    world.load()
    from phase3_assets.catalog.tables import published_table
    from phase3_assets.publishing.publish import publish
    from phase3_assets.publishing.requests import Request

    day = world.game.game_date
    alone = publish(world.warehouse, Request(day, day), [published_table("player_game_summary")])
    assert {o.outcome for o in report_of(alone, PLAYERS).games} == {"gated"}
    assert "team_offense_game_summary is not published" in report_of(alone, PLAYERS).games[0].reason
    assert world.table("player_game_summary") == []
    world.publish()
    assert world.table("player_game_summary")


def test_the_player_table_alone_does_not_publish_from_stale_team_rows(world):
    from phase3_assets.catalog.tables import published_table
    from phase3_assets.publishing.publish import publish
    from phase3_assets.publishing.requests import Request

    for row in world.of("nbac_team_boxscore"):
        row["turnovers"] += 1
    world.load()
    before, day = world.table("player_game_summary"), world.game.game_date
    alone = publish(world.warehouse, Request(day, day), [published_table("player_game_summary")])
    verdict = {o.game_id: o for o in report_of(alone, PLAYERS).games}[world.game.game_id]
    assert verdict.outcome == "gated" and "older than its inputs" in verdict.reason
    assert world.table("player_game_summary") == before


@pytest.mark.slow
def test_repair_replaces_rows_that_were_changed_by_hand(world):
    before = snapshot(world)
    world.tamper("UPDATE nba_analytics.player_game_summary SET usage_rate = 1228")
    assert report_of(world.publish(), PLAYERS).count("unchanged") == len(world.games)
    world.publish(repair=True)
    meaningful = [
        {k: v for k, v in row.items() if k not in ("publication_id", "processed_at")}
        for row in world.table("player_game_summary")
    ]
    assert meaningful == [
        {k: v for k, v in row.items() if k not in ("publication_id", "processed_at")}
        for row in before["player_game_summary"]
    ]


def test_only_the_requested_game_is_worked_on(make_world):
    world = make_world(3)
    world.load()
    world.publish(game_ids=frozenset({world.game.game_id}))
    for name in SUMMARIES:
        assert {row["game_id"] for row in world.table(name)} == {world.game.game_id}


def test_an_unknown_game_is_an_error_that_names_it(world):
    with pytest.raises(ConfigurationError, match="20260203_XXX_YYY"):
        world.publish(game_ids=frozenset({"20260203_XXX_YYY"}))


def test_a_date_without_games_is_a_success_with_no_rows(world):
    from datetime import date

    from phase3_assets.publishing.publish import publish
    from phase3_assets.publishing.requests import Request

    publication = publish(world.warehouse, Request(date(2026, 7, 1), date(2026, 7, 1)))
    assert [(report.table, report.games) for report in publication.reports] == [(name, []) for name in TABLE_NAMES]


@pytest.mark.parametrize("games", [1, 3, 10])
def test_no_slate_is_too_small_or_too_large(make_world, games):
    world = make_world(night(games))
    publication = world.reload_and_publish()
    assert report_of(publication, OFFENSE).count("published") == games


def test_a_figure_beyond_its_column_fails_no_other_game(make_world):
    world = make_world(2)
    world.of("nbac_team_boxscore")[0]["fg_attempted"] = 10**18
    publication = world.reload_and_publish()
    assert state_of(publication, world.games[1]) == ("published", None)
    assert report_of(publication, OFFENSE).games[0].outcome in ("gated", "published")
