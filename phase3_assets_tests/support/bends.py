"""Bends: what a source can do to one game's raw rows, and what then becomes of the game.

What belongs here: functions that change a game's rows before they are loaded, and by name those that hold a game back
(HELD), that do it no harm (FINE), and that make it no game (NO_GAMES). What doesn't: what is asked of such games
(publishing/test_readiness.py).
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from phase3_assets.demo.season import SimulatedGame
from phase3_assets_tests.support.games import (
    World,
    later,
)

SCHEDULE, TEAMS = "nbac_schedule", "nbac_team_boxscore"
GAMEBOOK, EVENING = "nbac_gamebook_player_stats", "nbac_player_boxscores"
VARIANTS = {
    "GSW": "GS",
    "NYK": "NY",
    "NOP": "NO",
    "SAS": "SA",
    "PHX": "PHO",
    "CHA": "CHO",
    "BKN": "BRK",
    "UTA": "UTAH",
}


def final_row(world: World, game: SimulatedGame) -> dict:
    return next(row for row in world.of(SCHEDULE, game) if row["game_status"] == 3)


def remove(world: World, table: str, rows: list[dict]) -> None:
    gone = {id(row) for row in rows}
    world.rows[table] = [row for row in world.rows[table] if id(row) not in gone]


def placeholder(row: dict, **only: object) -> None:
    row.update(only or {"points": 0, "fg_attempted": 0, "minutes": None})


def not_final(status: int, text: str) -> Callable[[World, SimulatedGame], None]:
    def bend(world: World, game: SimulatedGame) -> None:
        final_row(world, game).update(
            game_status=status, game_status_text=text, home_team_score=None, away_team_score=None
        )

    return bend


def no_team_rows_and_no_gamebook(world: World, game: SimulatedGame) -> None:
    world.drop(TEAMS, game)
    world.drop(GAMEBOOK, game)


def one_team_row(world: World, game: SimulatedGame) -> None:
    world.drop(GAMEBOOK, game)
    remove(world, TEAMS, world.of(TEAMS, game)[:1])


def placeholders(sides: slice, **only: object) -> Callable[[World, SimulatedGame], None]:
    def bend(world: World, game: SimulatedGame) -> None:
        world.drop(GAMEBOOK, game)
        for row in world.of(TEAMS, game)[sides]:
            placeholder(row, **only)

    return bend


def unreadable_team_row(world: World, game: SimulatedGame) -> None:
    world.drop(GAMEBOOK, game)
    world.of(TEAMS, game)[1]["turnovers"] = -4


def both(is_home: bool) -> Callable[[World, SimulatedGame], None]:
    def bend(world: World, game: SimulatedGame) -> None:
        world.drop(GAMEBOOK, game)
        for row in world.of(TEAMS, game):
            row["is_home"] = is_home

    return bend


def score(**values: int | None) -> Callable[[World, SimulatedGame], None]:
    return lambda world, game: final_row(world, game).update(values)


def tips_off(days: int, hours: int) -> Callable[[World, SimulatedGame], None]:
    """So many days after the game's date, at so many hours Eastern."""

    def bend(world: World, game: SimulatedGame) -> None:
        day = game.game_date + timedelta(days=days)
        for row in world.of(SCHEDULE, game):
            row["game_date_est"] = datetime(day.year, day.month, day.day, hours, tzinfo=ZoneInfo("America/New_York"))

    return bend


def no_player_rows(world: World, game: SimulatedGame) -> None:
    world.drop(GAMEBOOK, game)
    world.drop(EVENING, game)


def evening_rows_of_a_live_game(world: World, game: SimulatedGame) -> None:
    world.drop(GAMEBOOK, game)
    for row in world.of(EVENING, game):
        row["game_status"] = "Q4"


def roster_only(world: World, game: SimulatedGame) -> None:
    world.drop(EVENING, game)
    for row in world.of(GAMEBOOK, game):
        row.update(player_status="inactive")


def nobody_entered(world: World, game: SimulatedGame) -> None:
    world.drop(EVENING, game)
    for row in world.of(GAMEBOOK, game):
        row.update(minutes="00:00")


def one_side_of(table: str, other: str) -> Callable[[World, SimulatedGame], None]:
    def bend(world: World, game: SimulatedGame) -> None:
        world.drop(other, game)
        remove(world, table, [row for row in world.of(table, game) if row["team_abbr"] == game.away])

    return bend


def side_of(
    table: str, players: int, without: str | None = None, **figures: int | None
) -> Callable[[World, SimulatedGame], None]:
    """A source has so many who played of one side, with figures changed; another source is not there."""

    def bend(world: World, game: SimulatedGame) -> None:
        if without:
            world.drop(without, game)
        played = [row for row in world.of(table, game) if row["team_abbr"] == game.home and row["minutes"]]
        remove(world, table, played[players:])
        for row in played[:players]:
            row.update(figures)

    return bend


