"""The example project of docs/downstream.md: what it grades, what it refuses to grade, and its one command.

What belongs here: examples/downstream. What doesn't: the sensor by itself (test_when_ready.py), two code locations in
one deployment (test_deployment.py).
"""

import csv
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from phase3_assets_tests.support.bends import move
from phase3_assets_tests.support.games import DAY, PLAYERS

EXAMPLE = Path(__file__).parents[2] / "examples" / "downstream"


@pytest.fixture(scope="module")
def grading():
    spec = importlib.util.spec_from_file_location("grading_example", EXAMPLE / "grading.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def keys_of(world):
    return [(row["game_id"], row["player_lookup"]) for row in world.table(PLAYERS)]


def graded(grading, world, predictions):
    with world.warehouse.session(read_only=True) as session:
        return grading.grade(session, DAY, predictions)


def write(path, lines, header=("message", "game_id", "player_lookup", "predicted_points")):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *lines])
    return path


def test_keys_are_counted_and_not_messages(grading, world, tmp_path):
    keys = keys_of(world)
    sent = [(number, *key, points) for points in (1.5, 2.5, 3.5) for number, key in enumerate(keys)]
    predictions = grading.read_predictions(write(tmp_path / "sent.csv", sent))
    assert set(predictions.values()) == {3.5}, "the last message holds"
    found = graded(grading, world, predictions)
    played = [row for row in world.table(PLAYERS) if not row["is_dnp"]]
    assert (found.predictions, found.published, found.graded) == (90, 90, len(played))
    assert found.coverage == 100.0
    wrong_by = sum(abs(3.5 - row["points"]) for row in played) / len(played)
    assert found.mean_error == pytest.approx(wrong_by, abs=0.005)


def test_coverage_is_of_the_predictions_and_not_of_what_is_published(grading, world):
    keys = keys_of(world)
    nobody = {(game, f"nobody{number}"): 9.0 for number in range(22) for game in [world.game.game_id]}
    found = graded(grading, world, {**dict.fromkeys(keys[:88], 9.0), **nobody})
    assert (found.predictions, found.published, found.coverage) == (110, 88, 80.0)
    with pytest.raises(grading.NotGradedError, match=r"87 of 109 .* \(79.8 %\); 80 % are needed"):
        graded(grading, world, {**dict.fromkeys(keys[:87], 9.0), **nobody})


def test_a_void_game_is_left_out(grading, world):
    predictions = dict.fromkeys(keys_of(world), 9.0)
    move(world, world.game, 2)
    world.reload_and_publish()
    found = graded(grading, world, predictions)
    assert (found.predictions, found.published) == (60, 60)
    with pytest.raises(grading.NotGradedError, match="is void"):
        graded(grading, world, {key: 9.0 for key in predictions if key[0] == world.game.game_id})


def test_no_published_row_is_no_grade(grading, world):
    with pytest.raises(grading.NotGradedError, match="0 of 1 predictions"):
        graded(grading, world, {(world.game.game_id, "nobody"): 9.0})


@pytest.mark.parametrize(
    ("lines", "header", "words"),
    [
        ([], ("game_id", "player_lookup", "predicted_points"), "holds no prediction"),
        ([("g", "p", "9")], ("game_id", "player", "predicted_points"), "has no column player_lookup"),
        ([("g", "p", "many")], ("game_id", "player_lookup", "predicted_points"), "could not convert"),
        ([("g", "p", "nan")], ("game_id", "player_lookup", "predicted_points"), "without a key or a number"),
        ([("g", "", "9")], ("game_id", "player_lookup", "predicted_points"), "without a key or a number"),
        ([("g",)], ("game_id", "player_lookup", "predicted_points"), "cannot be read"),
    ],
)
def test_predictions_that_cannot_be_read_are_no_grade(grading, tmp_path, lines, header, words):
    with pytest.raises(grading.NotGradedError, match=words):
        grading.read_predictions(write(tmp_path / "sent.csv", lines, header))
    with pytest.raises(grading.NotGradedError, match="No such file"):
        grading.read_predictions(tmp_path / "none.csv")


@pytest.mark.long
def test_the_one_command_tells_its_story(tmp_path):
    folder = tmp_path / "played"
    done = subprocess.run(
        [sys.executable, EXAMPLE / "play.py", folder], capture_output=True, text=True, cwd=EXAMPLE.parents[1]
    )
    assert done.returncode == 0, done.stderr
    first, *others = done.stdout.split("\nTick ")[1:]
    assert first.count("graded; ") == 3 and first.count("(100 %)") == 3
    assert "nothing is started: nothing was published since the last look" in others[0]
    assert others[1].count("graded; ") == 1
    assert "nothing was graded: " in others[2] and "No such file" in others[2]
    assert len(list((folder / "grading" / "grades").glob("*.json"))) == 3
