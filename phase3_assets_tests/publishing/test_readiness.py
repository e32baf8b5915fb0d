"""What each game waits for, judged per game: every state and reason injected, seen by a reader, and recovered from."""

from copy import deepcopy
from dataclasses import dataclass
from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from phase3_assets.catalog.contracts import raw_contracts
from phase3_assets.catalog.table_names import TABLE_NAMES
from phase3_assets.catalog.tables import published_table, published_tables
from phase3_assets.demo.season import TEAM_CODES, SimulatedGame, simulate_season
from phase3_assets.errors import SchemaDriftError
from phase3_assets.publishing import decide, readiness
from phase3_assets.publishing import publish as publishing
from phase3_assets.publishing.interventions import waive
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.publishing.states import reader_state
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets_tests.support.bends import (
    EVENING,
    FINE,
    GAMEBOOK,
    HELD,
    NO_GAMES,
    SCHEDULE,
    TEAMS,
    VARIANTS,
    code_variants,
    final_row,
    late_tip_off,
    move,
    placeholder,
    placeholder_after_the_good_row,
    side_of,
)
from phase3_assets_tests.support.games import (
    DAY,
    DEFENSE,
    OFFENSE,
    PLAYERS,
    SUMMARIES,
    World,
    later,
    report_of,
    state_of,
)

NO_FIGURES = {"season_year", "team_id", "plus_minus"}
TEAM_FIGURES = {column.name for column in raw_contracts()[TEAMS].columns if column.type == "INT64"} - NO_FIGURES


def several(count: int, seed: int = 11) -> list[SimulatedGame]:
    """So many games, over as many dates as that takes."""
    return simulate_season(seed, DAY, 12)[:count]


def snapshot(world: World) -> dict[str, list]:
    return {name: world.table(name) for name in TABLE_NAMES}


# Every way a game may not be ready. Each takes the world and one game of it, and bends that game's raw rows.


# Every oddity of raw data that must not hold a game back.


@dataclass
class Night:
    """One world of many differently bent games: what a reader saw after the first publication, and after the repair."""

    games: dict[str, SimulatedGame]
    rows: dict[str, dict[str, list[dict]]]
    states: dict[str, tuple[str, str | None]]
    stored: dict[str, dict]
    facts: dict[str, dict]
    recovered_rows: dict[str, dict[str, list[dict]]]
    recovered_states: dict[str, tuple[str, str | None]]


def by_game(world: World) -> dict[str, dict[str, list[dict]]]:
    seen: dict[str, dict[str, list[dict]]] = {name: {} for name in TABLE_NAMES}
    for name in TABLE_NAMES:
        for row in world.table(name):
            seen[name].setdefault(row["game_id"], []).append(row)
    return seen


@pytest.fixture(scope="module")
def bent(tmp_path_factory: pytest.TempPathFactory, _initialised_file: bytes) -> Night:
    path = tmp_path_factory.mktemp("bent") / "warehouse.duckdb"
    path.write_bytes(_initialised_file)
    cases = {name: bend for name, (bend, *_) in (HELD | FINE).items()} | NO_GAMES
    world = World(DuckDBWarehouse(path, wait_seconds=10), several(len(cases)))
    # The games whose teams have other spellings are the ones for team code variants.
    games = sorted(world.games, key=lambda game: (game.home in VARIANTS) + (game.away in VARIANTS))
    named = dict(zip(sorted(cases, key=lambda name: name == "team code variants"), games, strict=True))
    whole = deepcopy(world.rows)
    for name, game in named.items():
        cases[name](world, game)
    publication = world.reload_and_publish()
    night = Night(
        games=named,
        rows=by_game(world),
        states={game_id: reader_state(game) for game_id, game in publication.games.items()},
        stored={row["game_id"]: row for row in world.query("SELECT * FROM nba_phase3.game_readiness")},
        facts={game_id: game.facts for game_id, game in publication.games.items()},
        recovered_rows={},
        recovered_states={},
    )
    world.rows = whole
    publication = world.reload_and_publish()
    night.recovered_states = {game_id: reader_state(game) for game_id, game in publication.games.items()}
    night.recovered_rows = by_game(world)
    return night


