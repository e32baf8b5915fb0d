"""`phase3 demo`: a made-up season published, and the incident of placeholder rows replayed in three acts.

What belongs here: the story and the order in which its raw rows arrive. What doesn't: making the games (season.py),
publishing them (publishing/publish.py).
"""

import json
import os
import shutil
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from phase3_assets.catalog.tables import published_tables
from phase3_assets.demo.season import Row, SimulatedGame, raw_rows, simulate_season
from phase3_assets.errors import ConfigurationError, Phase3Error
from phase3_assets.instance.home import prepare_dagster_home
from phase3_assets.instance.recorder import Recorder
from phase3_assets.loading.files import load_raw
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Publication, Request
from phase3_assets.publishing.states import reader_state
from phase3_assets.publishing.vocabulary import Outcome
from phase3_assets.settings.locations import Settings
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.interface import Warehouse
from phase3_assets.warehouse.opening import open_warehouse
from phase3_assets.warehouse.schema import initialise

SEASON_START = date(2025, 10, 21)
SOURCE = "simulation"
"""The source file that made-up raw rows name; the demo recognises a warehouse of its own by it."""

Say = Callable[[str], None]


def play(settings: Settings, seed: int, days: int, say: Say) -> int:
    """Play the story and return the exit status.

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
    games = simulate_season(seed, SEASON_START, days)
    night = games[-1].game_date
    tonight = [game for game in games if game.game_date == night]
    troubled = tonight[len(tonight) // 2]
    truth = {team: troubled.total(team, "points") for team in (troubled.away, troubled.home)}
    before = [game for game in games if game.game_date < night]

    say(f"A made-up season: {len(games)} games from {SEASON_START} to {night}, seed {seed}.")
    load_rows(warehouse, raw_rows(before))
    published = _publish_range(settings, warehouse, SEASON_START, night - timedelta(days=1))
    count = published.reports[0].count(Outcome.PUBLISHED)
    say(f"Published {count} games in one pass, audited before anyone could read them.")
    say("")

    placeholders = troubled.team_boxscore_rows(is_placeholder=True, processed_at=troubled.tip_off + timedelta(hours=1))
    others = [game for game in tonight if game is not troubled]
    say(f"Act 1, {night}, late evening. {len(tonight)} games are final; the team box score of {troubled.game_id}")
    say("was scraped while the game was live: points 0, attempts 0, both sides.")
    evening = raw_rows(tonight)
    evening["nbac_team_boxscore"] = placeholders + [row for game in others for row in game.team_boxscore_rows()]
    del evening["nbac_gamebook_player_stats"]
    load_rows(warehouse, evening)
    _tell(settings, warehouse, night, troubled, say)

    say("")
    say("Act 2, next morning. The official gamebook is there; the box score is still a placeholder.")
    load_rows(warehouse, {"nbac_gamebook_player_stats": [row for game in tonight for row in game.gamebook_rows()]})
    _tell(settings, warehouse, night, troubled, say)

    say("")
    say("Act 3, later that day. The corrected box score arrives.")
    corrected = troubled.team_boxscore_rows(processed_at=troubled.tip_off + timedelta(hours=15))
    rows = placeholders + corrected + [row for game in others for row in game.team_boxscore_rows()]
    load_rows(warehouse, {"nbac_team_boxscore": rows})
    shown = _tell(settings, warehouse, night, troubled, say)

    if shown != truth:
        raise Phase3Error(f"the demo went wrong: readers see {shown}, the game was {truth}")
    say("")
    say("Nothing was ever visible wrong: a game was either not there, or right.")
    say("")
    say("Look around:")
    command = "phase3" if shutil.which("phase3") else os.path.relpath(sys.argv[0])
    say(f"  {command} status {night}")
    say(f"  {command} checks {SEASON_START} {night}")
    say(f"  {command} ui        then open http://127.0.0.1:3000/asset-groups")
    return 0


def load_rows(warehouse: Warehouse, tables: Mapping[str, Iterable[Row]]) -> None:
    """Load made-up rows in the same way as real ones: from files, replacing the dates they contain."""
    from phase3_assets.catalog.contracts import raw_contracts

    with tempfile.TemporaryDirectory() as folder:
        for name, rows in tables.items():
            columns = raw_contracts()[name].column_names
            with (Path(folder) / f"{name}.ndjson").open("w", encoding="utf-8") as file:
                for row in rows:
                    whole: dict[str, Any] = {**dict.fromkeys(columns), **row}
                    if "source_file_path" in whole:
                        whole["source_file_path"] = SOURCE
                    file.write(json.dumps(whole, default=_text) + "\n")
        failures, _ = load_raw(warehouse, Path(folder))
    if failures:
        raise Phase3Error("; ".join(failures))


def _tell(settings: Settings, warehouse: Warehouse, night: date, troubled: SimulatedGame, say: Say) -> dict[str, int]:
    """Publish the night, say what a reader sees of it, and return the troubled game's visible points by team."""
    publication = _publish_range(settings, warehouse, night, night)
    changed = {o.game_id for report in publication.reports for o in report.games if o.outcome is Outcome.PUBLISHED}
    states = {game_id: reader_state(game) for game_id, game in publication.games.items()}
    visible = [game_id for game_id, (state, _) in states.items() if state == "published"]
    new = len(changed.intersection(visible))
    say(f"  {len(visible)} of {len(states)} games visible, {new} of them new or changed in this run.")
    with warehouse.session(read_only=True) as session:
        teams = session.query(
            "SELECT team_abbr, points_scored, quality_tier FROM nba_analytics.team_offense_game_summary "
            "WHERE game_date = @night AND game_id = @game_id ORDER BY home_game",
            {"night": night, "game_id": troubled.game_id},
        )
        usage = session.query(
            "SELECT MAX(usage_rate) AS highest, COUNTIF(minutes_played > 0) AS played, "
            "COUNTIF(quality_tier = 'gold') AS gold "
            "FROM nba_analytics.player_game_summary WHERE game_date = @night",
            {"night": night},
        )[0]
    state, reason = states[troubled.game_id]
    if teams:
        score = " - ".join(f"{row['team_abbr']} {row['points_scored']}" for row in teams)
        say(f"  {troubled.game_id}: {state}, {score}, {teams[0]['quality_tier']}.")
    else:
        say(f"  {troubled.game_id}: {state} ({reason}); no row of it in any summary.")
    say(
        f"  {usage['played']} players with minutes, {usage['gold']} rows gold; highest usage rate {usage['highest']} %."
    )
    return {row["team_abbr"]: row["points_scored"] for row in teams}


def _publish_range(settings: Settings, warehouse: Warehouse, start: date, end: date) -> Publication:
    request = Request(start, end, run_id=str(uuid.uuid4()))
    with Recorder(settings) as recorder:
        publication = publish(warehouse, request, thresholds=Thresholds.from_environment())
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
