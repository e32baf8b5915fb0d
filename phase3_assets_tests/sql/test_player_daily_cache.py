"""player_daily_cache: shot zones held against an oracle in exact arithmetic; everything else is its source's.

What belongs here: what select.sql computes. What doesn't: its rules (rules/player_daily_cache.py), the figures that it
takes over (test_upcoming_players.py).
"""

import random
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest

from phase3_assets.catalog.parameters import date_parameters
from phase3_assets.catalog.queries import STAGING_DATASET, earlier_relation, prepared
from phase3_assets.catalog.tables import published_table
from phase3_assets.demo.season import Row
from phase3_assets.warehouse.duckdb.dialect import duckdb_type
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets_tests.support.games import DAY, PLAYERS

TABLE = published_table("player_daily_cache")
CONTEXT, TEAMS = "nba_analytics.upcoming_player_game_context", "nba_analytics.upcoming_team_game_context"
ZONES = ("paint", "mid_range", "three")
ZONE_COLUMNS = (
    *(f"{zone}_{what}" for zone in ("paint", "mid_range") for what in ("attempts", "makes")),
    *("three_attempts_pbp", "three_makes_pbp", "assisted_fg_makes", "unassisted_fg_makes"),
)


def percent(part: int, whole: int) -> Decimal | None:
    """A percentage with two decimals, half away from zero; None without a whole."""
    if not whole:
        return None
    exact = Fraction(100 * part, whole)
    return (Decimal(exact.numerator) / exact.denominator).quantize(Decimal("0.01"), ROUND_HALF_UP)


def expected(rows: list[Row], day: date, season: int) -> Row:
    """What the zones of a player's rows say of him before a date."""
    known = [r for r in rows if r["season_year"] == season and r["game_date"] < day]
    known = [r for r in known if not r["is_dnp"] and r["has_complete_shot_zones"]]
    last = sorted(known, key=lambda row: row["game_date"])[-10:]
    attempts = {
        zone: sum(r["three_attempts_pbp" if zone == "three" else f"{zone}_attempts"] for r in last) for zone in ZONES
    }
    points = {
        "paint": 2 * sum(r["paint_makes"] for r in last),
        "mid_range": 2 * sum(r["mid_range_makes"] for r in last),
        "perimeter": 3 * sum(r["three_makes_pbp"] for r in last),
    }
    assisted = sum(r["assisted_fg_makes"] for r in last)
    makes = assisted + sum(r["unassisted_fg_makes"] for r in last)
    most = max(points.values())
    return {
        "paint_rate_last_10": percent(attempts["paint"], sum(attempts.values())),
        "mid_range_rate_last_10": percent(attempts["mid_range"], sum(attempts.values())),
        "three_pt_rate_last_10": percent(attempts["three"], sum(attempts.values())),
        "assisted_rate_last_10": percent(assisted, makes),
        "primary_scoring_zone": next(zone for zone, scored in points.items() if scored == most) if most else None,
        "shot_zone_data_available": bool(last),
    }


def made_up(chance: random.Random, lookup: str) -> list[Row]:
    """Rows of a player before, on and after the date: with and without minutes, zones, and of the season before."""
    rows = []
    for days in sorted(chance.sample(range(-2, 60), chance.choice([0, 1, 5, 14, 30]))):
        kind = chance.choice(["complete"] * 6 + ["incomplete", "none", "unplayed", "unplayed with zones"])
        attempts = {zone: chance.choice([0, 0, 1, 2, 3, 5, 8]) for zone in ZONES}
        makes = {zone: chance.randint(0, attempts[zone]) for zone in ZONES}
        assisted = chance.randint(0, sum(makes.values()))
        has_zones = {"complete": True, "unplayed with zones": True, "incomplete": False}.get(kind)
        figures = (attempts["paint"], makes["paint"], attempts["mid_range"], makes["mid_range"], attempts["three"])
        figures = (*figures, makes["three"], assisted, sum(makes.values()) - assisted)
        rows.append(
            {
                "player_lookup": lookup,
                "season_year": chance.choice([2025] * 9 + [2024]),
                "game_date": DAY - timedelta(days=days),
                "is_dnp": kind.startswith("unplayed"),
                "has_complete_shot_zones": has_zones,
                **dict(zip(ZONE_COLUMNS, figures if has_zones else [None] * 8, strict=True)),
            }
        )
    return rows