@pytest.mark.parametrize("case", HELD)
@pytest.mark.slow
def test_a_game_that_is_not_ready_says_why_and_is_in_no_table(bent, case):
    _, state, reason = HELD[case]
    game_id = bent.games[case].game_id
    assert bent.states[game_id] == (
        state,
        reason and reason.format(home=bent.games[case].home, away=bent.games[case].away),
    )
    assert [name for name in SUMMARIES if game_id in bent.rows[name]] == []
    recovered = bent.recovered_rows
    assert bent.recovered_states[game_id] == ("published", None)
    assert [len(recovered[name][game_id]) for name in SUMMARIES] == [2, 2, len(bent.games[case].lines)]
    assert {row["quality_tier"] for name in SUMMARIES for row in recovered[name][game_id]} == {"gold"}


@pytest.mark.parametrize("case", FINE)
def test_odd_rows_that_can_be_understood_hold_nothing_back(bent, case):
    _, team_tier, player_tier = FINE[case]
    game = bent.games[case]
    assert bent.states[game.game_id] == ("published", None)
    teams, defense, players = (bent.rows[name][game.game_id] for name in SUMMARIES)
    assert {row["game_date"] for row in (*teams, *defense, *players)} == {game.game_date}
    assert {(row["team_abbr"], row["opponent_team_abbr"], row["home_game"]) for row in teams} == {
        (game.away, game.home, False),
        (game.home, game.away, True),
    }
    assert len(teams) == len(defense) == 2
    assert {row["quality_tier"] for row in (*teams, *defense)} == {team_tier}
    assert {row["quality_tier"] for row in players} == {player_tier}
    issues = ["team_rebuilt"] if team_tier == "silver" else []
    assert all(row["quality_issues"] == issues for row in (*teams, *defense, *players))
    source = GAMEBOOK if player_tier == "gold" else EVENING
    assert {row["primary_source_used"] for row in players} == {source}
    if "five" not in case:
        assert {row["team_abbr"]: row["points_scored"] for row in teams} == {
            team: game.total(team, "points") for team in (game.away, game.home)
        }
        assert {row["team_abbr"]: row["assists"] for row in teams} == {
            team: game.total(team, "assists") for team in (game.away, game.home)
        }
        assert {r["player_lookup"]: r["assists"] for r in players if not r["is_dnp"]} == {
            line.player.lookup: line.counts["assists"] for line in game.lines if line.seconds
        }


def test_a_rebuilt_game_turns_gold_with_its_box_score_and_so_does_an_evening_one_with_its_gamebook(bent):
    for case in FINE:
        game_id = bent.games[case].game_id
        for name in SUMMARIES:
            rows = bent.recovered_rows[name][game_id]
            assert {row["quality_tier"] for row in rows} == {"gold"}, case
            assert all(row["quality_issues"] == [] for row in rows), case


@pytest.mark.parametrize("case", NO_GAMES)
def test_exhibitions_and_undecided_games_are_no_games(bent, case):
    game = bent.games[case]
    assert game.game_id not in bent.states
    seen = {row["nba_game_id"][3:] for row in bent.facts.values()}
    assert game.nba_game_id[3:] not in seen
    for name in SUMMARIES:
        assert game.game_id not in bent.rows[name]


def test_the_nights_other_games_are_all_there_and_nothing_else(bent):
    expected = {bent.games[case].game_id for case in FINE}
    for name in SUMMARIES:
        assert set(bent.rows[name]) == expected
    assert set(bent.states) == expected | {bent.games[case].game_id for case in HELD}


def test_the_stored_readiness_is_what_a_reader_is_told(bent):
    assert {game_id: (row["state"], row["reason"]) for game_id, row in bent.stored.items()} == bent.states
    for game_id, row in bent.stored.items():
        rows = [r for name in TABLE_NAMES for r in bent.rows[name].get(game_id, [])]
        assert row["row_count"] == len(rows)
        assert bool(row["publication_id"]) == bool(rows)
        facts = bent.facts[game_id]
        assert all(row[name] == facts[name] for name in ("source_state", "team_source", "player_source", "game_date"))


def test_a_play_off_game_keeps_its_league_id(bent):
    for case, prefix in (("play-offs", "004"), ("play-in", "005"), ("cup final", "006")):
        game = bent.games[case]
        ids = {row["nba_game_id"] for name in SUMMARIES for row in bent.rows[name][game.game_id]}
        assert ids == {prefix + game.nba_game_id[3:]}


