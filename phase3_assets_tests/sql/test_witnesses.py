"""Every source against the others, figure by figure: who is believed, what is held back, and what is said of it.

What belongs here: pairs of sources that contradict each other, tolerances, partial games, and contradictions that come
after publication and go again. What doesn't: the catalogue of failures (faults/test_witnesses.py), the rules on
published rows (test_rules.py).
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from phase3_assets.demo.season import Row, SimulatedGame, simulate_season
from phase3_assets.publishing.states import reader_state
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets_tests.support.games import (
    DAY,
    OFFENSE,
    PLAYER_COLUMNS,
    PLAYERS,
    TEAM_COLUMNS,
    World,
    clock_seconds,
    state_of,
)

SCHEDULE, TEAM_BOX = "nbac_schedule", "nbac_team_boxscore"
GAMEBOOK, EVENING = "nbac_gamebook_player_stats", "nbac_player_boxscores"
COUNTS = tuple(column for column in TEAM_COLUMNS if column not in ("points", "total_rebounds"))
"""What can be bent alone: points follow from the makes, total rebounds from the two kinds."""
Bend = Callable[[World, SimulatedGame], None]


def scorer(world: World, game: SimulatedGame, source: str) -> Row:
    """The home team's row of a player with many of everything."""
    rows = [row for row in world.of(source, game) if row["team_abbr"] == game.home and row["points"] is not None]
    return max(rows, key=lambda row: row["field_goals_made"] - row["three_pointers_made"])


def change(row: Row, column: str, by: int) -> None:
    """Change a count of a team's or a player's row, and what must change with it for the row to add up in itself."""
    team = "fg_made" in row
    name = column if team else PLAYER_COLUMNS.get(column, column)
    row[name] += by
    points = {"fg_made": 2, "three_pt_made": 1, "ft_made": 1}.get(column)
    if points:
        row["points"] += points * by
    if column == "three_pt_made":
        row["fg_made" if team else "field_goals_made"] += 0
    if column in ("offensive_rebounds", "defensive_rebounds"):
        row["total_rebounds"] += by
    made = {"fg_made": "fg_attempted", "three_pt_made": "three_pt_attempted", "ft_made": "ft_attempted"}.get(column)
    if made:
        row[made if team else PLAYER_COLUMNS[made]] += by


def bent(source: str, column: str, by: int, *without: str) -> Bend:
    def bend(world: World, game: SimulatedGame) -> None:
        for other in without:
            world.drop(other, game)
        if source == TEAM_BOX:
            change(next(row for row in world.of(TEAM_BOX, game) if row["team_abbr"] == game.home), column, by)
        else:
            change(scorer(world, game, source), column, by)

    return bend


def minutes(source: str, share: float, *without: str, team: bool = False) -> Bend:
    """Each of the home players' minutes, or the team's, at that share."""

    def bend(world: World, game: SimulatedGame) -> None:
        for other in without:
            world.drop(other, game)
        for row in world.of(source, game):
            if row["team_abbr"] == game.home and row["minutes"]:
                seconds = round(clock_seconds(row["minutes"]) * share)
                row["minutes"] = (
                    str(round(seconds / 60)) if source == EVENING else f"{seconds // 60}:{seconds % 60:02d}"
                )

    return bend


def missing(source: str, players: int, *without: str) -> Bend:
    """The home team's last players who played are not in the source."""

    def bend(world: World, game: SimulatedGame) -> None:
        for other in without:
            world.drop(other, game)
        own = [
            row for row in world.of(source, game) if row["team_abbr"] == game.home and row["minutes"] not in (None, "")
        ]
        gone = sorted(own, key=lambda row: clock_seconds(row["minutes"]))[:players]
        world.rows[source] = [row for row in world.rows[source] if not any(row is one for one in gone)]

    return bend


def all_missing(*sources: str) -> Bend:
    def bend(world: World, game: SimulatedGame) -> None:
        gone = {row["player_lookup"] for row in [scorer(world, game, GAMEBOOK)]}
        for source in sources:
            rows = [row for row in world.of(source, game) if row["player_lookup"] in gone]
            world.rows[source] = [row for row in world.rows[source] if not any(row is one for one in rows)]

    return bend