def too_few_to_rebuild(world: World, game: SimulatedGame) -> None:
    world.drop(TEAMS, game)
    active = [row for row in world.of(GAMEBOOK, game) if row["team_abbr"] == game.away and row["minutes"]]
    remove(world, GAMEBOOK, active[4:])
    final_row(world, game)["away_team_score"] = sum(row["points"] for row in active[:4])


def rebuilt_score_differs(side: str) -> Callable[[World, SimulatedGame], None]:
    def bend(world: World, game: SimulatedGame) -> None:
        world.drop(TEAMS, game)
        final_row(world, game)[f"{side}_team_score"] += 1

    return bend


def unreadable_rebuild(world: World, game: SimulatedGame) -> None:
    world.drop(TEAMS, game)
    next(row for row in world.of(GAMEBOOK, game) if row["minutes"])["minutes"] = "abc"


def one_sided_rebuild(world: World, game: SimulatedGame) -> None:
    world.drop(TEAMS, game)
    remove(world, GAMEBOOK, [row for row in world.of(GAMEBOOK, game) if row["team_abbr"] == game.home])


HELD: dict[str, tuple[Callable[[World, SimulatedGame], None], str, str | None]] = {
    "scheduled": (not_final(1, "7:30 pm ET"), "scheduled", None),
    "live": (not_final(2, "Q3 5:12"), "live", None),
    "no team row": (no_team_rows_and_no_gamebook, "waiting", "no_team_boxscore"),
    "one team row": (one_team_row, "waiting", "one_sided_team_boxscore"),
    "placeholders on both sides": (placeholders(slice(2)), "waiting", "placeholder_team_boxscore"),
    "placeholder on the away side": (placeholders(slice(0, 1)), "waiting", "placeholder_team_boxscore"),
    "placeholder on the home side": (placeholders(slice(1, 2)), "waiting", "placeholder_team_boxscore"),
    "points 0": (placeholders(slice(1), points=0), "waiting", "placeholder_team_boxscore"),
    "attempts 0": (placeholders(slice(1), fg_attempted=0), "waiting", "placeholder_team_boxscore"),
    "minutes of thirty overtimes": (
        placeholders(slice(1), minutes="999:00"),
        "waiting",
        "unreadable_team_boxscore (minutes '999:00' of {away})",
    ),
    "minutes of eight overtimes": (
        placeholders(slice(1), minutes="440:00"),
        "waiting",
        "unreadable_team_boxscore (minutes '440:00' of {away})",
    ),
    "minutes NULL": (placeholders(slice(1), minutes=None), "waiting", "placeholder_team_boxscore"),
    "a negative figure": (unreadable_team_row, "waiting", "unreadable_team_boxscore (turnovers -4 of {home})"),
    "two home teams": (both(True), "waiting", "conflicting_home_flags"),
    "no home team": (both(False), "waiting", "conflicting_home_flags"),
    "no score": (score(home_team_score=None, away_team_score=None), "waiting", "no_final_score"),
    "one score": (score(away_team_score=None), "waiting", "no_final_score"),
    "nothing to nothing": (score(home_team_score=0, away_team_score=0), "waiting", "no_final_score"),
    "dated a day late, as by UTC": (tips_off(days=-1, hours=22), "waiting", "tip_off_on_another_date"),
    "dated a day early": (tips_off(days=1, hours=12), "waiting", "tip_off_on_another_date"),
    "no player rows": (no_player_rows, "waiting", "no_player_rows"),
    "evening rows of a live game": (evening_rows_of_a_live_game, "waiting", "no_player_rows"),
    "roster-only gamebook": (roster_only, "waiting", "roster_only_gamebook"),
    "a gamebook in which nobody entered": (nobody_entered, "waiting", "roster_only_gamebook"),
    "one side of the gamebook": (one_side_of(GAMEBOOK, EVENING), "waiting", "one_sided_gamebook"),
    "one side of the evening rows": (one_side_of(EVENING, GAMEBOOK), "waiting", "one_sided_player_boxscore"),
    "a gamebook of zeros": (side_of(GAMEBOOK, 99, EVENING, points=0), "waiting", "placeholder_gamebook"),
    "a gamebook without points": (side_of(GAMEBOOK, 99, EVENING, points=None), "waiting", "placeholder_gamebook"),
    "evening rows of zeros": (side_of(EVENING, 99, GAMEBOOK, points=0), "waiting", "placeholder_player_boxscore"),
    "four players to rebuild from": (too_few_to_rebuild, "waiting", "no_team_boxscore"),
    "rebuilt home score differs": (rebuilt_score_differs("home"), "waiting", "no_team_boxscore"),
    "rebuilt away score differs": (rebuilt_score_differs("away"), "waiting", "no_team_boxscore"),
    "unreadable minutes to rebuild from": (unreadable_rebuild, "waiting", "no_team_boxscore"),
    "one side to rebuild from": (one_sided_rebuild, "waiting", "no_team_boxscore"),
}


