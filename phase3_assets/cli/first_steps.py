"""What to do after a load: what is there now, what is missing for it to be published, what lies outside the calendar.

What belongs here: sentences for a person who has just loaded files, and trying files out in a scratch warehouse.
What doesn't: loading (loading/files.py), deciding what is ready (publishing/survey.py).
"""

import tempfile
from collections.abc import Callable, Collection
from datetime import date
from pathlib import Path

from phase3_assets.catalog.queries import sql_text
from phase3_assets.errors import Phase3Error
from phase3_assets.loading.adapters import converted, guess
from phase3_assets.loading.files import load_raw
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.settings.calendar import FIRST_DATE, today
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets.warehouse.interface import Loaded, Warehouse
from phase3_assets.warehouse.schema import initialise


def published_dates(days: Collection[date]) -> list[date]:
    """Those of the given dates that lie between the calendar's first date and today, in order."""
    return sorted(day for day in days if FIRST_DATE <= day <= today())


def next_steps(warehouse: Warehouse, days: Collection[date]) -> list[str]:
    """Lines that say what the dates just loaded hold, and what to type next."""
    lines = []
    outside = sorted(day for day in days if day < FIRST_DATE)
    if outside:
        lines.append(
            f"{len(outside)} of {len(days)} dates ({outside[0]} to {outside[-1]}) lie before the calendar, which "
            f"begins on {FIRST_DATE}: they are loaded, and not published. PHASE3_FIRST_DATE={outside[0]} opens them: "
            "set it for every command and for Dagster's processes, now or later; what is published stays as it is. "
            f"Then: phase3 backfill {outside[0]} {outside[-1]}"
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


def try_out(folder: Path, adapter: str | None, say: Callable[[str], None]) -> bool:
    """Load the folder into a temporary warehouse, publish its dates, and say how the last night's games ended.

    The adapter is guessed where none is named. Returns True where a file was refused, a game was held back, or no game
    was published. Raises Phase3Error where no date of the calendar could be loaded.
    """
    guessed = guess(folder) if adapter is None and folder.is_dir() else {}
    if len(guessed) == 1:
        (adapter,) = guessed
        say(f"{', '.join(guessed[adapter][:5])}: read as files of {adapter}")
    days: set[date] = set()

    def show(table: str, path: Path, loaded: Loaded) -> None:
        days.update(loaded.days)
        say(f"{table}: {loaded.rows} rows of {loaded.dates} dates")

    with tempfile.TemporaryDirectory() as scratch:
        warehouse = DuckDBWarehouse(Path(scratch) / "warehouse.duckdb")
        initialise(warehouse)
        if adapter:
            with converted(adapter, folder) as made:
                failures, _ = load_raw(warehouse, made, progress=show)
        else:
            failures, _ = load_raw(warehouse, folder, progress=show)
        for failure in failures:
            say(f"refused: {failure}")
        inside = published_dates(days)
        if not inside:
            raise Phase3Error("nothing to publish. " + " ".join(next_steps(warehouse, days)))
        publication = publish(
            warehouse, Request(inside[0], inside[-1], run_id="try"), None, Thresholds.from_environment()
        )
        held = publication.held_back
        say(f"{len(publication.games)} games from {inside[0]} to {inside[-1]}, {len(held)} of them held back")
        for game in held[:10]:
            say(f"  {game.game_id}  {game.reason}")
        night = last_night(warehouse, inside)
        for line in night or [line for line in next_steps(warehouse, days) if "Next:" not in line]:
            say(line)
    return bool(failures or held or not night)


def last_night(warehouse: Warehouse, days: Collection[date]) -> list[str]:
    """A line per published game of the last date that has one: both teams' points, and the best scorer."""
    with warehouse.session(read_only=True) as session:
        rows = session.query(sql_text("loading/last_night"), {"start_date": min(days), "end_date": max(days)})
    return [
        f"{row['game_date']}  {row['away']} {row['away_points']} - {row['home']} {row['home_points']}"
        f"   {row['scorer']} {row['scorer_points']} points, usage {row['usage_rate']} %"
        for row in sorted(rows, key=lambda row: row["game_id"])
    ]