def points_of_schedule(by: int) -> Bend:
    def bend(world: World, game: SimulatedGame) -> None:
        for row in world.of(SCHEDULE, game):
            if row.get("home_team_score") is not None:
                row["home_team_score"] += by

    return bend


def home_flags(source: str) -> Bend:
    def bend(world: World, game: SimulatedGame) -> None:
        for row in world.of(source, game):
            if source == TEAM_BOX:
                row["is_home"] = not row["is_home"]
            else:
                row["home_team_abbr"], row["away_team_abbr"] = row["away_team_abbr"], row["home_team_abbr"]

    return bend


def first_team_row(world: World, game: SimulatedGame) -> Row:
    return next(row for row in world.of(TEAM_BOX, game) if row["team_abbr"] == game.home)


def team_says(column: str, value: object, *without: str) -> Bend:
    def bend(world: World, game: SimulatedGame) -> None:
        for other in without:
            world.drop(other, game)
        first_team_row(world, game)[column] = value

    return bend


def early_score(world: World, game: SimulatedGame) -> None:
    """Schedule and team row have ten points that no player source has."""
    change(first_team_row(world, game), "fg_made", 5)
    points_of_schedule(10)(world, game)


def exchanged_team_rows(world: World, game: SimulatedGame) -> None:
    """The team box score has the two teams' figures the other way round; the evening rows do not."""
    world.drop(GAMEBOOK, game)
    one, other = world.of(TEAM_BOX, game)
    for column in TEAM_COLUMNS:
        one[column], other[column] = other[column], one[column]


def without_minutes(**said: object) -> Bend:
    """A player of the only source has figures, and his row says that he did not play."""

    def bend(world: World, game: SimulatedGame) -> None:
        world.drop(EVENING, game)
        scorer(world, game, GAMEBOOK).update(said)

    return bend


def longer_than_the_game(world: World, game: SimulatedGame) -> None:
    """One of the gamebook has sixty minutes, and his team-mates as many fewer."""
    own = [row for row in world.of(GAMEBOOK, game) if row["team_abbr"] == game.home and row["points"] is not None]
    own.sort(key=lambda row: -clock_seconds(row["minutes"]))
    more = 3600 - clock_seconds(own[0]["minutes"])
    own[0]["minutes"] = "60:00"
    for row in own[1:4]:
        seconds = clock_seconds(row["minutes"]) - more // 3
        row["minutes"] = f"{seconds // 60}:{seconds % 60:02d}"


def twice(*without: str, **otherwise: object) -> Bend:
    """The gamebook has a row twice in one load, the second time with these."""

    def bend(world: World, game: SimulatedGame) -> None:
        for other in without:
            world.drop(other, game)
        row = scorer(world, game, GAMEBOOK)
        seconds = clock_seconds(row["minutes"])
        same = {"minutes": f"PT{seconds // 60}M{seconds % 60:02d}.00S"}
        world.rows[GAMEBOOK].append({**row, **(otherwise or same)})

    return bend


@dataclass(frozen=True)
class Case:
    bend: Bend
    teams: str | None
    """The tier of the team rows; None where the game is held back or waits."""
    players: str | None
    says: str = ""
    """What the reason, or a quality issue, contains."""


