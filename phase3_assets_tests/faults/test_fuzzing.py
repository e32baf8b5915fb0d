"""Bad input at scale: whatever the raw tables hold, readers see what is right, or a reason, or a file is refused.

What belongs here: how many cases run where, and one test for everything that a case once found. What doesn't: cases
(fuzzing.py), what must be true of published rows (rereading.py).
"""

import resource
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from phase3_assets.loading import load_raw
from phase3_assets_tests.faults.fuzzing import Case, run_cases, tell
from phase3_assets_tests.faults.rereading import Published, differences, problems
from phase3_assets_tests.faults.scenes import PROPS, SCHEDULE
from phase3_assets_tests.games import DAY, TABLES, World, state_of
from phase3_assets_tests.live import ROOT

TEN_MILLION = 10_000_000


def assert_well(cases: Iterable[Case]) -> None:
    """Every case ended well, and not all in the same way: a fuzzer that bends nothing proves nothing."""
    ended = list(cases)
    outcomes = {case.outcome.split(":")[0] for case in ended}
    assert not any(case.wrong for case in ended), tell(ended)
    assert {"published", "load error"} <= outcomes and outcomes & {"quarantined", "waiting"}, tell(ended)


def test_a_few_bent_nights(tmp_path):
    assert_well(run_cases(range(100, 120), tmp_path))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_two_hundred_bent_nights(tmp_path):
    """Half of them over nights published before."""
    assert_well(run_cases(range(200), tmp_path))


@pytest.mark.long
@pytest.mark.timeout(4 * 3600)
def test_five_thousand_bent_nights(tmp_path):
    assert_well(run_cases(range(5000), tmp_path))


def test_a_case_can_be_run_alone_by_its_number(tmp_path):
    """What a failure prints is what a person types."""
    command = [sys.executable, "-m", "phase3_assets_tests.faults.fuzzing", "115"]
    alone = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110)
    assert alone.returncode == 0 and alone.stdout.startswith("case 115 ("), alone
    (again,) = run_cases([115], tmp_path)
    assert again.done[0] in alone.stdout


@pytest.mark.parametrize(
    ("table", "change", "said"),
    [
        ("team_offense_game_summary", "turnovers = turnovers + 1", "possessions"),
        ("team_offense_game_summary", "points_scored = 0", "placeholder"),
        ("team_offense_game_summary", "win_flag = NOT win_flag", "win flag"),
        ("team_offense_game_summary", "overtime_periods = overtime_periods + 1", "pace"),
        ("team_offense_game_summary", "team_abbr = 'XYZ'", "XYZ"),
        ("team_defense_game_summary", "points_allowed = points_allowed + 1", "points_allowed"),
        ("player_game_summary", "usage_rate_raw = usage_rate_raw * 48 / 53", "usage"),
        ("player_game_summary", "usage_rate = NULL", "usage None"),
        ("player_game_summary", "minutes_played = NULL", "figures without minutes"),
        ("player_game_summary", "team_abbr = opponent_team_abbr", "wrong side"),
        ("player_game_summary", "over_under_result = 'PUSH' WHERE points_line IS NOT NULL AND margin <> 0 --", "PUSH"),
        ("player_game_summary", "player_lookup = 'somebody'", "more than once"),
        ("player_game_summary", "points = points + 1, ft_makes = ft_makes + 1, ft_attempts = 30", "is in no row of"),
    ],
)
def test_the_judge_of_the_cases_sees_what_is_wrong(world: World, table: str, change: str, said: str):
    """The plain Python that judges a case is itself seen to fail."""
    game = world.game
    assert judged(world) == {} and differences(published_of(world), game) == []
    with world.warehouse.session() as session:
        session._connection.execute(
            f"UPDATE nba_analytics.{table} SET {change.partition(' WHERE ')[0]} WHERE game_id = '{game.game_id}'"
            + (f" AND {change.partition(' WHERE ')[2].removesuffix(' --')}" if " WHERE " in change else "")
        )
    assert said in str(judged(world)[game.game_id])


def published_of(world: World) -> Published:
    rows = {name: {game.game_id: world.table(name, game) for game in world.games} for name in TABLES}
    publication = world.publish()
    raw = {(DAY, name): of_table for name, of_table in world.rows.items()}
    return Published(rows, {game.game_id: state_of(publication, game) for game in world.games}, raw)


def judged(world: World) -> dict[str, list[str]]:
    return problems(published_of(world))


# Found by cases.


def test_a_refusal_is_a_sentence_however_long_what_it_is_about(warehouse, tmp_path):
    """Case 115: a CSV of zeros was refused with all of its hundred thousand zeros."""
    path = tmp_path / f"{SCHEDULE}.csv"
    for content in (b"\0" * 100_000, b"x" * 100_000, b",".join(b"column%d" % n for n in range(20_000))):
        path.write_bytes(content + b"\n1\n")
        ((failure,), _) = load_raw(warehouse, tmp_path)
        assert len(failure) < 3000 and f"{SCHEDULE}.csv" in failure and "changed" in failure


# A file that is too large for memory, but not for the disk.


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_a_file_of_ten_million_rows_loads_and_its_night_is_published(world: World, tmp_path: Path, suffix: str):
    """Every quote of the night ten thousand times: the same lines come out, in bounded memory."""
    before = world.table("player_game_summary")
    folder = tmp_path / "large"
    folder.mkdir()
    with world.warehouse.session() as session:
        rows = session.query(f"SELECT COUNT(*) AS n FROM nba_raw.{PROPS}")[0]["n"]
        times = TEN_MILLION // rows + 1
        session._connection.execute(
            f"COPY (SELECT raw.* REPLACE (raw.processed_at - to_microseconds(n) AS processed_at) "
            f"FROM nba_raw.{PROPS} AS raw, range({times}) AS numbers(n)) TO '{folder / PROPS}{suffix}'"
        )
    failures, _ = load_raw(world.warehouse, folder)
    assert failures == []
    assert world.query(f"SELECT COUNT(*) AS n FROM nba_raw.{PROPS}")[0]["n"] == rows * times > TEN_MILLION
    publication = world.publish()
    assert {state_of(publication, game) for game in world.games} == {("published", None)}
    assert world.table("player_game_summary") == before
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 6 * 1024 * 1024, "kilobytes"