def rebuilt(world: World, game: SimulatedGame) -> None:
    for row in world.of(TEAMS, game):
        placeholder(row)


def rebuilt_from_five_a_side(world: World, game: SimulatedGame) -> None:
    for team in (game.home, game.away):
        active = [row for row in world.of(GAMEBOOK, game) if row["team_abbr"] == team and row["minutes"]]
        for row in active[5:]:
            row.update(player_status="dnp", minutes=None)
    world.agree_with(GAMEBOOK, game)
    world.drop(TEAMS, game)


def evening_only(world: World, game: SimulatedGame) -> None:
    world.drop(GAMEBOOK, game)
    for row in world.of(EVENING, game):
        row["game_status"] = " FINAL "


def evening_beside_a_roster(world: World, game: SimulatedGame) -> None:
    for row in world.of(GAMEBOOK, game):
        row.update(player_status="inactive", minutes=None)


def evening_beside_half_a_gamebook(world: World, game: SimulatedGame) -> None:
    remove(world, GAMEBOOK, [row for row in world.of(GAMEBOOK, game) if row["team_abbr"] == game.away])


def other_spellings(world: World, game: SimulatedGame) -> None:
    for row in world.of(GAMEBOOK, game):
        row["player_status"] = f" {row['player_status'].upper()}"
    for row in world.of(SCHEDULE, game):
        row["game_status_text"] = row["game_status_text"].upper()


def code_variants(world: World, game: SimulatedGame) -> None:
    for table in (SCHEDULE, TEAMS, GAMEBOOK, EVENING, "odds_api_player_points_props"):
        for row in world.of(table, game):
            for name, value in row.items():
                if name.endswith(("_abbr", "_tricode")):
                    row[name] = f"{VARIANTS.get(value, value)} ".lower()
            if table != SCHEDULE and "_" in row["game_id"]:
                day, away, home = row["game_id"].split("_")
                row["game_id"] = f"{day}_{VARIANTS.get(away, away)}_{VARIANTS.get(home, home)}"


def both_spellings_of_the_id(world: World, game: SimulatedGame) -> None:
    reversed_id = f"{game.game_date:%Y%m%d}_{game.home}_{game.away}"
    for table in (TEAMS, GAMEBOOK, EVENING):
        for row in world.of(table, game):
            older = {
                **row,
                "game_id": reversed_id,
                "assists": 1,
                "processed_at": row["processed_at"] - timedelta(hours=1),
            }
            world.rows[table].append(older)


def swapped_ids_only(world: World, game: SimulatedGame) -> None:
    for table in (TEAMS, GAMEBOOK, EVENING):
        for row in world.of(table, game):
            row["game_id"] = f"{game.game_date:%Y%m%d}_{game.home}_{game.away}"


def placeholder_after_the_good_row(world: World, game: SimulatedGame) -> None:
    world.rows[TEAMS] += game.team_boxscore_rows(is_placeholder=True, processed_at=later(game, 30))


def reloads(world: World, game: SimulatedGame) -> None:
    for table in (SCHEDULE, TEAMS, GAMEBOOK, EVENING):
        world.rows[table] += [dict(row) for row in world.of(table, game) for _ in range(5)]


def scrape_that_fell_back(world: World, game: SimulatedGame) -> None:
    first = next(row for row in world.of(SCHEDULE, game) if row["game_status"] == 1)
    world.rows[SCHEDULE].append({**first, "processed_at": later(game, 40)})
    final = final_row(world, game)
    world.rows[SCHEDULE].append({**final, "home_team_score": 3, "processed_at": later(game, 2)})


def kind(prefix: str) -> Callable[[World, SimulatedGame], None]:
    def bend(world: World, game: SimulatedGame) -> None:
        for table in (SCHEDULE, TEAMS, EVENING):
            for row in world.of(table, game):
                name = "game_id" if table == SCHEDULE else "nba_game_id"
                row[name] = prefix + row[name][3:]

    return bend


def neutral(world: World, game: SimulatedGame) -> None:
    for row in world.of(SCHEDULE, game):
        row.update(neutral_site_flag=True, is_regular_season=False)