def test_every_variant_of_a_team_code_is_understood(make_world):
    games = [game for game in several(40) if {game.home, game.away} & set(VARIANTS)]
    world = make_world(games[:10])
    for game in world.games:
        code_variants(world, game)
    world.load()
    day_teams = {(game.game_date, team) for game in world.games for team in (game.home, game.away)}
    rows = world.query("SELECT game_date, team_abbr FROM nba_phase3.team_boxscores")
    assert {(row["game_date"], row["team_abbr"]) for row in rows} == day_teams
    assert {team for _, team in day_teams} <= set(TEAM_CODES)
    assert {team for _, team in day_teams} & set(VARIANTS)


def test_a_placeholder_that_comes_after_publication_changes_nothing(world):
    before = snapshot(world)
    placeholder_after_the_good_row(world, world.game)
    publication = world.reload_and_publish()
    assert state_of(publication, world.game) == ("published", None)
    assert snapshot(world) == before


@pytest.mark.slow
@pytest.mark.long
def test_a_live_game_never_shows_its_evening_figures_as_a_rebuild(make_world):
    """The night of the incident: the evening waits, the gamebook rebuilds, the box score turns it gold."""
    world = make_world(2)
    gamebook, boxscore = deepcopy(world.of(GAMEBOOK)), deepcopy(world.of(TEAMS))
    world.drop(GAMEBOOK)
    for row in world.of(TEAMS):
        placeholder(row)
    assert state_of(world.reload_and_publish(), world.game) == ("waiting", "placeholder_team_boxscore")
    assert all(world.table(name, world.game) == [] for name in SUMMARIES)

    world.rows[GAMEBOOK] += gamebook
    assert state_of(world.reload_and_publish(), world.game) == ("published", None)
    silver = {name: world.table(name, world.game) for name in SUMMARIES}
    assert {row["quality_tier"] for row in silver["team_offense_game_summary"]} == {"silver"}
    assert {row["primary_source_used"] for row in silver["team_defense_game_summary"]} == {GAMEBOOK}
    assert {(row["quality_tier"], *row["quality_issues"]) for row in silver["player_game_summary"]} == {
        ("gold", "team_rebuilt")
    }

    world.rows[TEAMS] += boxscore
    assert state_of(world.reload_and_publish(), world.game) == ("published", None)
    gold = {name: world.table(name, world.game) for name in SUMMARIES}
    assert {row["quality_tier"] for name in SUMMARIES for row in gold[name]} == {"gold"}
    assert all(row["quality_issues"] == [] for name in SUMMARIES for row in gold[name])
    same = ("points_scored", "possessions", "offensive_rating", "pace", "ts_pct", "overtime_periods", "win_flag")
    assert [[row[name] for name in same] for row in gold["team_offense_game_summary"]] == [
        [row[name] for name in same] for row in silver["team_offense_game_summary"]
    ]


def test_a_game_moved_to_another_date_is_void_on_the_old_one_and_its_rows_are_withdrawn(world):
    moved, *others = world.games
    new_id = move(world, moved, 9)
    world.load()
    publication = publish(world.warehouse, Request(DAY, DAY + timedelta(days=9)))
    assert state_of(publication, moved) == ("void", f"moved_to_{moved.game_date + timedelta(days=9):%Y%m%d}")
    assert reader_state(publication.games[new_id]) == ("scheduled", None)
    for name in SUMMARIES:
        assert {row["game_id"] for row in world.table(name)} == {game.game_id for game in others}
        history = world.query(f"SELECT game_id FROM nba_phase3.{name}__history")
        assert {row["game_id"] for row in history} == {moved.game_id}
    assert {(e["table_name"], e["game_id"]) for e in world.events("game_withdrawn")} == {
        (name, moved.game_id) for name in SUMMARIES
    }


def test_a_moved_game_is_published_on_its_new_date_under_the_same_league_id(make_world):
    world = make_world(2)
    moved = world.game
    new_date = moved.game_date + timedelta(days=9)
    new_id = move(world, moved, 9, is_final=True)
    for table in (TEAMS, GAMEBOOK, EVENING):
        for row in world.of(table, moved):
            row.update(game_date=new_date, game_id=new_id)
    world.load()
    publication = publish(world.warehouse, Request(DAY, new_date))
    assert state_of(publication, moved)[0] == "void"
    assert reader_state(publication.games[new_id]) == ("published", None)
    rows = world.query("SELECT * FROM nba_analytics.team_offense_game_summary WHERE game_date = @day", day=new_date)
    assert {(row["game_id"], row["nba_game_id"]) for row in rows} == {(new_id, moved.nba_game_id)}


