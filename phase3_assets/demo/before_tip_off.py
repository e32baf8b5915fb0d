"""What the sources write about a made-up game before its tip-off: injury reports, game lines and moving points lines.

What belongs here: those rows, and which of them are there at a moment. What doesn't: the game itself and what is
written about it afterwards (season.py).

Each source also writes once after tip-off (a report that comes late, lines taken during the game), as real ones do.
Such rows must change nothing.
"""

import random
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from phase3_assets.demo.season import Line, Row, SimulatedGame
from phase3_assets.settings.calendar import TIMEZONE

REPORT_HOURS = (10, 13, 18, 19)
"""Eastern hours in which reports appear. Games begin at 19:30, so the report of hour 19 is too late."""
_LINE_MINUTES = (1440, 600, 45, -30)
"""Minutes before tip-off of each look at the game lines."""
_LINE_BOOKS = ("draftkings", "betmgm")
_QUESTIONABLE_SHARE = 0.1
_LAST_WORDS = ("available", "available", "available", "probable", "questionable", "doubtful", "out")
"""What the last report before tip-off may say of a player who plays: now and then it is wrong."""


def injury_report_rows(game: SimulatedGame) -> list[Row]:
    """A row per report and player on it. Whoever misses the game is out in the end, and perhaps questionable before."""
    chance = random.Random(f"injuries {game.game_id}")
    eastern = game.tip_off.astimezone(ZoneInfo(TIMEZONE))
    rows = []
    for line in game.lines:
        reason = _reason(line, chance)
        if reason is None:
            continue
        is_known_early = chance.random() < 0.5
        last_word = chance.choice(_LAST_WORDS) if line.seconds else "out"
        for hour in REPORT_HOURS:
            is_last_word = hour == REPORT_HOURS[2] or is_known_early
            status = last_word if is_last_word else "questionable"
            if hour == REPORT_HOURS[-1]:
                status = "out" if line.seconds else "available"
            rows.append(
                {
                    "report_date": game.game_date,
                    "report_hour": hour,
                    "game_date": game.game_date,
                    "game_id": game.nba_game_id,
                    "matchup": f"{game.away}@{game.home}",
                    "team": line.team,
                    "player_name_original": _last_name_first(line.player.name),
                    "player_full_name": line.player.name,
                    "player_lookup": _damaged(line.player.name),
                    "injury_status": status.title(),
                    "reason": reason,
                    "processed_at": eastern.replace(hour=hour, minute=50),
                }
            )
    return rows


def game_line_rows(game: SimulatedGame) -> list[Row]:
    """Spreads and totals of two books, from the day before to the second quarter; the home team's spread moves."""
    chance = random.Random(f"lines {game.game_id}")
    spread, total = chance.randint(-24, 24) / 2, chance.randint(420, 480) / 2
    rows = []
    for minutes in _LINE_MINUTES:
        snapshot = game.tip_off - timedelta(minutes=minutes)
        for book in _LINE_BOOKS:
            for market, name, point in (
                ("spreads", game.home, spread),
                ("spreads", game.away, -spread),
                ("totals", "Over", total),
                ("totals", "Under", total),
            ):
                rows.append(
                    {
                        "snapshot_timestamp": snapshot,
                        "game_id": f"{game.number:032x}",
                        "commence_time": game.tip_off,
                        "game_date": game.game_date,
                        "home_team": game.home,
                        "away_team": game.away,
                        "home_team_abbr": game.home,
                        "away_team_abbr": game.away,
                        "bookmaker_key": book,
                        "market_key": market,
                        "outcome_name": name,
                        "outcome_price": 1.91,
                        "outcome_point": point,
                        "processed_at": snapshot + timedelta(minutes=1),
                    }
                )
        spread += chance.choice((-0.5, 0, 0.5, 1.0))
        total += chance.choice((-1.0, 0, 0.5))
    return rows


def rows_before(games: Iterable[SimulatedGame], moment: datetime) -> dict[str, list[Row]]:
    """What the sources have written by `moment` about games that have not begun, by raw table."""
    tables: dict[str, list[Row]] = {
        "nbac_schedule": [],
        "odds_api_player_points_props": [],
        "odds_api_game_lines": [],
        "nbac_injury_report": [],
    }
    for game in games:
        tables["nbac_schedule"] += game.schedule_rows(is_final=False)
        tables["odds_api_player_points_props"] += game.prop_rows()
        tables["odds_api_game_lines"] += game_line_rows(game)
        tables["nbac_injury_report"] += injury_report_rows(game)
    return {name: [row for row in rows if row["processed_at"] <= moment] for name, rows in tables.items()}


def _reason(line: Line, chance: random.Random) -> str | None:
    """Why the player is on the report; None where he is not."""
    is_hurt = chance.random() < _QUESTIONABLE_SHARE
    if line.seconds:
        return "Injury/Illness - Left Ankle; Sprain" if is_hurt else None
    if line.status == "inactive":
        return {"DND - Rest": "Rest", "NWT - Personal": "Personal Reasons"}.get(
            line.dnp_reason or "", "Injury/Illness - Right Knee; Soreness"
        )
    return None


def _last_name_first(name: str) -> str:
    first, last = name.split(" ", 1)
    return f"{last}, {first}"


def _damaged(name: str) -> str:
    """The key as that source writes it: letters of suffixes cut out wherever they stand, accents left."""
    return re.sub(r"jr|sr|iv|ii", "", re.sub(r"[^\w]", "", name.lower()))
