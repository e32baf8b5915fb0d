"""What play-by-play adds to the summaries: zones, blocks, who was on court, and what happens when it is late or wrong.

What belongs here: every column that comes from events, over the real games against an oracle of its own
(event_oracle.py) and in small games made by hand. What doesn't: the rules about these columns (rules/), the core
figures, which no event touches (test_real_games.py).
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest

from phase3_assets.catalog.tables import tables_named
from phase3_assets.demo.play_by_play import play_by_play_rows
from phase3_assets.demo.season import Line, SimulatedGame
from phase3_assets.loading.files import load_raw
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.publishing.vocabulary import Outcome
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets.warehouse.schema import initialise
from phase3_assets_tests.conftest import REAL_DATA
from phase3_assets_tests.sql.event_oracle import Roster, Told, rounded, told, without_suffix
from phase3_assets_tests.support.games import DAY, DEFENSE, OFFENSE, PLAYERS, SUMMARIES, World, night, state_of

EVENTS = "bigdataball_play_by_play"
ZONES = "defense_zone_analytics"
TABLES = tables_named((*SUMMARIES, ZONES))
REAL_2018 = REAL_DATA.parent / "raw_2018"
FIRST, LAST = date(2018, 10, 16), date(2018, 12, 31)
Row = dict[str, Any]

PLAYER_ZONES = {
    **{"paint_attempts": "paint_attempts", "paint_makes": "paint_makes"},
    **{"rim_attempts": "rim_attempts", "rim_makes": "rim_makes"},
    **{"mid_range_attempts": "mid_range_attempts", "mid_range_makes": "mid_range_makes"},
    **{"three_attempts_pbp": "three_attempts", "three_makes_pbp": "three_makes"},
    **{"and1_count": "and_ones", "assisted_fg_makes": "assisted"},
}
"""By published column, the oracle's count."""
PLAYER_BLOCKS = {
    "paint_blocks": "paint_blocks",
    "mid_range_blocks": "mid_range_blocks",
    "three_pt_blocks": "three_blocks",
}
TEAM_ZONES = ("paint_attempts", "paint_makes", "rim_attempts", "rim_makes", "mid_range_attempts", "mid_range_makes")
TEAM_BLOCKS = {
    **{"blocks_paint": "paint_blocks", "blocks_rim": "rim_blocks"},
    **{"blocks_mid_range": "mid_range_blocks", "blocks_three_pt": "three_blocks"},
}
PLAYER_COLUMNS = {
    *PLAYER_ZONES,
    *PLAYER_BLOCKS,
    "unassisted_fg_makes",
    "has_complete_shot_zones",
    "usage_rate_on_court",
}


# --- The real games ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBWarehouse]:
    """The real games that have play-by-play, published."""
    if not REAL_2018.is_dir():
        pytest.skip(f"the real play-by-play is not at {REAL_2018}")
    made = DuckDBWarehouse(tmp_path_factory.mktemp("events") / "warehouse.duckdb")
    initialise(made)
    failures, _ = load_raw(
        made, REAL_2018, allow_missing=[f"player_3_{name}" for name in ("name", "lookup", "team_abbr")]
    )
    assert not failures
    publish(made, Request(FIRST, LAST), TABLES)
    yield made


def read(warehouse: DuckDBWarehouse, sql: str) -> list[Row]:
    with warehouse.session(read_only=True) as session:
        return session.query(sql, {})


@pytest.fixture(scope="module")
def tables(real) -> dict[str, dict[tuple[Any, ...], Row]]:
    """The published rows, by date, team and player."""
    return {
        OFFENSE: {(r["game_date"], r["team_abbr"]): r for r in read(real, f"SELECT * FROM nba_analytics.{OFFENSE}")},
        DEFENSE: {
            (r["game_date"], r["defending_team_abbr"]): r for r in read(real, f"SELECT * FROM nba_analytics.{DEFENSE}")
        },
        PLAYERS: {
            (r["game_date"], r["team_abbr"], r["player_lookup"]): r
            for r in read(real, f"SELECT * FROM nba_analytics.{PLAYERS}")
        },
        ZONES: {(r["game_date"], r["team_abbr"]): r for r in read(real, f"SELECT * FROM nba_analytics.{ZONES}")},
    }


