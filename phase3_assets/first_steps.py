"""What to do after a load: what is there now, what is missing for it to be published, what lies outside the calendar.

What belongs here: sentences for a person who has just loaded files. What doesn't: loading (loading.py), deciding what
is ready (readiness.py).
"""

from collections.abc import Collection
from datetime import date

from phase3_assets.partitions import FIRST_DATE, today
from phase3_assets.queries import sql_text
from phase3_assets.warehouse import Warehouse


def published_dates(days: Collection[date]) -> list[date]:
    """The dates of the calendar among them, in order."""
    return sorted(day for day in days if FIRST_DATE <= day <= today())


def next_steps(warehouse: Warehouse, days: Collection[date]) -> list[str]:
    """Lines that say what the dates just loaded hold, and what to type next."""
    lines = []
    outside = sorted(day for day in days if day < FIRST_DATE)
    if outside:
        lines.append(
            f"{len(outside)} dates ({outside[0]} to {outside[-1]}) lie before the calendar, which begins "
            f"on {FIRST_DATE}: they are loaded, and never published. PHASE3_FIRST_DATE={outside[0]}, set before the "
            "first run, includes them."
        )
    coming = sorted(day for day in days if day > today())
    if coming:
        lines.append(f"{len(coming)} dates ({coming[0]} to {coming[-1]}) are still to come.")
    inside = published_dates(days)
    if not inside:
        return lines
    first, last = inside[0], inside[-1]
    with warehouse.session(read_only=True) as session:
        (held,) = session.query(sql_text("loading/loaded_range"), {"start_date": first, "end_date": last})
    lines.append(f"{first} to {last}: {held['scheduled']} games scheduled, {held['final']} of them final.")
    missing = []
    if not held["scheduled"]:
        missing.append("a schedule (nbac_schedule)")
    if not held["gamebook_rows"] and not held["player_rows"]:
        missing.append("player rows (nbac_gamebook_player_stats or nbac_player_boxscores)")
    if not held["team_rows"] and not held["gamebook_rows"]:
        missing.append("team box scores (nbac_team_boxscore)")
    if missing:
        lines.append(f"Missing before a game of these dates can be published: {', '.join(missing)}.")
    elif held["final"]:
        lines.append(f"Next: phase3 backfill {first} {last}")
    return lines
