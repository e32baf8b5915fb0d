"""A code location of another project: it grades a date's predictions once enough of the date is published.

What belongs here: reading our predictions, joining them with published rows, and the figures of the grade. What
doesn't: when it starts, which `when_ready` decides.

A prediction is for one player in one game; that is its key. It may have been sent any number of times: keys are
counted, never messages. Predictions of void games are left out. Nothing is graded, and the run fails, where the
predictions cannot be read, where there are none, or where too few have a published row.
"""

import csv
import json
import math
import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import dagster as dg

from phase3_assets.downstream import daily_partitions, when_ready
from phase3_assets.settings.locations import Settings
from phase3_assets.warehouse.interface import Session
from phase3_assets.warehouse.opening import open_warehouse

FOLDER = Path(os.environ.get("GRADING_FOLDER", "grading"))
"""Holds predictions/2026-02-03.csv; grades/2026-02-03.json are written beside them."""
FIRST_DATE = os.environ.get("GRADING_FIRST_DATE", "")
"""Dates before it are never graded; by default, the last 30 dates are."""
AT_LEAST = 80.0
"""Percentage: of the date's games that start the grading, and of the predictions that a grade is made of."""
COLUMNS = {"game_id", "player_lookup", "predicted_points"}

PUBLISHED = """
SELECT game_id, player_lookup, points, is_dnp
FROM nba_analytics.player_game_summary
WHERE game_date = @day
"""
VOID_GAMES = """
SELECT game_id
FROM nba_phase3.game_readiness
WHERE game_date = @day AND source_state = 'void'
"""

Key = tuple[str, str]
"""A prediction's game_id and player_lookup."""


class NotGradedError(Exception):
    """A date cannot be graded: the predictions are missing or unreadable, or too few have a published row."""


@dataclass(frozen=True)
class Grade:
    """How good a date's predictions were."""

    game_date: str
    predictions: int
    """Keys, those of void games left out."""
    published: int
    """Of these, the keys with a published row."""
    graded: int
    """Of these, the players who played."""
    mean_error: float | None
    """Points by which a prediction was wrong, on average; None where none of the players played."""

    @property
    def coverage(self) -> float:
        """The percentage of predictions with a published row."""
        return 100 * self.published / self.predictions


def read_predictions(path: Path) -> dict[Key, float]:
    """Predicted points by key; of several messages of one key, the last one holds.

    Raises NotGradedError for a file that is not there, lacks a column, holds a wrong value, or has no prediction.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            lines = csv.DictReader(file)
            missing = COLUMNS - set(lines.fieldnames or ())
            if missing:
                raise NotGradedError(f"{path} has no column {', '.join(sorted(missing))}")
            found = {(row["game_id"], row["player_lookup"]): float(row["predicted_points"]) for row in lines}
    except OSError as error:
        raise NotGradedError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, TypeError, csv.Error) as error:
        raise NotGradedError(f"{path} cannot be read: {error}") from error
    wrong = [key for key, points in found.items() if not all(key) or not math.isfinite(points)]
    if wrong:
        raise NotGradedError(f"{path} holds {len(wrong)} predictions without a key or a number, the first: {wrong[0]}")
    if not found:
        raise NotGradedError(f"{path} holds no prediction")
    return found


def grade(session: Session, day: date, predictions: dict[Key, float]) -> Grade:
    """Join the predictions with what is published of the date. Raises NotGradedError where that is too little."""
    void = {row["game_id"] for row in session.query(VOID_GAMES, {"day": day})}
    published = {(row["game_id"], row["player_lookup"]): row for row in session.query(PUBLISHED, {"day": day})}
    asked = {key: points for key, points in predictions.items() if key[0] not in void}
    if not asked:
        raise NotGradedError(f"every game of {day} with a prediction is void")
    joined = {key: published[key] for key in asked if key in published}
    errors = [abs(asked[key] - (row["points"] or 0)) for key, row in joined.items() if not row["is_dnp"]]
    mean_error = round(sum(errors) / len(errors), 2) if errors else None
    found = Grade(str(day), len(asked), len(joined), len(errors), mean_error)
    if found.coverage < AT_LEAST:
        raise NotGradedError(
            f"{found.published} of {found.predictions} predictions of {day} have a published row "
            f"({found.coverage:.1f} %); {AT_LEAST:g} % are needed"
        )
    return found


@dg.asset(
    partitions_def=daily_partitions(),
    deps=[dg.AssetKey("player_game_summary"), dg.AssetKey("phase3_completion")],
    group_name="grading",
)
def prediction_grades(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """A date's predictions against what its players did: grades/<date>.json."""
    day = date.fromisoformat(context.partition_key)
    try:
        predictions = read_predictions(FOLDER / "predictions" / f"{day}.csv")
        with open_warehouse(Settings.from_environment()).session(read_only=True) as session:
            found = grade(session, day, predictions)
    except NotGradedError as error:
        raise dg.Failure(f"nothing was graded: {error}", allow_retries=False) from error
    target = FOLDER / "grades" / f"{day}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(f".{context.run_id}.part")
    part.write_text(json.dumps({**vars(found), "coverage": round(found.coverage, 2), "run_id": context.run_id}))
    part.replace(target)
    return dg.MaterializeResult(
        metadata={
            "predictions": found.predictions,
            "published": found.published,
            "coverage": round(found.coverage, 2),
            **({} if found.mean_error is None else {"mean_error": found.mean_error}),
        }
    )


grade_job = dg.define_asset_job("grade", selection=[prediction_grades])


def _days() -> int:
    return (date.today() - date.fromisoformat(FIRST_DATE)).days + 2 if FIRST_DATE else 30


@dg.definitions
def defs() -> dg.Definitions:
    """The code location."""
    sensor = when_ready(grade_job, AT_LEAST, ["player_game_summary"], days=_days(), interval_seconds=5)
    return dg.Definitions(
        assets=[prediction_grades], jobs=[grade_job], sensors=[sensor], executor=dg.in_process_executor
    )