@pytest.fixture(scope="module")
def said(real, tables) -> dict[date, dict[str, Told]]:
    """By date and team, what the oracle says of the team's game."""
    events: dict[tuple[date, str], list[Row]] = defaultdict(list)
    for row in read(real, f"SELECT * FROM nba_raw.{EVENTS}"):
        events[row["game_date"], row["home_team_abbr"]].append(row)
    ids: dict[tuple[date, str], dict[int, str]] = defaultdict(dict)
    for row in read(
        real, "SELECT game_date, team_abbr, nba_player_id, player_lookup FROM nba_raw.nbac_player_boxscores"
    ):
        ids[row["game_date"], row["team_abbr"]][row["nba_player_id"]] = row["player_lookup"]
    players: dict[tuple[date, str], list[str]] = defaultdict(list)
    for day, team, player in tables[PLAYERS]:
        players[day, team].append(player)
    found: dict[date, dict[str, Told]] = defaultdict(dict)
    for (day, home), rows in events.items():
        teams = (home, rows[0]["away_team_abbr"])
        rosters = {team: Roster(players[day, team], ids[day, team]) for team in teams}
        scores = {team: tables[OFFENSE][day, team]["points_scored"] for team in teams}
        found[day] |= dict.fromkeys(teams, told(rows, rosters, scores))
    return found


def are_those_of_the_box_score(shots: dict[str, int], row: Row) -> bool:
    columns = ("fg_attempts", "fg_makes", "three_pt_attempts", "three_pt_makes")
    names = ("attempts", "makes", "three_attempts", "three_makes")
    return (
        all(shots[name] == row[column] for name, column in zip(names, columns, strict=True))
        and not shots["unknown_attempts"]
    )


@pytest.mark.real_data
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_players_figures_are_what_the_events_say(tables, said):
    differing, complete, with_blocks = [], 0, 0
    for (day, team, player), row in tables[PLAYERS].items():
        expected: Row = dict.fromkeys(PLAYER_COLUMNS)
        if not row["is_dnp"]:
            events = said[day][team]
            shots, blocks = events.player_shots[team, player], events.player_blocks[team, player]
            expected["has_complete_shot_zones"] = are_those_of_the_box_score(shots, row)
            if expected["has_complete_shot_zones"]:
                complete += 1
                expected |= {column: shots[name] for column, name in PLAYER_ZONES.items()}
                expected["unassisted_fg_makes"] = row["fg_makes"] - shots["assisted"]
            if sum(blocks[name] for name in PLAYER_BLOCKS.values()) == row["blocks"]:
                with_blocks += 1
                expected |= {column: blocks[name] for column, name in PLAYER_BLOCKS.items()}
            if events.usage_on_court is not None:
                expected["usage_rate_on_court"] = rounded(events.usage_on_court.get((team, player)), 1)
        differing += [
            f"{day} {team} {player} {column}: {row[column]}, the events say {value}"
            for column, value in expected.items()
            if row[column] != value
        ]
    assert not differing, f"{len(differing)} differ, first:\n" + "\n".join(differing[:10])
    played = sum(not row["is_dnp"] for row in tables[PLAYERS].values())
    assert (played, complete, played - with_blocks) == (11639, 11577, 7)


@pytest.mark.real_data
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_teams_figures_are_what_the_events_say(tables, said):
    differing, complete, counted = [], 0, 0
    for (day, team), row in tables[OFFENSE].items():
        events = said[day][team]
        shots = events.shots[team]
        is_complete = are_those_of_the_box_score(shots, row)
        complete += is_complete
        counted += events.possessions is not None
        expected: Row = {f"team_{name}": shots[name] if is_complete else None for name in TEAM_ZONES}
        expected["points_in_paint_scored"] = 2 * shots["paint_makes"] if is_complete else None
        expected["possessions_pbp"] = None if events.possessions is None else events.possessions[team]
        differing += [f"{day} {team} {c}: {row[c]}, the events say {v}" for c, v in expected.items() if row[c] != v]
        other = tables[DEFENSE][day, row["opponent_team_abbr"]]
        expected = {f"opp_{name}": shots[name] if is_complete else None for name in TEAM_ZONES}
        expected["points_in_paint_allowed"] = 2 * shots["paint_makes"] if is_complete else None
        expected["mid_range_points_allowed"] = 2 * shots["mid_range_makes"] if is_complete else None
        blocks = events.blocks[row["opponent_team_abbr"]]
        has_all = sum(blocks[name] for name in PLAYER_BLOCKS.values()) == other["blocks"]
        expected |= {column: blocks[name] if has_all else None for column, name in TEAM_BLOCKS.items()}
        differing += [f"{day} {team} {c}: {other[c]}, the events say {v}" for c, v in expected.items() if other[c] != v]
    assert not differing, f"{len(differing)} differ, first:\n" + "\n".join(differing[:10])
    assert (len(tables[OFFENSE]), complete, counted) == (1096, 1036, 2 * 538)