def test_the_old_date_alone_knows_that_a_game_was_moved(make_world):
    """A run for one date sees the rest of the season's schedule."""
    world = make_world(2)
    move(world, world.game, 30)
    publication = world.reload_and_publish()
    assert state_of(publication, world.game)[0] == "void"
    assert state_of(publication, world.games[1]) == ("published", None)


def test_a_called_off_game_beside_its_replay_leaves_one_game_a_day(make_world):
    """Cancelled in one row and played the same day under another league id: the played one is the game."""
    world = make_world(2)
    first = world.of(SCHEDULE)[0]
    world.rows[SCHEDULE].append(
        {**first, "game_id": "0022509999", "game_status_text": "Cancelled", "processed_at": later(world.game, 60)}
    )
    publication = world.reload_and_publish()
    assert state_of(publication, world.game) == ("published", None)
    assert {row["nba_game_id"] for row in world.table("team_offense_game_summary", world.game)} == {
        world.game.nba_game_id
    }


@pytest.mark.slow
def test_the_eastern_date_holds_on_the_nights_the_clocks_change(make_world):
    games = [game for day in (date(2025, 11, 1), date(2026, 3, 7)) for game in simulate_season(5, day, 2)[:4]]
    for number, game in enumerate(games):
        game.number = 100 + number
    world = make_world(games)
    for game in games:
        late_tip_off(world, game)
    publication = world.reload_and_publish()
    assert {state_of(publication, game) for game in games} == {("published", None)}
    for name in SUMMARIES:
        assert {(row["game_date"], row["game_id"]) for row in world.table(name)} == {
            (game.game_date, game.game_id) for game in games
        }


def everything(world: World) -> SimpleNamespace:
    return SimpleNamespace(
        tables=snapshot(world),
        records=world.query("SELECT * FROM nba_phase3.publications ORDER BY table_name, game_id, finished_at"),
        readiness=world.query("SELECT * FROM nba_phase3.game_readiness ORDER BY game_id"),
        events=world.events(),
    )


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "ALTER TABLE nba_raw.nbac_team_boxscore DROP COLUMN points",
            "nba_raw.nbac_team_boxscore has no column points",
        ),
        (
            "ALTER TABLE nba_raw.nbac_schedule RENAME COLUMN game_status TO status",
            "nbac_schedule has no column game_status",
        ),
        (
            "ALTER TABLE nba_raw.nbac_gamebook_player_stats ALTER minutes TYPE DATE USING NULL",
            "minutes should be STRING",
        ),
        ("ALTER TABLE nba_analytics.player_game_summary DROP COLUMN usage_rate", "has no column usage_rate"),
        ("DROP TABLE nba_raw.nbac_player_boxscores", "nba_raw.nbac_player_boxscores does not exist"),
    ],
)
def test_the_gate_fails_closed_where_a_column_is_not_what_it_was(make_world, statement, said):
    world = make_world(1)
    world.load()
    world.tamper(statement)
    with pytest.raises(SchemaDriftError, match=said):
        world.publish()
    for name in SUMMARIES:
        assert world.query(f"SELECT COUNT(*) AS n FROM nba_analytics.{name}") == [{"n": 0}]
    for name in ("publications", "game_readiness", "data_quality_events"):
        assert world.query(f"SELECT COUNT(*) AS n FROM nba_phase3.{name}") == [{"n": 0}]


@pytest.mark.slow
def test_a_gate_that_raises_lets_nothing_pass(world, monkeypatch):
    for row in world.rows[TEAMS]:
        row["assists"] += 1
    world.load()
    before = everything(world)

    def crash(*_: object, **__: object) -> None:
        raise RuntimeError("the gate is broken")

    for module, name in ((decide, "gate"), (publishing, "survey_with")):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, crash)
            with pytest.raises(RuntimeError, match="the gate is broken"):
                world.publish()
        assert everything(world) == before
    assert report_of(world.publish(), OFFENSE).count("published") == len(world.games)


