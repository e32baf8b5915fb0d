"""`phase3 demo`: a made-up season published, and the story of one night, from its morning to the next one's noon.

What belongs here: the story and the order in which its raw rows arrive. What doesn't: making the games (season.py),
what is written before them (before_tip_off.py) and of what happens in them (play_by_play.py), publishing them
(publishing/publish.py), what is said (telling.py).

The acts before tip-off are played with the clock of that day, since a pre-game row is made before its game or never.
"""

import json
import os
import shutil
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from phase3_assets import clock
from phase3_assets.catalog.contracts import raw_contracts
from phase3_assets.catalog.tables import published_tables
from phase3_assets.demo.before_tip_off import rows_before
from phase3_assets.demo.play_by_play import play_by_play_rows
from phase3_assets.demo.season import Row, SimulatedGame, raw_rows, simulate_season
from phase3_assets.demo.telling import Say, context_of, tell_context, tell_night
from phase3_assets.errors import ConfigurationError, Phase3Error
from phase3_assets.instance.home import prepare_dagster_home
from phase3_assets.instance.recorder import Recorder
from phase3_assets.loading.files import load_raw
from phase3_assets.publishing.completion import completion_of
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Publication, Request
from phase3_assets.publishing.vocabulary import Outcome
from phase3_assets.settings.calendar import TIMEZONE
from phase3_assets.settings.locations import Settings
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.interface import Warehouse
from phase3_assets.warehouse.opening import open_warehouse
from phase3_assets.warehouse.schema import initialise

SEASON_START = date(2025, 10, 21)
SOURCE = "simulation"
"""The source file that made-up raw rows name; the demo recognises a warehouse of its own by it."""

_BEFORE = (
    (time(11, 5), "The morning's injury reports and lines are there."),
    (time(19, 5), "The last report before tip-off has come, and the lines have moved."),
    (time(20, 55), "The games are on. A report came too late, and lines were taken during play."),
)
"""The acts before tip-off (19:30): the hour, and what has happened since the one before."""


PUBLICATIONS = 1 + len(_BEFORE) + 3
"""How often the story publishes: the season, before each hour, and in three acts after the games."""