@pytest.mark.real_data
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_row_of_what_a_defense_allows_is_what_the_team_rows_give(tables, said):
    """Zones of each game from the oracle's shots; windows and the league in exact fractions, walked date by date."""
    allowed: dict[tuple[date, str], dict[str, int]] = {}
    for (day, team), row in tables[OFFENSE].items():
        shots, other = said[day][team].shots, row["opponent_team_abbr"]
        if all(are_those_of_the_box_score(shots[t], tables[OFFENSE][day, t]) for t in (team, other)):
            allowed[day, other] = shots[team]
    assert allowed.keys() == tables[ZONES].keys() and len(allowed) == 980
    names = {"paint": "paint", "rim": "rim", "mid_range": "mid_range", "three_pt": "three"}
    differing: list[str] = []
    for (day, team), row in sorted(tables[ZONES].items()):
        own = allowed[day, team]
        before = [shots for (when, _), shots in allowed.items() if when < day]
        latest = [
            shots for (when, who), shots in sorted(allowed.items(), key=lambda i: i[0]) if who == team and when <= day
        ]
        windows = {count: latest[-count:] for count in (5, 10, 15)}

        def share(games: Sequence[dict[str, int]], zone: str) -> Fraction | None:
            attempts = sum(shots[f"{zone}_attempts"] for shots in games)
            return Fraction(sum(shots[f"{zone}_makes"] for shots in games), attempts) if attempts else None

        expected: Row = {"points_in_paint_allowed": 2 * own["paint_makes"], "games_in_sample": len(windows[15])}
        gaps = {}
        for zone, name in names.items():
            percentage, league = share([own], name), share(before, name) if len(before) >= 60 else None
            short = "three_pt_pct_allowed" if zone == "three_pt" else f"{zone}_fg_pct_allowed"
            expected |= {f"{zone}_fga_allowed": own[f"{name}_attempts"], f"{zone}_fg_allowed": own[f"{name}_makes"]}
            expected[short] = rounded(percentage, 3)
            above = None if percentage is None or league is None else 100 * (percentage - league)
            expected[f"{zone}_fg_pct_vs_league_avg"] = rounded(above, 2)
            of_late = share(windows[15], name)
            if zone != "rim" and league is not None and of_late is not None and len(windows[15]) >= 5:
                gaps[zone] = of_late - league
        for count in (5, 10):
            points = sum(2 * shots["paint_makes"] for shots in windows[count])
            expected[f"paint_pts_allowed_l{count}"] = rounded(Fraction(points, len(windows[count])), 1)
            expected[f"three_pt_pct_allowed_l{count}"] = rounded(share(windows[count], "three"), 3)
        expected["three_pt_pct_allowed_l15"] = rounded(share(windows[15], "three"), 3)
        expected["paint_fg_pct_allowed_l15"] = rounded(share(windows[15], "paint"), 3)
        expected["mid_range_fg_pct_allowed_l15"] = rounded(share(windows[15], "mid_range"), 3)
        expected["strongest_zone"] = min(gaps, key=lambda zone: gaps[zone]) if gaps else None
        expected["weakest_zone"] = max(gaps, key=lambda zone: gaps[zone]) if gaps else None
        differing += [f"{day} {team} {c}: {row[c]}, the events say {v}" for c, v in expected.items() if row[c] != v]
    assert not differing, f"{len(differing)} differ, first:\n" + "\n".join(differing[:10])


# --- Games made by hand -----------------------------------------------------------------------------------------------