@pytest.mark.slow
@pytest.mark.long
def test_a_game_is_published_once_it_is_in_every_table(make_world):
    world = make_world(2)
    world.load()
    days = Request(DAY, DAY)
    states = {}
    for table in published_tables():
        publication = publish(world.warehouse, days, [table])
        (states[table.name],) = {state_of(publication, game) for game in world.games}
        shown = world.query("SELECT DISTINCT state, reason FROM nba_phase3.game_readiness")
        assert [(row["state"], row["reason"]) for row in shown] == [states[table.name]], "what is stored is what is so"
    for last, missing in ((OFFENSE, f"not yet in {DEFENSE}, {PLAYERS}"), (DEFENSE, f"not yet in {PLAYERS}")):
        state, reason = states[last]
        assert state == "ready" and reason.startswith(missing)
    assert states[TABLE_NAMES[-1]] == ("published", None)


def test_a_game_given_up_while_only_its_team_rows_are_there_is_not_said_to_be_published(make_world):
    world = make_world(1)
    world.load()
    publish(world.warehouse, Request(DAY, DAY), [published_table(OFFENSE)])
    waive(world.warehouse, world.game.game_id, "the players never came", "a run")
    assert state_of(world.publish(), world.game) == ("waived", "the players never came")
    assert world.table(PLAYERS) == []


@pytest.mark.parametrize("value", [-1, 1000])
def test_one_impossible_team_figure_and_the_game_waits(make_world, value):
    """Whichever figure it is; without a gamebook, from which team rows could be rebuilt."""
    figures = [name for name in make_world(1).rows[TEAMS][0] if name in TEAM_FIGURES]
    world = make_world(several(len(figures)))
    world.rows[GAMEBOOK] = []
    for game, name in zip(world.games, figures, strict=True):
        world.of(TEAMS, game)[0][name] = value
    publication = world.reload_and_publish()
    states = {name: state_of(publication, game) for name, game in zip(figures, world.games, strict=True)}
    assert states == {
        name: ("waiting", f"unreadable_team_boxscore ({name} {value} of {world.of(TEAMS, game)[0]['team_abbr']})")
        for name, game in zip(figures, world.games, strict=True)
    }
    assert not any(world.table(name) for name in SUMMARIES)


def test_however_it_is_said_that_a_game_was_called_off_it_is_no_game(make_world):
    said = ["Postponed", "postponed - weather", "PPD", "Cancelled", "Canceled"]
    world = make_world(several(len(said)))
    for game, text in zip(world.games, said, strict=True):
        for row in world.of(SCHEDULE, game):
            row["game_status_text"] = text
    publication = world.reload_and_publish()
    assert [state_of(publication, game) for game in world.games] == [("void", text.lower()) for text in said]


def unused_team(world: World) -> str:
    return min(set(TEAM_CODES) - {team for game in world.games for team in (game.home, game.away)})


@pytest.fixture(params=["", "game_readiness", "team_offense_game_summary", "game_readiness team_offense_game_summary"])
def without(request, world: World) -> str:
    """What else was lost of the game before the schedule changed: nothing, its state, rows of one table, or both."""
    for name in request.param.split():
        with world.warehouse.session() as session, session.unit():
            dataset = "nba_phase3" if name == "game_readiness" else "nba_analytics"
            session._connection.execute(f"DELETE FROM {dataset}.{name} WHERE game_id = ?", [world.game.game_id])
    return request.param


def test_a_published_game_that_the_schedule_lists_with_another_opponent_is_published_as_that_alone(world, without):
    """Every source called one team wrongly, and puts it right: what was published under the wrong name goes."""
    game = world.game
    unused = unused_team(world)
    for rows in world.rows.values():
        for row in rows:
            for column, value in row.items():
                if value == game.away:
                    row[column] = unused
    publication = world.reload_and_publish()
    now = f"{game.game_date:%Y%m%d}_{unused}_{game.home}"
    assert reader_state(publication.games[game.game_id]) == ("void", f"the schedule now lists {now} instead")
    assert reader_state(publication.games[now]) == ("published", None)
    for table in SUMMARIES:
        assert {row["game_id"] for row in world.table(table)} == {now, *(other.game_id for other in world.games[1:])}
    assert len(world.events("game_withdrawn")) == len(SUMMARIES)