def late_tip_off(world: World, game: SimulatedGame) -> None:
    """22:30 Pacific: past midnight Eastern, and the next day in UTC."""
    for row in world.of(SCHEDULE, game):
        row["game_date_est"] = datetime(
            game.game_date.year, game.game_date.month, game.game_date.day, 6, 30, tzinfo=UTC
        )
        row["game_date_est"] += timedelta(days=1)


def no_tip_off(world: World, game: SimulatedGame) -> None:
    for row in world.of(SCHEDULE, game):
        row["game_date_est"] = None


def tip_off_of(year: int) -> Callable[[World, SimulatedGame], None]:
    def bend(world: World, game: SimulatedGame) -> None:
        for row in world.of(SCHEDULE, game):
            row["game_date_est"] = datetime(year, 1, 1, tzinfo=UTC)

    return bend


def midnight_utc(world: World, game: SimulatedGame) -> None:
    for row in world.of(SCHEDULE, game):
        row["game_date_est"] = datetime(game.game_date.year, game.game_date.month, game.game_date.day, tzinfo=UTC)


FINE: dict[str, tuple[Callable[[World, SimulatedGame], None], str, str]] = {
    "untouched": (lambda world, game: None, "gold", "gold"),
    "rebuilt from the gamebook": (rebuilt, "silver", "gold"),
    "rebuilt from five a side": (rebuilt_from_five_a_side, "silver", "gold"),
    "evening rows only": (evening_only, "gold", "silver"),
    "evening rows beside a fragment": (side_of(GAMEBOOK, 1), "gold", "silver"),
    "evening rows beside zeros": (side_of(GAMEBOOK, 99, points=0), "gold", "silver"),
    "evening rows beside a roster": (evening_beside_a_roster, "gold", "silver"),
    "evening rows beside half a gamebook": (evening_beside_half_a_gamebook, "gold", "silver"),
    "status in another case": (other_spellings, "gold", "gold"),
    "team code variants": (code_variants, "gold", "gold"),
    "both spellings of the id": (both_spellings_of_the_id, "gold", "gold"),
    "the other spelling of the id only": (swapped_ids_only, "gold", "gold"),
    "placeholder after the good row": (placeholder_after_the_good_row, "gold", "gold"),
    "reloads": (reloads, "gold", "gold"),
    "scrapes that contradict the final one": (scrape_that_fell_back, "gold", "gold"),
    "play-offs": (kind("004"), "gold", "gold"),
    "play-in": (kind("005"), "gold", "gold"),
    "cup final": (kind("006"), "gold", "gold"),
    "neutral site": (neutral, "gold", "gold"),
    "late in the West": (late_tip_off, "gold", "gold"),
    "no more than the date of the tip-off is known": (tips_off(days=0, hours=0), "gold", "gold"),
    "no more than the date of the tip-off is known, in UTC": (midnight_utc, "gold", "gold"),
    "tip-off unknown": (no_tip_off, "gold", "gold"),
    "tip-off unknown, written as the year 1": (tip_off_of(1), "gold", "gold"),
    "tip-off unknown, written as 1970": (tip_off_of(1970), "gold", "gold"),
    "tip-off unknown, written as the last year there is": (tip_off_of(9999), "gold", "gold"),
}


def tricodes(**values: str | None) -> Callable[[World, SimulatedGame], None]:
    def bend(world: World, game: SimulatedGame) -> None:
        for row in world.of(SCHEDULE, game):
            row.update(values)

    return bend


NO_GAMES: dict[str, Callable[[World, SimulatedGame], None]] = {
    "pre-season": kind("001"),
    "all-star": kind("003"),
    "away team open": tricodes(away_team_tricode=""),
    "home team open": tricodes(home_team_tricode=None),
    "both teams open": tricodes(away_team_tricode="  ", home_team_tricode=""),
}


def move(world: World, game: SimulatedGame, days: int, *, keeps_old_row: bool = True, is_final: bool = False) -> str:
    """Put a game on a later date under the same league id; returns the new game_id."""
    new_date = game.game_date + timedelta(days=days)
    rows = world.of(SCHEDULE, game)
    moved = {**rows[-1], "game_date": new_date, "game_date_est": game.tip_off + timedelta(days=days)}
    moved |= {"processed_at": later(game, 50)}
    if not is_final:
        moved |= {"game_status": 1, "game_status_text": "Scheduled", "home_team_score": None, "away_team_score": None}
    remove(world, SCHEDULE, [row for row in rows if row["game_status"] == 3 or not keeps_old_row])
    world.rows[SCHEDULE].append(moved)
    return f"{new_date:%Y%m%d}_{game.away}_{game.home}"