def _event(game: SimulatedGame, number: int, **said: Any) -> Row:
    return {
        "game_date": game.game_date,
        "game_id": game.nba_game_id,
        "bdb_game_id": None,
        "season_year": 2025,
        "home_team_abbr": game.home,
        "away_team_abbr": game.away,
        "event_id": f"{game.game_id}_{number}",
        "event_sequence": number,
        "data_source": "bigdataball",
        "processed_at": f"{game.game_date + timedelta(days=1)} 15:00:00+00:00",
        **said,
    }


def events_of(game: SimulatedGame) -> list[Row]:
    """Play-by-play that tells every shot and free throw of the game's box score, each player's one after the other.

    Twos are layups from two feet, the last of each player a jump shot from fifteen. Five of each side, the first who
    entered, are on court throughout, and who shoots is one of them or not.
    """
    rows: list[Row] = []
    score = {game.away: 0, game.home: 0}
    entered = [line for line in game.lines if line.seconds is not None]
    on_court = {
        f"{side}_player_{n + 1}_lookup": line.player.lookup
        for side, team in (("home", game.home), ("away", game.away))
        for n, line in enumerate([line for line in entered if line.team == team][:5])
    }

    def add(line: Line, points: int, **said: Any) -> None:
        score[line.team] += points
        rows.append(
            _event(
                game,
                len(rows) + 1,
                period=1 + len(rows) // 80,
                game_clock_seconds=700 - 8 * (len(rows) % 80),
                player_1_lookup=line.player.lookup,
                player_1_team_abbr=line.team,
                points_scored=points,
                score_home=score[game.home],
                score_away=score[game.away],
                **on_court,
                **said,
            )
        )

    for line in entered:
        c = line.counts
        threes, made_threes = c["three_pointers_attempted"], c["three_pointers_made"]
        twos, made_twos = c["field_goals_attempted"] - threes, c["field_goals_made"] - made_threes
        for n in range(threes):
            made = n < made_threes
            add(line, 3 * made, event_type="shot", event_subtype="3pt jump shot", shot_type="3PT", shot_made=made)
        for n in range(twos):
            distance = 15.0 if n == twos - 1 else 2.0
            made = n < made_twos
            add(
                line,
                2 * made,
                **{"event_type": "shot", "event_subtype": "layup", "shot_type": "2PT"},
                **{"shot_made": made, "shot_distance": distance},
            )
        for n in range(c["free_throws_attempted"]):
            made = n < c["free_throws_made"]
            add(line, int(made), event_type="free throw", event_subtype="free throw 2/2")
    return rows


@pytest.fixture
def told_world(world: World) -> World:
    """Three published games, the first with play-by-play that has come since, not yet loaded."""
    world.rows[EVENTS] = events_of(world.game)
    world.tables = TABLES
    return world


def players(world: World) -> list[Row]:
    """The rows of who played in the first game."""
    return [row for row in world.table(PLAYERS, world.game) if not row["is_dnp"]]


def core(world: World) -> list[Row]:
    """Everything published of the summaries that no event may touch."""
    rows = [row for table in (OFFENSE, DEFENSE, PLAYERS) for row in world.table(table)]
    stamps = {"data_hash", "publication_id", "code_version", "processed_at"}
    of_events = PLAYER_COLUMNS | stamps | {"points_in_paint_scored", "possessions_pbp", "points_in_paint_allowed"}
    return [
        {name: value for name, value in row.items() if name not in of_events and not _is_of_zone(name)} for row in rows
    ]


def _is_of_zone(name: str) -> bool:
    return any(zone in name for zone in ("paint", "rim_", "mid_range", "blocks_"))


def publish_again(world: World) -> dict[str, int]:
    """Load the events and publish; how many games each table published."""
    world.load(EVENTS)
    return {report.table: report.count("published") for report in world.publish().reports}