@pytest.mark.slow
def test_a_published_game_moved_to_another_day_is_withdrawn_whatever_was_lost(world: World, without):
    world.drop(TEAMS), world.drop(GAMEBOOK)
    for row in world.of(SCHEDULE):
        row["game_date"] += timedelta(days=1)
        row["game_date_est"] += timedelta(days=1)
    publication = world.reload_and_publish()
    assert state_of(publication, world.game) == ("void", f"moved_to_{DAY + timedelta(days=1):%Y%m%d}")
    assert not any(world.table(table, world.game) for table in SUMMARIES)


@pytest.mark.slow
def test_a_published_game_that_the_schedule_lists_no_longer_keeps_its_rows_and_says_so(world: World):
    before = {table: world.table(table) for table in SUMMARIES}
    world.drop(SCHEDULE)
    for _ in range(2):
        publication = world.reload_and_publish()
        reason = "its source is gone (not on the schedule any more); the rows stay"
        assert state_of(publication, world.game) == ("published", reason)
        assert {table: world.table(table) for table in SUMMARIES} == before
        assert len(world.events("game_kept")) == len(SUMMARIES)
    world.rows = type(world)(world.warehouse, world.games).rows
    assert state_of(world.reload_and_publish(), world.game) == ("published", None)


def test_a_game_called_off_takes_no_other_games_place(world: World):
    """A row of a game that is not played says nothing about the one that was."""
    game = world.game
    called_off = {**final_row(world, game), "game_id": "0022599999", "game_status": 1, "game_status_text": "Postponed"}
    called_off["away_team_tricode"] = unused_team(world)
    world.drop(SCHEDULE)
    world.rows[SCHEDULE].append(called_off)
    before = {table: world.table(table) for table in SUMMARIES}
    world.reload_and_publish()
    assert {table: world.table(table) for table in SUMMARIES} == before


def corrected_to(world: World, day: date) -> None:
    """All raw rows of the first game name another date, and those of the former are gone."""
    for table in world.rows:
        for row in world.of(table):
            row["game_date"] = day
            if table == SCHEDULE:
                row["game_date_est"] += day - world.game.game_date


def test_a_published_game_whose_date_is_corrected_is_published_on_that_date_alone(world: World):
    game, day = world.game, DAY + timedelta(days=1)
    corrected_to(world, day)
    world.load()
    publication = publish(world.warehouse, Request(DAY, day))
    now = game.game_id.replace(f"{DAY:%Y%m%d}", f"{day:%Y%m%d}")
    assert reader_state(publication.games[game.game_id]) == ("void", f"moved_to_{day:%Y%m%d}")
    assert reader_state(publication.games[now]) == ("published", None)
    for table in SUMMARIES:
        assert {row["game_id"] for row in world.table(table)} == {now, *(other.game_id for other in world.games[1:])}


def test_a_published_game_that_turns_out_to_be_none_is_withdrawn(world: World):
    """Listed as a game of the season by mistake: under its true id it is a pre-season game."""
    game = world.game
    for row in world.of(SCHEDULE):
        row["game_id"] = f"001{row['game_id'][3:]}"
    publication = world.reload_and_publish()
    assert state_of(publication, game) == ("void", "pre-season")
    for table in SUMMARIES:
        assert {row["game_id"] for row in world.table(table)} == {other.game_id for other in world.games[1:]}


def test_a_published_game_whose_teams_are_blanked_keeps_its_rows(world: World):
    before = {table: world.table(table) for table in SUMMARIES}
    for row in world.of(SCHEDULE):
        row.update(home_team_tricode="", away_team_tricode="")
    publication = world.reload_and_publish()
    assert state_of(publication, world.game)[0] == "published"
    assert {table: world.table(table) for table in SUMMARIES} == before


DAMAGED: dict[str, dict[str, str]] = {
    "of no known kind": {"game_id": " "},
    "of an unknown team": {"away_team_tricode": "CAVALIERS"},
    "a team against itself": {"home_team_tricode": "MIA", "away_team_tricode": "MIA "},
}