def cases() -> dict[str, Case]:
    found = {"nothing": Case(lambda world, game: None, "gold", "gold")}
    for column in COUNTS:
        name = {"fg_made": "points"}.get(column, {v: k for k, v in PUBLISHED.items()}.get(column, column))
        if not column.endswith("_made"):  # makes move the team's points away from the final score
            by = 3 if column != "turnovers" else -3
            found[f"{column} of the team"] = Case(
                bent(TEAM_BOX, column, by), "silver", "gold", f"team_contradicted={{home}} {name} "
            )
            found[f"{column} of the team, no evening"] = Case(
                bent(TEAM_BOX, column, by, EVENING), None, None, f"{OFFENSE}: does_not_add_up: {{home}}: {name} "
            )
            found[f"{column} of the team, no gamebook"] = Case(
                bent(TEAM_BOX, column, by, GAMEBOOK), None, None, f"{OFFENSE}: does_not_add_up: {{home}}: {name} "
            )
        found[f"{column} of the gamebook"] = Case(
            bent(GAMEBOOK, column, 4), "gold", "silver", "gamebook_not_whole={home} "
        )
        found[f"{column} of the evening"] = Case(bent(EVENING, column, 4), "gold", "gold")
        found[f"{column} within tolerance"] = Case(
            bent(GAMEBOOK, column, 1 if column.endswith("_made") else 2), "gold", "gold"
        )
    return found | {
        "half the minutes of the gamebook": Case(minutes(GAMEBOOK, 0.5), "gold", "silver", "120 of 240 minutes"),
        "half the minutes of the evening": Case(minutes(EVENING, 0.5), "gold", "gold"),
        "half the minutes of the only source": Case(
            minutes(EVENING, 0.5, GAMEBOOK), "gold", None, f"{PLAYERS}: does_not_add_up: {{home}}: "
        ),
        "nine tenths of the minutes of the only source": Case(
            minutes(GAMEBOOK, 0.9, EVENING), "gold", None, f"{PLAYERS}: does_not_add_up: {{home}}: 216 of 240 minutes"
        ),
        "minutes within tolerance": Case(minutes(GAMEBOOK, 234 / 240), "gold", "gold"),
        "minutes of the team": Case(minutes(TEAM_BOX, 0.95), "silver", "gold", "team_contradicted=228 of 240 minutes"),
        "an overtime of one team": Case(minutes(TEAM_BOX, 265 / 240), "silver", "gold", "not as many of its opponent"),
        "a player missing in the gamebook": Case(missing(GAMEBOOK, 1), "gold", "silver", "gamebook_not_whole="),
        "a player missing everywhere": Case(all_missing(GAMEBOOK, EVENING), "gold", "bronze", "players_incomplete="),
        "players missing in the only source": Case(missing(GAMEBOOK, 3, EVENING), "gold", "bronze", "of {home}"),
        "most players missing": Case(
            missing(EVENING, 6, GAMEBOOK), "gold", None, f"{PLAYERS}: does_not_add_up: {{home}}: "
        ),
        "the schedule against all": Case(
            points_of_schedule(1), None, None, f"{OFFENSE}: does_not_add_up: {{home}}: points "
        ),
        "schedule and team box score against both": Case(
            early_score, None, None, f"{OFFENSE}: does_not_add_up: {{home}}: points "
        ),
        "a team row with impossible figures": Case(
            team_says("turnovers", -4), "silver", "gold", "team_contradicted=turnovers -4 of {home}"
        ),
        "a team row with unreadable minutes": Case(
            team_says("minutes", "abc"), "silver", "gold", "team_contradicted=minutes 'abc' of {home}"
        ),
        "a team row without offensive rebounds": Case(
            team_says("offensive_rebounds", None), "silver", "gold", "team_contradicted=no offensive rebounds of {home}"
        ),
        "figures without minutes in the only source": Case(
            without_minutes(minutes=None), "gold", None, f"{PLAYERS}: does_not_add_up: {{home}}: "
        ),
        "figures of one marked dnp in the only source": Case(
            without_minutes(player_status="dnp"), "gold", None, f"{PLAYERS}: does_not_add_up: {{home}}: "
        ),
        "longer than the game": Case(longer_than_the_game, "gold", "silver", "in a game of 48"),
        "a row twice that differs in plus and minus": Case(
            twice(plus_minus=-99), "gold", "silver", "gamebook_not_whole=two rows of one load that differ of "
        ),
        "a row twice with its minutes spelt otherwise": Case(twice(EVENING), "gold", "gold"),
        "the home flags of the team box score": Case(
            home_flags(TEAM_BOX), "gold", "gold", "home_flag_differs={home} in the schedule"
        ),
        "the home codes of the gamebook": Case(
            home_flags(GAMEBOOK), "gold", "gold", "home_flag_differs={home} in the schedule"
        ),
    }