@pytest.mark.long
def test_play_by_play_that_comes_later_fills_its_columns_and_touches_no_other(told_world):
    before = core(told_world)
    published = publish_again(told_world)
    assert {published[table] for table in (OFFENSE, DEFENSE, PLAYERS, ZONES)} == {1}
    assert core(told_world) == before
    assert {row["has_complete_shot_zones"] for row in players(told_world)} == {True}
    for row in players(told_world):
        twos = row["fg_attempts"] - row["three_pt_attempts"]
        assert row["rim_attempts"] == row["paint_attempts"] == max(twos - 1, 0)
        assert row["mid_range_attempts"] == min(twos, 1)
    (zones, _) = told_world.table(ZONES)
    assert (zones["games_in_sample"], zones["strongest_zone"], zones["paint_fg_pct_vs_league_avg"]) == (1, None, None)
    told_world.rows[EVENTS] = []
    publish_again(told_world)
    assert core(told_world) == before and {row["has_complete_shot_zones"] for row in players(told_world)} == {None}
    assert told_world.table(ZONES) == []


def figures(world: World) -> list[Row]:
    """What events gave, of every table."""
    stamps = {"data_hash", "publication_id", "code_version", "processed_at"}
    return [
        {name: value for name, value in row.items() if name not in stamps}
        for table in (OFFENSE, DEFENSE, PLAYERS, ZONES)
        for row in world.table(table)
    ]


@pytest.mark.long
def test_of_a_game_that_is_there_twice_the_later_load_counts(told_world):
    publish_again(told_world)
    right = figures(told_world)
    earlier = [
        {**row, "processed_at": "2026-02-04 09:00:00+00:00", "shot_distance": 30.0}
        for row in events_of(told_world.game)
    ]
    told_world.rows[EVENTS] += earlier
    publish_again(told_world)
    assert figures(told_world) == right


def test_the_order_of_rows_and_events_of_an_unknown_type_change_nothing(told_world):
    publish_again(told_world)
    right = figures(told_world)
    odd = _event(told_world.game, 9_999, event_type="coach's challenge", player_1_team_abbr=told_world.game.home)
    told_world.rows[EVENTS] = [odd, *reversed(told_world.rows[EVENTS])]
    publish_again(told_world)
    assert figures(told_world) == right


def test_events_of_the_second_source_are_left_out_where_the_first_has_the_game(told_world):
    publish_again(told_world)
    right = figures(told_world)
    told_world.rows[EVENTS] += [
        {**row, "event_sequence": row["event_sequence"] + 1000, "data_source": "nbacom_fallback"}
        for row in events_of(told_world.game)
    ]
    publish_again(told_world)
    assert figures(told_world) == right


def test_a_game_that_stops_has_zones_only_for_whom_they_are_whole_and_nothing_of_who_was_on_court(told_world):
    rows = events_of(told_world.game)
    told_world.rows[EVENTS] = [row for row in rows if row["period"] <= 2]
    publish_again(told_world)
    found = {row["has_complete_shot_zones"] for row in players(told_world)}
    assert found == {True, False}
    for row in players(told_world):
        assert (row["paint_attempts"] is not None) == row["has_complete_shot_zones"]
        assert row["usage_rate_on_court"] is None
    assert {row["possessions_pbp"] for row in told_world.table(OFFENSE, told_world.game)} == {None}
    assert told_world.table(ZONES) == []


def without_one_of_the_five(rows: list[Row]) -> None:
    for row in rows:
        row["away_player_3_lookup"] = None


def of_the_second_source_alone(rows: list[Row]) -> None:
    for row in rows:
        row["data_source"] = "nbacom_fallback"
        for name in [name for name in row if name.startswith(("away_player_", "home_player_"))]:
            row[name] = None


@pytest.mark.parametrize("bent", [without_one_of_the_five, of_the_second_source_alone])
@pytest.mark.long
def test_without_players_on_court_there_are_zones_but_no_possessions(told_world, bent):
    publish_again(told_world)
    assert None not in {row["possessions_pbp"] for row in told_world.table(OFFENSE, told_world.game)}
    bent(told_world.rows[EVENTS])
    publish_again(told_world)
    assert {row["has_complete_shot_zones"] for row in players(told_world)} == {True}
    assert {row["usage_rate_on_court"] for row in players(told_world)} == {None}
    assert {row["possessions_pbp"] for row in told_world.table(OFFENSE, told_world.game)} == {None}


