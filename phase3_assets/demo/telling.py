"""What the demo says: what readers see of the night, before its games and after them.

What belongs here: asking for published rows and saying them. What doesn't: what happens (story.py).
"""

from collections.abc import Callable

from phase3_assets.demo.season import Row, SimulatedGame
from phase3_assets.publishing.requests import Publication
from phase3_assets.publishing.states import reader_state
from phase3_assets.publishing.vocabulary import Outcome
from phase3_assets.warehouse.interface import Warehouse

Say = Callable[[str], None]


def tell_context(warehouse: Warehouse, game: SimulatedGame, before: list[Row], say: Say) -> list[Row]:
    """Say what the pre-game rows of a game know, and how many differ from `before`; returns them as they are now."""
    rows = context_of(warehouse, game)
    teams = [row for row in rows if "players_out_count" in row]
    players = [row for row in rows if "has_prop_line" in row]
    for team in teams:
        say(
            f"  {team['team_abbr']}: {_days(team['team_days_rest'])} of rest, {team['travel_miles']} miles, "
            f"{team['wins_last_10']} of the last 10 won; spread {team['game_spread']:+}, total {team['game_total']}; "
            f"{team['players_out_count']} out, {team['questionable_players_count']} questionable."
        )
    priced = [row for row in players if row["has_prop_line"]]
    say(f"  {len(players)} players listed, {len(priced)} with a points line.")
    then = {_key(row): row for row in before}
    changed = [row for row in rows if row != then.get(_key(row))]
    if before:
        say(f"  {len(changed)} of {len(rows)} rows differ from those of the act before.")
        told = [row for row in players if _told(row) != _told(then.get(_key(row)))]
        told.sort(key=lambda row: row["player_status"] == then.get(_key(row), {}).get("player_status"))
        for row in told[:3]:
            say(f"    {row['player_full_name']}: {_told(then.get(_key(row)))} -> {_told(row)}")
    return rows


def context_of(warehouse: Warehouse, game: SimulatedGame) -> list[Row]:
    """Every pre-game row of a game, as readers see it: its teams', then its players'."""
    asked = {"night": game.game_date, "game_id": game.game_id}
    with warehouse.session(read_only=True) as session:
        return [
            row
            for table, order in (("team", "home_game"), ("player", "player_lookup"))
            for row in session.query(
                f"SELECT * FROM nba_analytics.upcoming_{table}_game_context "
                f"WHERE game_date = @night AND game_id = @game_id ORDER BY {order}",
                asked,
            )
        ]


def tell_night(warehouse: Warehouse, publication: Publication, troubled: SimulatedGame, say: Say) -> dict[str, int]:
    """Say what a reader sees of a night that was published, and return the troubled game's visible points by team."""
    changed = {o.game_id for report in publication.reports for o in report.games if o.outcome is Outcome.PUBLISHED}
    states = {game_id: reader_state(game) for game_id, game in publication.games.items()}
    visible = [game_id for game_id, (state, _) in states.items() if state == "published"]
    new = len(changed.intersection(visible))
    say(f"  {len(visible)} of {len(states)} games visible, {new} of them new or changed in this run.")
    with warehouse.session(read_only=True) as session:
        teams = session.query(
            "SELECT team_abbr, points_scored, quality_tier FROM nba_analytics.team_offense_game_summary "
            "WHERE game_date = @night AND game_id = @game_id ORDER BY home_game",
            {"night": troubled.game_date, "game_id": troubled.game_id},
        )
        usage = session.query(
            "SELECT MAX(usage_rate) AS highest, COUNTIF(minutes_played > 0) AS played, "
            "COUNTIF(quality_tier = 'gold') AS gold "
            "FROM nba_analytics.player_game_summary WHERE game_date = @night",
            {"night": troubled.game_date},
        )[0]
        zones = session.query(
            "SELECT team_abbr, paint_fg_allowed, paint_fga_allowed, three_pt_fg_allowed, three_pt_fga_allowed "
            "FROM nba_analytics.defense_zone_analytics WHERE game_date = @night AND game_id = @game_id "
            "ORDER BY home_game",
            {"night": troubled.game_date, "game_id": troubled.game_id},
        )
    state, reason = states[troubled.game_id]
    if teams:
        score = " - ".join(f"{row['team_abbr']} {row['points_scored']}" for row in teams)
        say(f"  {troubled.game_id}: {state}, {score}, {teams[0]['quality_tier']}.")
    else:
        say(f"  {troubled.game_id}: {state} ({reason}); no row of it in any summary.")
    say(
        f"  {usage['played']} players with minutes, {usage['gold']} rows gold; highest usage rate {usage['highest']} %."
    )
    for row in zones:
        say(
            f"  {row['team_abbr']} allowed {row['paint_fg_allowed']} of {row['paint_fga_allowed']} in the paint, "
            f"{row['three_pt_fg_allowed']} of {row['three_pt_fga_allowed']} threes."
        )
    return {row["team_abbr"]: row["points_scored"] for row in teams}


def _key(row: Row) -> tuple[str, str]:
    return row["team_abbr"], row.get("player_lookup", "")


def _told(row: Row | None) -> str:
    if row is None:
        return "not listed"
    line = f"line {row['current_points_line']}" if row["has_prop_line"] else "no line"
    return f"{row['player_status'] or 'not on the report'}, {line}"


def _days(days: int | None) -> str:
    return "no game before" if days is None else f"{days} day{'' if days == 1 else 's'}"
