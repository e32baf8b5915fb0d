"""A publication on BigQuery's emulator whose connection is cut at any of its requests, for good.

What belongs here: the client's end at every boundary, seen from the tables. What doesn't: statements of one script
stopped half way (test_writing.py), single lost answers, which are asked for again (test_requests.py).

PHASE3_TEST_FIRST_CUT says at which request to begin (0), for a run that goes on where another ended.
"""

import os
from copy import deepcopy
from datetime import timedelta
from itertools import count, product
from pathlib import Path

import pytest

from phase3_assets.catalog.tables import published_tables
from phase3_assets.clock import utc_now
from phase3_assets.demo.season import raw_rows
from phase3_assets.demo.story import load_rows
from phase3_assets.errors import WarehouseBusyError
from phase3_assets.publishing.drift import verify
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets.warehouse.bigquery import lease as bigquery_lease
from phase3_assets.warehouse.bigquery.warehouse import BigQueryWarehouse
from phase3_assets.warehouse.schema import initialise
from phase3_assets_tests.bigquery.emulator import PROJECT, Line, emulator, why_absent
from phase3_assets_tests.bigquery.loopback import settings_for
from phase3_assets_tests.support.games import DAY, SUMMARIES, all_outcomes, night

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(0),
    pytest.mark.skipif(bool(why_absent()), reason=str(why_absent())),
]
FIRST_CUT = int(os.environ.get("PHASE3_TEST_FIRST_CUT", "0"))
CUTS_OF_AN_EMULATOR = 20
COUNTED = ("nbac_team_boxscore", "steals"), ("nbac_gamebook_player_stats", "steals")


class Correctable:
    """A published game on the emulator whose figures are corrected before each publication."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.warehouse = BigQueryWarehouse(settings_for(line.address, PHASE3_BIGQUERY_PROJECT=PROJECT), 2)
        self.rows = raw_rows(night(1))
        initialise(self.warehouse)
        load_rows(self.warehouse, self.rows)
        self.publish()

    def correct(self) -> None:
        """One more steal of every team and of everybody who played."""
        for table, name in COUNTED:
            for row in self.rows[table]:
                row[name] = None if row[name] is None else row[name] + 1
        load_rows(self.warehouse, {table: deepcopy(self.rows[table]) for table, _ in COUNTED})

    def publish(self) -> set[str]:
        """The outcomes of the game's tables."""
        publication = publish(self.warehouse, Request(DAY, DAY))
        return all_outcomes(publication)

    def steals(self) -> dict[str, list[int | None]]:
        """What readers see, by table."""
        of_day = "FROM nba_analytics.{} WHERE game_date = @day AND steals IS NOT NULL ORDER BY steals"
        with self.warehouse.session(read_only=True) as session:
            return {
                table: [row["steals"] for row in session.query(f"SELECT steals {of_day.format(table)}", {"day": DAY})]
                for table in SUMMARIES
            }


def cut_at(world: Correctable, at: int, arrives: bool, clock: list[timedelta]) -> bool:
    """Cut one publication, look, and let the next one converge; False where it had no request so late."""
    before = world.steals()
    world.correct()
    world.line.cut(at, arrives)
    try:
        world.publish()
    except WarehouseBusyError:
        print(f"cut at request {at}, {'after' if arrives else 'before'} it arrived")
    else:
        return False
    finally:
        world.line.mend()
    new = {table: [value + 1 for value in values] for table, values in before.items()}
    seen = world.steals()
    assert all(values in (before[table], new[table]) for table, values in seen.items())
    clock[0] += timedelta(minutes=bigquery_lease.LEASE_MINUTES + 1)
    world.publish()
    assert world.steals() == new
    assert verify(world.warehouse, DAY, DAY, published_tables()) == []
    assert world.publish() == {"unchanged"}
    return True


def test_cut_at_every_request_a_publication_leaves_each_table_old_or_new_and_the_next_converges(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Before the request arrives, and after. What a client that is gone has leased is free once the lease has ended.

    An emulator grows with every job: each serves a few cuts.
    """
    clock = [timedelta()]
    monkeypatch.setattr(bigquery_lease, "utc_now", lambda: utc_now() + clock[0])
    cuts, is_cut = 0, True
    for first in count(FIRST_CUT, CUTS_OF_AN_EMULATOR):
        folder = tmp_path / str(first)
        folder.mkdir()
        with emulator(folder) as line:
            world = Correctable(line)
            for at, arrives in product(range(first, first + CUTS_OF_AN_EMULATOR), (False, True)):
                is_cut = cut_at(world, at, arrives, clock)
                if not is_cut:
                    break
                cuts += 1
        if not is_cut:
            break
    assert at > 20, "fewer requests than a publication has"
    print(f"cut {cuts} times: a publication has {at} requests")