PUBLISHED = {
    "fg_attempts": "fg_attempted",
    "three_pt_attempts": "three_pt_attempted",
    "ft_attempts": "ft_attempted",
}
CASES = cases()


@dataclass
class Seen:
    game: SimulatedGame
    state: tuple[str, str | None]
    teams: list[Row]
    players: list[Row]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, _initialised_file: bytes) -> dict[str, Seen]:
    path = tmp_path_factory.mktemp("witnesses") / "warehouse.duckdb"
    path.write_bytes(_initialised_file)
    regular = [game for game in simulate_season(5, DAY, 20) if not game.overtimes]
    world = World(DuckDBWarehouse(path, wait_seconds=10), regular[: len(CASES)])
    games = dict(zip(CASES, world.games, strict=True))
    for name, case in CASES.items():
        case.bend(world, games[name])
    publication = world.reload_and_publish()
    teams, players = world.table(OFFENSE), world.table(PLAYERS)
    return {
        name: Seen(
            game,
            reader_state(publication.games[game.game_id]),
            [row for row in teams if row["game_id"] == game.game_id],
            [row for row in players if row["game_id"] == game.game_id],
        )
        for name, game in games.items()
    }


@pytest.mark.parametrize("name", CASES)
def test_the_source_that_adds_up_serves_and_what_does_not_is_said(seen, name):
    case, found = CASES[name], seen[name]
    said = case.says.format(home=found.game.home)
    state, reason = found.state
    assert {row["quality_tier"] for row in found.teams} == ({case.teams} if case.teams else set()), found.state
    assert {row["quality_tier"] for row in found.players} == ({case.players} if case.players else set()), found.state
    issues = [issue for row in (*found.teams, *found.players) for issue in row["quality_issues"]]
    if case.players is None:
        assert state == "quarantined" and said in reason and "; " not in reason
    else:
        assert state == "published"
        assert any(said in issue for issue in issues) if said else issues == []


def test_a_published_number_is_always_one_that_another_source_bears_out(seen):
    """Whatever was bent: players' sums are within the tolerances of the team rows, but for missing players."""
    limits = Thresholds()
    for name, found in seen.items():
        for team in found.teams:
            own = [row for row in found.players if row["team_abbr"] == team["team_abbr"] and not row["is_dnp"]]
            if not own or own[0]["quality_tier"] == "bronze":
                continue
            assert abs(sum(row["points"] for row in own) - team["points_scored"]) <= limits.points_tolerance, name
            assert abs(float(sum(row["minutes_played"] for row in own)) - 240) <= limits.minutes_tolerance + 0.5, name
            for column in ("assists", "steals", "fg_attempts", "personal_fouls"):
                assert abs(sum(row[column] for row in own) - team[column]) <= limits.count_tolerance, (name, column)


def test_exchanged_team_rows_are_not_blamed_on_the_schedule(make_world):
    world = make_world(1)
    exchanged_team_rows(world, world.game)
    state, reason = state_of(world.reload_and_publish(), world.game)
    assert state == "waiting" and reason.startswith("team_boxscore_contradicted (points ")


@pytest.mark.parametrize("minutes", ["abc", "2400:00"])
def test_unreadable_minutes_of_a_team_are_no_placeholder(make_world, minutes):
    world = make_world(1)
    team_says("minutes", minutes, GAMEBOOK)(world, world.game)
    reason = f"unreadable_team_boxscore (minutes '{minutes}' of {world.game.home})"
    assert state_of(world.reload_and_publish(), world.game) == ("waiting", reason)


def test_of_two_teams_that_do_not_add_up_the_worse_is_named(make_world):
    world = make_world(1)
    world.drop(EVENING)
    first, last = sorted((world.game.away, world.game.home))
    by_team = {
        team: [row for row in world.of(GAMEBOOK) if row["team_abbr"] == team and row["points"] is not None]
        for team in (first, last)
    }
    by_team[first][0]["assists"] += 3
    for row in by_team[last]:
        seconds = clock_seconds(row["minutes"]) // 2
        row["minutes"] = f"{seconds // 60}:{seconds % 60:02d}"
    _, reason = state_of(world.reload_and_publish(), world.game)
    assert f"does_not_add_up: {last}: 120 of 240 minutes" in reason