@pytest.fixture(scope="module")
def published(tmp_path_factory, _published_file):
    """Three published games of one date, the first of their season."""
    path = tmp_path_factory.mktemp("cache") / "warehouse.duckdb"
    path.write_bytes(_published_file)
    return DuckDBWarehouse(path, wait_seconds=10)


def computed(warehouse, rows: list[Row]) -> list[Row]:
    """What the SELECT gives where these are the earlier published rows of players."""
    contract = published_table(PLAYERS).contract
    kinds = {name: contract.column(name).type for name in ("player_lookup", "season_year", "game_date", "is_dnp")}
    kinds |= {name: contract.column(name).type for name in ("has_complete_shot_zones", *ZONE_COLUMNS)}
    with warehouse.session() as session:
        types = ", ".join(f"{name} {duckdb_type(kind)}" for name, kind in kinds.items())
        relation = f"{STAGING_DATASET}.{earlier_relation(PLAYERS)}"
        session._connection.execute(f"CREATE TABLE {relation} ({types})")
        places = ", ".join("?" * len(kinds))
        session._connection.executemany(
            f"INSERT INTO {relation} VALUES ({places})",
            [[row[name] for name in kinds] for row in rows] or [[None] * len(kinds)],
        )
        return session.query(prepared(TABLE.select), date_parameters(DAY, DAY))


@pytest.mark.parametrize("seed", range(3))
def test_zones_are_those_of_the_oracle(published, seed):
    chance = random.Random(seed)
    with published.session(read_only=True) as session:
        listed = session.query(f"SELECT player_lookup, season_year FROM {CONTEXT} ORDER BY 1")
    rows = {one["player_lookup"]: made_up(chance, one["player_lookup"]) for one in listed}
    found = computed(published, [row for of_player in rows.values() for row in of_player])
    assert len(found) == len(listed) > 50
    seen = set()
    for row in found:
        wanted = expected(rows[row["player_lookup"]], DAY, row["season_year"])
        shown = {name: Decimal(str(row[name])) if isinstance(row[name], float) else row[name] for name in wanted}
        assert shown == wanted, row["player_lookup"]
        seen.add(row["primary_scoring_zone"])
    assert seen == {"paint", "mid_range", "perimeter", None}


def test_of_equal_zones_the_first_counts(published):
    lookup = computed(published, [])[0]["player_lookup"]
    base = {"player_lookup": lookup, "season_year": 2025, "game_date": DAY - timedelta(days=1), "is_dnp": False}
    base |= {"has_complete_shot_zones": True, **dict.fromkeys(ZONE_COLUMNS, 3)}
    for makes, zone in (((3, 3, 2), "paint"), ((0, 3, 2), "mid_range"), ((0, 0, 1), "perimeter"), ((0, 0, 0), None)):
        made = dict(zip(("paint_makes", "mid_range_makes", "three_makes_pbp"), makes, strict=True))
        [row] = [row for row in computed(published, [{**base, **made}]) if row["player_lookup"] == lookup]
        assert row["primary_scoring_zone"] == zone and row["shot_zone_data_available"]


def test_everything_else_is_as_in_its_source(published):
    with published.session(read_only=True) as session:
        sources = session.query(
            f"SELECT player.*, team.pace_last_10 AS team_pace_last_10, team.offensive_rating_last_10 AS "
            f"team_off_rating_last_10, player.game_date AS cache_date FROM {CONTEXT} AS player JOIN {TEAMS} AS team "
            "ON team.game_id = player.game_id AND team.team_abbr = player.team_abbr"
        )
        rows = session.query(f"SELECT * FROM {TABLE.contract.full_name}")
    by_key = {(row["game_id"], row["player_lookup"]): row for row in sources}
    assert len(rows) == len(sources) > 50
    own = {"data_hash", "publication_id", "code_version", "processed_at", "known_at"}
    for row in rows:
        source = by_key[row["game_id"], row["player_lookup"]]
        same = {name for name in row if name in source} - own
        assert len(same) > 30
        assert {name: row[name] for name in same} == {name: source[name] for name in same}
        assert row["early_season_flag"] == (row["games_played_season"] < 10)