@pytest.mark.slow
@pytest.mark.long
def test_a_correction_makes_exactly_the_later_games_due_whose_windows_read_it(make_world):
    """Two teams meet four times, the last time in the next season; two others play as well, on the third date."""
    game, other = night(2)
    later = [replace(game, game_date=DAY + timedelta(days=days), number=10 + days) for days in (2, 4)]
    next_season = replace(game, game_date=date(2026, 10, 22), number=1)
    world = make_world([game, later[0], later[1], replace(other, game_date=DAY + timedelta(days=4)), next_season])
    world.tables = TABLES
    world.rows |= play_by_play_rows(world.games)
    world.load()
    world.publish()
    before = {row["game_id"]: row for row in world.table(ZONES) if row["team_abbr"] == game.home}
    shot = next(
        row
        for row in world.of(EVENTS, later[0])
        if row["event_type"] == "shot"
        and row["shot_distance"]
        and row["shot_distance"] <= 4
        and row["player_1_team_abbr"] == game.away
    )
    shot["shot_distance"] = 15.0
    world.load(EVENTS)
    reports = {report.table: report for report in world.publish().reports}

    def due(table: str) -> set[str]:
        return {one.game_id for one in reports[table].games if one.outcome is Outcome.PUBLISHED}

    assert due(OFFENSE) == due(DEFENSE) == due(PLAYERS) == {later[0].game_id}
    assert due(ZONES) == {later[0].game_id, later[1].game_id}
    after = {row["game_id"]: row for row in world.table(ZONES) if row["team_abbr"] == game.home}
    last = later[1].game_id
    assert after[last]["paint_fga_allowed"] == before[last]["paint_fga_allowed"]
    assert after[last]["mid_range_fg_pct_allowed_l15"] != before[last]["mid_range_fg_pct_allowed_l15"]
    assert [after[one.game_id]["games_in_sample"] for one in (game, *later, next_season)] == [1, 2, 3, 1]


def test_events_older_than_a_correction_of_the_box_score_leave_out_whom_it_is_about(told_world):
    shooter = next(row for row in told_world.rows[EVENTS] if row["event_type"] == "shot")["player_1_lookup"]
    first = next(row for row in told_world.rows[EVENTS] if row["player_1_lookup"] == shooter)
    told_world.rows[EVENTS].remove(first)
    publish_again(told_world)
    incomplete = [row["player_lookup"] for row in players(told_world) if not row["has_complete_shot_zones"]]
    assert incomplete == [shooter]
    (row,) = [row for row in players(told_world) if row["player_lookup"] == shooter]
    assert row["paint_attempts"] is None and row["fg_attempts"] is not None
    paint = {r["team_abbr"]: r["team_paint_attempts"] for r in told_world.table(OFFENSE, told_world.game)}
    assert paint[row["team_abbr"]] is None and paint[row["opponent_team_abbr"]] is not None


@pytest.mark.parametrize("spelling", ["{id}{name}", "{name}jr", "{name}iii"])
def test_a_player_is_found_by_id_by_name_and_without_suffix(told_world, spelling):
    for row in told_world.rows[EVENTS]:
        if without_suffix(row["player_1_lookup"]) == row["player_1_lookup"]:
            row["player_1_lookup"] = spelling.format(id=99, name=row["player_1_lookup"])
    publish_again(told_world)
    assert {row["has_complete_shot_zones"] for row in players(told_world)} == {True}


def test_the_id_decides_where_the_name_is_another(told_world):
    shooter = next(row for row in told_world.rows[EVENTS] if row["event_type"] == "shot")["player_1_lookup"]
    for row in told_world.of("nbac_player_boxscores"):
        if row["player_lookup"] == shooter:
            row["nba_player_id"] = 424242
    for row in told_world.rows[EVENTS]:
        if row["player_1_lookup"] == shooter:
            row["player_1_lookup"] = "424242whoeverhewasbefore"
    told_world.load("nbac_player_boxscores")
    publish_again(told_world)
    assert {row["has_complete_shot_zones"] for row in players(told_world)} == {True}


def test_an_event_without_its_order_or_its_teams_is_of_no_game(told_world):
    for row in told_world.rows[EVENTS]:
        row["home_team_abbr"] = "XXX"
    published = publish_again(told_world)
    assert published[OFFENSE] == published[PLAYERS] == 0
    assert {row["has_complete_shot_zones"] for row in players(told_world)} == {None}
    assert state_of(told_world.publish(), told_world.game) == ("published", None)
