"""Bad input at scale: whatever the raw tables hold, readers see what is right, or a reason, or a file is refused.

What belongs here: how many cases run where, and one test for everything that a case once found. What doesn't: cases
(fuzzing.py), what must be true of published rows (domain_rules.py).
"""

import resource
import subprocess
import sys
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from phase3_assets.catalog.tables import published_tables
from phase3_assets.loading.files import load_raw
from phase3_assets.publishing.states import reader_state
from phase3_assets_tests.faults.domain_rules import Published, differences, problems
from phase3_assets_tests.faults.fuzzing import Case, run_cases, tell
from phase3_assets_tests.faults.scenes import PROPS, SCHEDULE, TEAM_BOX
from phase3_assets_tests.support.games import DAY, DEFENSE, OFFENSE, PLAYERS, SUMMARIES, World, all_outcomes, state_of
from phase3_assets_tests.support.live import ROOT

TEN_MILLION = 10_000_000


def assert_well(cases: Iterable[Case]) -> None:
    """Every case ended well, and not all in the same way: a fuzzer that bends nothing proves nothing."""
    ended = list(cases)
    outcomes = {case.outcome.split(":")[0] for case in ended}
    assert not any(case.wrong for case in ended), tell(ended)
    assert {"published", "load error"} <= outcomes and outcomes & {"quarantined", "waiting"}, tell(ended)


@pytest.mark.long
def test_a_few_bent_nights(tmp_path, _initialised_file):
    assert_well(run_cases(range(100, 120), tmp_path, _initialised_file))


@pytest.mark.long
@pytest.mark.timeout(600)
def test_two_hundred_bent_nights(tmp_path):
    """Half of them over nights published before."""
    assert_well(run_cases(range(200), tmp_path))


@pytest.mark.long
@pytest.mark.timeout(4 * 3600)
def test_five_thousand_bent_nights(tmp_path):
    assert_well(run_cases(range(5000), tmp_path))


@pytest.mark.long
def test_a_case_can_be_run_alone_by_its_number(tmp_path):
    """What a failure prints is what a person types."""
    command = [sys.executable, "-m", "phase3_assets_tests.faults.fuzzing", "115"]
    alone = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110)
    assert alone.returncode == 0 and alone.stdout.startswith("case 115 ("), alone
    (again,) = run_cases([115], tmp_path)
    assert again.done[0] in alone.stdout


CHANGES = {
    "possessions": (OFFENSE, lambda row: {"turnovers": row["turnovers"] + 1}),
    "placeholder": (OFFENSE, lambda row: {"points_scored": 0}),
    "win flag": (OFFENSE, lambda row: {"win_flag": not row["win_flag"]}),
    "overtimes": (OFFENSE, lambda row: {"overtime_periods": row["overtime_periods"] + row["home_game"]}),
    "XYZ against": (OFFENSE, lambda row: {"team_abbr": "XYZ"}),
    "is no score of": (OFFENSE, lambda row: {"points_scored": row["points_scored"] + 1}),
    "NaN": (OFFENSE, lambda row: {"pace": Decimal("NaN")}),
    "points_allowed": (DEFENSE, lambda row: {"points_allowed": row["points_allowed"] + 1}),
    "usage 0": (PLAYERS, lambda row: {"usage_rate_raw": row["usage_rate_raw"] and Decimal("0.01")}),
    "usage None": (PLAYERS, lambda row: {"usage_rate": None}),
    "1228": (PLAYERS, lambda row: {"usage_rate": row["usage_rate"] and Decimal("1228")}),
    "figures without minutes": (PLAYERS, lambda row: {"minutes_played": None} if row["starter_flag"] else {}),
    "wrong side": (PLAYERS, lambda row: {"home_game": not row["home_game"]}),
    "PUSH": (PLAYERS, lambda row: {"over_under_result": row["over_under_result"] and "PUSH"}),
    "more than once": (PLAYERS, lambda row: {"player_lookup": "somebody"}),
    "is in no row of": (PLAYERS, lambda row: {"turnovers": row["turnovers"] and row["turnovers"] + 50}),
    "not in every table": (DEFENSE, None),
    "no team rows": (OFFENSE, None),
}


def test_the_judge_of_the_cases_sees_what_is_wrong(world: World):
    """The plain Python that judges a case is itself seen to fail."""
    rows = {name: {game.game_id: world.table(name, game) for game in world.games} for name in SUMMARIES}
    states = {
        row["game_id"]: (row["state"], row["reason"]) for row in world.query("SELECT * FROM nba_phase3.game_readiness")
    }
    raw = {(DAY, name): of_table for name, of_table in world.rows.items()}
    game = world.game
    assert problems(Published(rows, states, raw)) == {} and differences(Published(rows, states, raw), game) == []
    for said, (table, change) in CHANGES.items():
        bent = [{**row, **change(row)} for row in rows[table][game.game_id]] if change else []
        changed = {**rows, table: {**rows[table], game.game_id: bent}}
        found = problems(Published(changed, states, raw))
        assert said in str(found.get(game.game_id)), (said, found)
    for table in (OFFENSE, PLAYERS):
        changed = {**rows, table: {**rows[table], game.game_id: rows[table][world.games[1].game_id]}}
        assert differences(Published(changed, states, raw), game), table
    assert "without a reason" in str(problems(Published(rows, {**states, "x": ("waiting", None)}, raw))["x"])


# Found by cases.


def test_a_refusal_is_a_sentence_however_long_what_it_is_about(warehouse, tmp_path):
    """Case 115: a CSV of zeros was refused with all of its hundred thousand zeros."""
    path = tmp_path / f"{SCHEDULE}.csv"
    for content in (b"\0" * 100_000, b"x" * 100_000, b",".join(b"column%d" % n for n in range(2_000))):
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


@pytest.mark.long
def test_a_published_game_whose_sides_change_places_is_published_under_its_new_id(world: World):
    """Case 93: the rows under the former id stayed for ever, and held the game back under its own."""
    world.tables = published_tables()
    game = world.game
    true = {(row["team_abbr"], row["points_scored"]) for row in world.table(OFFENSE, game)}
    for row in world.of(SCHEDULE)[-1:]:
        turned = {"home": "away", "away": "home"}
        swapped = {
            f"{side}{name}": row[f"{other}{name}"]
            for side, other in turned.items()
            for name in ("_team_tricode", "_team_score")
        }
        world.rows[SCHEDULE].append({**row, **swapped, "processed_at": row["processed_at"] + timedelta(hours=1)})
    for row in world.of(TEAM_BOX):
        row["is_home"] = not row["is_home"]
    publication = world.reload_and_publish()
    now = f"{game.game_date:%Y%m%d}_{game.home}_{game.away}"
    assert reader_state(publication.games[now]) == ("published", None)
    assert reader_state(publication.games[game.game_id]) == ("void", f"the schedule now lists {now} instead")
    for table in SUMMARIES:
        shown = {row["game_id"] for row in world.table(table)}
        assert shown == {now, *(other.game_id for other in world.games[1:])}, table
    rows = [row for row in world.table(OFFENSE) if row["game_id"] == now]
    assert {(row["team_abbr"], row["points_scored"]) for row in rows} == true
    assert {row["team_abbr"]: row["home_game"] for row in rows} == {game.away: True, game.home: False}
    assert len(world.events("game_withdrawn")) == len(SUMMARIES)
    again = world.publish()
    assert game.game_id not in again.games
    assert all_outcomes(again) == {"unchanged"}