@pytest.mark.slow
@pytest.mark.parametrize("reason", DAMAGED)
def test_a_published_game_whose_line_of_the_schedule_makes_no_sense_keeps_its_rows_and_says_so(world: World, reason):
    before = snapshot(world)
    for row in world.of(SCHEDULE):
        row.update(DAMAGED[reason])
    world.load(SCHEDULE)
    for _ in range(2):
        publication = world.publish()
        told = f"its source is gone (on the schedule as no game: {reason}); the rows stay"
        assert state_of(publication, world.game) == ("published", told)
        assert set(publication.games) == {game.game_id for game in world.games}, "no game that never was"
        assert snapshot(world) == before
        assert len(world.events("game_kept")) == len(SUMMARIES)
        assert [event["severity"] for event in world.events("game_excluded")] == ["WARNING"]


@pytest.mark.slow
def test_a_second_game_under_the_league_id_of_another_is_told_until_it_has_its_own(make_world):
    world = make_world(2)
    world.load()
    for row in world.of(SCHEDULE, world.games[1]):
        row["game_id"] = world.game.nba_game_id
    for _ in range(2):
        publication = world.reload_and_publish()
        [shown] = publication.games
        [hidden] = {game.game_id for game in world.games} - {shown}
        [event] = world.events()
        assert (event["event_type"], event["severity"], event["game_id"]) == ("game_excluded", "WARNING", hidden)
        assert event["description"] == f"{hidden} is no game here: listed under the league id of {shown}"
    world.rows = World(world.warehouse, world.games).rows
    publication = world.reload_and_publish()
    assert {state_of(publication, game) for game in world.games} == {("published", None)}
    assert [event["event_type"] for event in world.events()] == ["game_excluded", "game_no_longer_excluded"]


def test_a_row_of_the_schedule_that_is_corrected_is_one_game_and_nothing_to_tell(world: World):
    """It first named another opponent, or the sides the other way round."""
    first, other, _ = world.games
    earlier = {"processed_at": first.tip_off - timedelta(days=1)}
    world.rows[SCHEDULE] += [
        {**final_row(world, first), **earlier, "away_team_tricode": unused_team(world)},
        {**final_row(world, other), **earlier, "away_team_tricode": other.home, "home_team_tricode": other.away},
    ]
    publication = world.reload_and_publish()
    assert set(publication.games) == {game.game_id for game in world.games}
    assert {state_of(publication, game) for game in world.games} == {("published", None)} and world.events() == []


def test_league_ids_written_as_numbers_are_the_same_ids(world: World):
    """A spreadsheet takes the two leading zeros away."""
    before = snapshot(world)
    for row in world.rows[SCHEDULE]:
        row["game_id"] = row["game_id"].removeprefix("00")
    publication = world.reload_and_publish()
    assert {state_of(publication, game) for game in world.games} == {("published", None)}
    assert {game.facts["nba_game_id"] for game in publication.games.values()} == {g.nba_game_id for g in world.games}
    assert snapshot(world) == before and world.events() == []


@pytest.mark.parametrize("days", [-1, 1])
def test_a_game_that_is_listed_again_on_another_date_is_published_once(world: World, days: int):
    """A later scrape appends every row again under another date: the tip-off tells which is the true one."""
    game, day = world.game, DAY + timedelta(days=days)
    for table in world.rows:
        again = {"game_date": day, "processed_at": game.tip_off + timedelta(days=3)}
        world.rows[table] += [{**row, **again} for row in world.of(table)]
    world.load()
    publication = publish(world.warehouse, Request(min(DAY, day), max(DAY, day)))
    assert state_of(publication, game) == ("published", None)
    twin = publication.games[game.game_id.replace(f"{DAY:%Y%m%d}", f"{day:%Y%m%d}")]
    assert reader_state(twin) == ("waiting", "tip_off_on_another_date")
    for table in SUMMARIES:
        assert {row["game_id"] for row in world.table(table)} == {each.game_id for each in world.games}


@pytest.mark.parametrize("before", [(1, "Postponed"), (1, "7:00 pm ET")])
@pytest.mark.slow
def test_a_game_played_on_another_date_than_first_listed_may_keep_its_first_tip_off(world: World, before):
    game, day = world.game, DAY + timedelta(days=5)
    (listed,) = [row for row in world.of(SCHEDULE) if row["game_status"] == 3]
    status, text = before
    for table in world.rows:
        for row in world.of(table):
            row.update(game_date=day, processed_at=row["processed_at"] + timedelta(days=5))
    world.rows[SCHEDULE].append({**listed, "game_date": DAY, "game_status": status, "game_status_text": text})
    world.rows[SCHEDULE][-1]["processed_at"] = game.tip_off
    world.load()
    publication = publish(world.warehouse, Request(DAY, day))
    assert state_of(publication, game)[0] == "void"
    assert reader_state(publication.games[game.game_id.replace(f"{DAY:%Y%m%d}", f"{day:%Y%m%d}")])[0] == "published"


