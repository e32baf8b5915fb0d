"""A publication on BigQuery's emulator whose connection is cut at any of its requests, for good.

What belongs here: the client's end at every boundary, seen from the tables. What doesn't: statements of one script
stopped half way (test_writing.py), single lost answers, which are asked for again (test_requests.py).
"""

from copy import deepcopy
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from phase3_assets.clock import utc_now
from phase3_assets.demo import load_rows
from phase3_assets.errors import WarehouseBusyError
from phase3_assets.outcomes import Request
from phase3_assets.publishing import publish
from phase3_assets.schema import initialise
from phase3_assets.simulation import raw_rows
from phase3_assets.tables import published_tables
from phase3_assets.verifying import verify
from phase3_assets.warehouse import bigquery_lease
from phase3_assets.warehouse.bigquery import BigQueryWarehouse
from phase3_assets_tests.bigquery.emulator import PROJECT, Line, emulator, why_absent
from phase3_assets_tests.bigquery.loopback import settings_for
from phase3_assets_tests.games import DAY, TABLES, night

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(0),
    pytest.mark.skipif(bool(why_absent()), reason=str(why_absent())),
]
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
        return {game.outcome for report in publication.reports for game in report.games}

    def steals(self) -> dict[str, list[int | None]]:
        """What readers see, by table."""
        of_day = "FROM nba_analytics.{} WHERE game_date = @day AND steals IS NOT NULL ORDER BY steals"
        with self.warehouse.session(read_only=True) as session:
            return {
                table: [row["steals"] for row in session.query(f"SELECT steals {of_day.format(table)}", {"day": DAY})]
                for table in TABLES
            }


def test_cut_at_every_request_a_publication_leaves_each_table_old_or_new_and_the_next_converges(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Before the request arrives, and after. What a client that is gone has leased is free once the lease has ended."""
    cuts, clock = 0, timedelta()
    monkeypatch.setattr(bigquery_lease, "utc_now", lambda: utc_now() + clock)
    with emulator(tmp_path) as line:
        world = Correctable(line)
        for at, arrives in ((at, arrives) for at in count() for arrives in (False, True)):
            before = world.steals()
            world.correct()
            line.cut(at, arrives)
            try:
                world.publish()
            except WarehouseBusyError:
                cuts += 1
                print(f"cut at request {at}, {'after' if arrives else 'before'} it arrived")
            else:
                assert at > 20, "fewer requests than a publication has"
                break
            finally:
                line.mend()
            seen = world.steals()
            assert all(
                values in (before[table], [value + 1 for value in before[table]]) for table, values in seen.items()
            )
            clock += timedelta(minutes=bigquery_lease.LEASE_MINUTES + 1)
            world.publish()
            assert world.steals() == {table: [value + 1 for value in values] for table, values in before.items()}
            assert verify(world.warehouse, DAY, DAY, published_tables()) == []
            assert world.publish() == {"unchanged"}
    print(f"cut {cuts} times, at each of {at} requests")