def play(settings: Settings, seed: int, days: int, say: Say, step: Say = lambda line: None) -> int:
    """Play the story and return the exit status.

    `step` is called with a line whenever a publication has looked at its games or has done a table.

    Raises ConfigurationError, with nothing touched, where the warehouse is BigQuery or holds raw rows that are not made
    up.
    """
    if settings.bigquery is not None:
        raise ConfigurationError(
            "the demo makes up a season, which has no place in a project of BigQuery; "
            "run it with PHASE3_WAREHOUSE=duckdb and PHASE3_DUCKDB_PATH a new file"
        )
    _make_room(settings)
    warehouse = open_warehouse(settings)
    prepare_dagster_home(settings)
    initialise(warehouse)
    publish_range = partial(_publish_range, settings, warehouse, step)
    games = simulate_season(seed, SEASON_START, days)
    night = games[-1].game_date
    tonight = [game for game in games if game.game_date == night]
    troubled = tonight[len(tonight) // 2]
    truth = {team: troubled.total(team, "points") for team in (troubled.away, troubled.home)}
    before = [game for game in games if game.game_date < night]

    say(f"A made-up season: {len(games)} games from {SEASON_START} to {night}, seed {seed}.")
    load_rows(warehouse, raw_rows(before) | _all_rows_before(before) | play_by_play_rows(before))
    published = publish_range(SEASON_START, night - timedelta(days=1))
    count = published.reports[0].count(Outcome.PUBLISHED)
    say(f"Published {count} games in one pass, audited before anyone could read them.")
    say("")

    known = _play_before_tip_off(warehouse, publish_range, tonight, troubled, say)

    placeholders = troubled.team_boxscore_rows(is_placeholder=True, processed_at=troubled.tip_off + timedelta(hours=1))
    others = [game for game in tonight if game is not troubled]
    say(f"Act 4, late evening. {len(tonight)} games are final; the team box score of {troubled.game_id}")
    say("was scraped while the game was live: points 0, attempts 0, both sides.")
    evening = raw_rows(tonight)
    evening["nbac_team_boxscore"] = placeholders + [row for game in others for row in game.team_boxscore_rows()]
    del evening["nbac_gamebook_player_stats"]
    load_rows(warehouse, evening)
    tell_night(warehouse, publish_range(night, night), troubled, say)

    say("")
    say("Act 5, next morning. Gamebook and play-by-play are there; the box score is still a placeholder.")
    gamebook = {"nbac_gamebook_player_stats": [row for game in tonight for row in game.gamebook_rows()]}
    load_rows(warehouse, gamebook | play_by_play_rows(tonight))
    tell_night(warehouse, publish_range(night, night), troubled, say)

    say("")
    say("Act 6, later that day. The corrected box score arrives.")
    corrected = troubled.team_boxscore_rows(processed_at=troubled.tip_off + timedelta(hours=15))
    rows = placeholders + corrected + [row for game in others for row in game.team_boxscore_rows()]
    load_rows(warehouse, {"nbac_team_boxscore": rows})
    shown = tell_night(warehouse, publish_range(night, night), troubled, say)

    if shown != truth:
        raise Phase3Error(f"the demo went wrong: readers see {shown}, the game was {truth}")
    if context_of(warehouse, troubled) != known:
        raise Phase3Error(f"the demo went wrong: the pre-game rows of {troubled.game_id} changed after tip-off")
    say("")
    say("Nothing was ever visible wrong: a game was either not there, or right.")
    say("What was said before the game still stands as it was said: no result has touched it.")
    say("")
    say("Look around:")
    command = "phase3" if shutil.which("phase3") else os.path.relpath(sys.argv[0])
    say(f"  {command} status {night}")
    say(f"  {command} checks {SEASON_START} {night}")
    say(f"  {command} ui        then open http://127.0.0.1:3000/asset-groups")
    return 0


def _play_before_tip_off(
    warehouse: Warehouse,
    publish_range: Callable[[date, date], Publication],
    tonight: list[SimulatedGame],
    troubled: SimulatedGame,
    say: Say,
) -> list[Row]:
    """The night's pre-game rows, from the morning until after tip-off; returns those of the game that is followed."""
    night = troubled.game_date
    seen: list[Row] = []
    for number, (hour, what) in enumerate(_BEFORE, start=1):
        moment = datetime.combine(night, hour, ZoneInfo(TIMEZONE))
        say(f"Act {number}, {night}, {hour:%H:%M} Eastern. {what}")
        load_rows(warehouse, rows_before(tonight, moment))
        with clock.set_to(moment):
            publish_range(night, night)
        seen = tell_context(warehouse, troubled, seen, say)
        say("")
    return seen


def _all_rows_before(games: list[SimulatedGame]) -> dict[str, list[Row]]:
    """What was written before games that are over, but for the schedule, which says more by now."""
    everything = rows_before(games, games[-1].tip_off + timedelta(days=1))
    return {name: rows for name, rows in everything.items() if name != "nbac_schedule"}


def load_rows(warehouse: Warehouse, tables: Mapping[str, Iterable[Row]]) -> None:
    """Load made-up rows in the same way as real ones: from files, replacing the dates they contain."""
    with tempfile.TemporaryDirectory() as folder:
        write_rows(Path(folder), tables)
        failures, _ = load_raw(warehouse, Path(folder))
    if failures:
        raise Phase3Error("; ".join(failures))


def write_rows(folder: Path, tables: Mapping[str, Iterable[Row]]) -> None:
    """Write made-up rows as files that load-raw reads, one per raw table."""
    for name, rows in tables.items():
        columns = raw_contracts()[name].column_names
        with (folder / f"{name}.ndjson").open("w", encoding="utf-8") as file:
            for row in rows:
                whole: dict[str, Any] = {**dict.fromkeys(columns), **row}
                if "source_file_path" in whole:
                    whole["source_file_path"] = SOURCE
                file.write(json.dumps(whole, default=_text) + "\n")


def write_nights(folder: Path, seed: int, days: int, last: date) -> list[SimulatedGame]:
    """Write the raw files of `days` made-up days up to `last` into the folder, and return their games.

    A night as recent as that is one whose sensors look at it. Raises ConfigurationError where the folder holds files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise ConfigurationError(f"{folder} is not empty; name a new folder")
    games = simulate_season(seed, last - timedelta(days=days - 1), days)
    write_rows(folder, raw_rows(games) | _all_rows_before(games) | play_by_play_rows(games))
    return games


def _publish_range(settings: Settings, warehouse: Warehouse, step: Say, start: date, end: date) -> Publication:
    request = Request(start, end, run_id=str(uuid.uuid4()))
    with Recorder(settings) as recorder:
        publication = publish(warehouse, request, thresholds=Thresholds.from_environment(), progress=step)
        publication.completion = completion_of(warehouse, start, end)
        recorder.record(request, published_tables(), publication)
    return publication


def _make_room(settings: Settings) -> None:
    """Remove the warehouse of an earlier demo; refuse any other that holds raw rows."""
    if not settings.duckdb_path.exists():
        return
    with open_warehouse(settings).session() as session:
        if "nba_raw.nbac_schedule" not in session.live_columns():
            return
        real = session.query(
            "SELECT COUNT(*) AS n FROM nba_raw.nbac_schedule WHERE COALESCE(source_file_path, '') <> @source",
            {"source": SOURCE},
        )[0]["n"]
    if real:
        raise ConfigurationError(
            f"{settings.duckdb_path} holds {real} schedule rows of your own; the demo would mix with them. "
            "Set PHASE3_DUCKDB_PATH to a new file."
        )
    settings.duckdb_path.unlink()


def _text(value: Any) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")