@pytest.mark.slow
@pytest.mark.long
def test_contradictions_come_after_publication_and_go_again(make_world):
    """Published, then the evening rows go, then the team's assists are another's: the version of before stays."""
    world = make_world(2)
    world.reload_and_publish()
    before = world.table(OFFENSE, world.game)
    world.contradict()
    publication = world.reload_and_publish()
    state, reason = state_of(publication, world.game)
    assert state == "quarantined" and "does_not_add_up" in reason and "stays" in reason
    assert world.table(OFFENSE, world.game) == before
    world.contradict(by=-9)
    assert state_of(world.reload_and_publish(), world.game) == ("published", None)
    assert [event["event_type"] for event in world.events()] == ["game_quarantined", "game_released"]


@pytest.mark.slow
@pytest.mark.long
def test_a_published_first_source_gives_way_once_everybody_else_contradicts_it(make_world):
    """The gamebook first, alone with the team rows; a correction of both others shows that it was wrong."""
    world = make_world(2)
    world.drop(EVENING)
    world.reload_and_publish()
    assert {row["quality_tier"] for row in world.table(PLAYERS, world.game)} == {"gold"}
    again = World(world.warehouse, world.games)
    for row in (
        scorer(again, again.game, EVENING),
        next(r for r in again.of(TEAM_BOX) if r["team_abbr"] == again.game.home),
    ):
        change(row, "assists", 9)
    publication = again.reload_and_publish()
    assert state_of(publication, again.game) == ("published", None)
    shown = again.table(PLAYERS, again.game)
    assert {row["quality_tier"] for row in shown} == {"silver"}
    home = again.game.home
    assert sum(row["assists"] or 0 for row in shown if row["team_abbr"] == home) == next(
        row["assists"] for row in again.table(OFFENSE, again.game) if row["team_abbr"] == home
    )
    assert again.publish().failed_checks == []


@pytest.mark.slow
@pytest.mark.long
def test_a_better_source_replaces_a_partial_one_and_never_the_other_way_round(make_world):
    world = make_world(2)
    rows = dict(world.rows)
    all_missing(GAMEBOOK, EVENING)(world, world.game)
    world.reload_and_publish()
    assert {row["quality_tier"] for row in world.table(PLAYERS, world.game)} == {"bronze"}
    (event,) = world.events("players_incomplete")
    assert event["severity"] == "WARNING" and "minutes" in event["description"]
    partial = dict(world.rows)
    world.rows = rows
    world.reload_and_publish()
    whole = world.table(PLAYERS, world.game)
    assert {row["quality_tier"] for row in whole} == {"gold"}
    world.rows = partial
    publication = world.reload_and_publish()
    assert "better_source_published" in state_of(publication, world.game)[1]
    assert world.table(PLAYERS, world.game) == whole


@pytest.mark.slow
def test_a_source_that_is_wrong_for_weeks_is_not_believed_once(make_world):
    """Three weeks of team rows without assists: every game is rebuilt, none is wrong, and one event tells of each."""
    world = make_world(list(simulate_season(9, DAY, 21)))
    for row in world.rows[TEAM_BOX]:
        row["assists"] = 0
    publication = world.reload_and_publish()
    assert {reader_state(game)[0] for game in publication.games.values()} == {"published"}
    assert {row["quality_tier"] for row in world.table(OFFENSE)} == {"silver"}
    true = {
        (game.game_id, team): game.total(team, "assists") for game in world.games for team in (game.home, game.away)
    }
    assert {(row["game_id"], row["team_abbr"]): row["assists"] for row in world.table(OFFENSE)} == true
    assert len(world.events("source_contradicted")) == len(world.games)


@pytest.mark.parametrize(("tolerance", "state"), [(2, "quarantined"), (9, "published")])
def test_a_tolerance_is_a_threshold_like_any_other(make_world, monkeypatch, tolerance, state):
    monkeypatch.setenv("PHASE3_COUNT_TOLERANCE", str(tolerance))
    world = make_world(1)
    world.contradict()
    assert state_of(world.reload_and_publish(), world.game)[0] == state