@pytest.mark.parametrize(("source", "other"), [(GAMEBOOK, EVENING), (EVENING, GAMEBOOK)])
def test_a_fragment_is_held_back_where_it_is_all_there_is(make_world, source: str, other: str):
    """Four who played of one side: they do not add up to their team."""
    world = make_world(2)
    side_of(source, 4, without=other)(world, world.game)
    publication = world.reload_and_publish()
    state, reason = state_of(publication, world.game)
    assert state == "quarantined" and reason.startswith("player_game_summary: does_not_add_up: ")
    assert "of 240 minutes" in reason and world.table("player_game_summary", world.game) == []


def test_a_team_that_a_second_game_of_the_date_claims_holds_that_game_back_and_says_why(world: World):
    """A final game that never was, against a team that does not play that day."""
    before = {table: world.table(table) for table in SUMMARIES}
    world.rows[SCHEDULE] += [
        {**row, "game_id": "0022599998", "home_team_tricode": unused_team(world)} for row in world.of(SCHEDULE)
    ]
    publication = world.reload_and_publish()
    (claimed,) = set(publication.games) - {game.game_id for game in world.games}
    held = [
        game_id for game_id in (world.game.game_id, claimed) if publication.games[game_id].source_state == "waiting"
    ]
    reasons = {reader_state(publication.games[game_id])[1] for game_id in held}
    assert held and any("team_in_two_games" in str(reason) for reason in reasons)
    assert {table: world.table(table) for table in SUMMARIES} == before


@pytest.mark.slow
def test_two_rows_of_one_load_give_the_same_tables_in_whatever_order_they_come(make_world):
    """Whatever they differ in: a team figure, or the schedule's visitors."""
    bends = [(TEAMS, name) for name in sorted(TEAM_FIGURES)] + [(SCHEDULE, "away_team_tricode")]
    world = make_world(several(len(bends)))
    for game, (table, name) in zip(world.games, bends, strict=True):
        for row in world.of(table, game):
            other = row[name] + 1 if table == TEAMS else unused_team(world)
            world.rows[table].append({**row, name: other})
    first = world.reload_and_publish()
    for rows in world.rows.values():
        rows.reverse()
    again = world.reload_and_publish()
    assert {game_id: reader_state(game) for game_id, game in again.games.items()} == {
        game_id: reader_state(game) for game_id, game in first.games.items()
    }
    assert sum(report.count("published") for report in again.reports) == 0


def test_the_season_is_that_of_the_date_whatever_a_source_says(world: World):
    for row in world.rows[SCHEDULE]:
        row["season_year"] = 2019
    world.reload_and_publish()
    assert {row["season_year"] for table in SUMMARIES for row in world.table(table)} == {2025}


def test_a_second_row_of_a_games_state_is_taken_away_by_the_next_run(world: World):
    before = world.query("SELECT game_id, state FROM nba_phase3.game_readiness ORDER BY 1")
    world.tamper(
        "INSERT INTO nba_phase3.game_readiness SELECT * REPLACE ('waiting' AS state) FROM nba_phase3.game_readiness"
    )
    world.publish()
    assert world.query("SELECT game_id, state FROM nba_phase3.game_readiness ORDER BY 1") == before


def test_a_row_left_out_is_told_once_however_many_tables_read_players(make_world, monkeypatch):
    """The event is about the game. A second reader of player_rows once stopped every publication of every table."""
    world = make_world(1)
    row = next(row for row in world.of(GAMEBOOK) if row["player_status"] != "active")
    world.rows[GAMEBOOK].append({**row, "team_abbr": None, "player_lookup": "newguy"})
    second = SimpleNamespace(name="another_table", views=("player_rows",))
    tables = (*published_tables(), second)
    monkeypatch.setattr(readiness, "published_tables", lambda: tables)
    world.reload_and_publish()
    [event] = world.events("player_rows_left_out")
    assert (event["game_id"], event["table_name"]) == (world.game.game_id, "player_game_summary")
    assert (event["severity"], event["details"]) == ("WARNING", "[]")
