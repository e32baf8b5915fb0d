"""Bending one game's raw rows: every bend is legal for its column's type, so the loader has to take it.

What belongs here: bends. What doesn't: damage to files, which the loader has to refuse (damaged_files.py), running
cases (fuzzing.py).
"""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from phase3_assets.catalog.contracts import raw_contracts
from phase3_assets.demo.season import Row, SimulatedGame
from phase3_assets_tests.faults.scenes import EVENING, GAMEBOOK, PROPS, SCHEDULE, TEAM_BOX

Rows = dict[str, list[Row]]
"""One game's rows by raw table; tables that a bend did not touch stay the lists they were."""

TEXTS = (
    *(
        "",
        " ",
        "\t",
        "0",
        "-1",
        "NULL",
        "null",
        "NaN",
        "None",
        "inf",
        "1e3",
        "true",
        "'); DROP TABLE x; --",
        "%s {} @x",
    ),
    *("Łukasz Dončić", "ßß", "İstanbul", "é" * 3, "e\u0301", "\u202eabc", "\u200b", "🏀🏀", "日本", "\ufeffPHX", "ﬁ"),
    *(
        "48:00",
        "00:00",
        "0:01",
        "30:60",
        "30:61",
        "71:00",
        "-5:00",
        "999:59",
        "12:3",
        "1:2:3",
        "３２:００",
        "32.5",
        "PT32M",
    ),
    *(
        "240:00",
        "265:00",
        "1:00",
        "active",
        "ACTIVE ",
        "inactive",
        "suspended",
        "final",
        "Final/OT",
        "Postponed",
        "PPD",
    ),
    *("x" * 50_000, "_", "20250101_XXX_YYY", "0022500001", "0012500001", "0032500001", "00225"),
)
CODES = ("GS", "NY", "PHO", "BRK", "UTAH", "gsw", " LAL ", "XYZ", "", "   ", "TEAM", "ＧＳＷ", "STP")
SPELLINGS = {"GS": "GSW", "NY": "NYK", "PHO": "PHX", "BRK": "BKN", "UTAH": "UTA"}
COUNTS = (0, 1, -1, 2, 5, 77, 300, 998, 999, 1000, 2**31, -(2**31), 2**63 - 1, -(2**63), 10**15)
FLOATS = (0.0, -0.0, 0.5, 26.5, 26.005, 999.0, 999.95, 1e15, 1e308, -1.0, float("nan"), float("inf"), float("-inf"))
DAYS_AWAY = (-1, 1, 365)
FAR_DATES = (date(1946, 11, 1), date(2099, 12, 31), date(2000, 2, 29))
TIMES = (
    datetime(1, 1, 2, tzinfo=UTC),
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(9999, 12, 30, tzinfo=UTC),
    datetime(2025, 3, 9, 7, 0, 0, 1, tzinfo=UTC),
)
_CODE_COLUMNS = ("team_abbr", "home_team_abbr", "away_team_abbr", "home_team_tricode", "away_team_tricode")
_COUNT_COLUMNS = {
    table: [
        c.name for c in raw_contracts()[table].columns if c.type == "INT64" and not c.name.endswith(("_id", "year"))
    ]
    for table in (TEAM_BOX, GAMEBOOK, EVENING)
}
_FIRST_SIDE, _OTHER_SIDE = "home", "away"


def bend(generator: random.Random, rows: Rows, game: SimulatedGame, neighbour: SimulatedGame) -> list[str]:
    """Bend the rows in place, one to four times; returns what was done, in words."""
    done = []
    for _ in range(generator.choice((1, 1, 1, 2, 2, 3, 4))):
        name = generator.choice(list(BENDS))
        done.append(f"{name}: {BENDS[name](generator, rows, game, neighbour)}")
    return done


def _weird(generator: random.Random, table: str, name: str, before: object) -> object:
    column = raw_contracts()[table].column(name)
    if not column.required and generator.random() < 0.2:
        return None
    if column.type == "STRING":
        return generator.choice(CODES if name in _CODE_COLUMNS and generator.random() < 0.7 else TEXTS)
    if column.type == "INT64":
        near = int(before) + generator.choice((-10, -1, 1, 10)) if isinstance(before, int) else 1
        return near if generator.random() < 0.3 else generator.choice(COUNTS)
    if column.type == "FLOAT64":
        return generator.choice(FLOATS)
    if column.type == "BOOL":
        return generator.random() < 0.5
    if column.type == "DATE":
        assert isinstance(before, date)
        return generator.choice((*FAR_DATES, *(before + timedelta(days=days) for days in DAYS_AWAY)))
    near_time = before + timedelta(hours=generator.uniform(-48, 48)) if isinstance(before, datetime) else TIMES[1]
    return near_time if generator.random() < 0.5 else generator.choice(TIMES)


def _values(generator: random.Random, rows: Rows, game: SimulatedGame, neighbour: SimulatedGame) -> str:
    """Weird values in one column of one row, or of every row."""
    table = _filled(generator, rows)
    name = generator.choice([column.name for column in raw_contracts()[table].columns])
    chosen = rows[table] if generator.random() < 0.3 else [generator.choice(rows[table])]
    value = None
    for row in chosen:
        row[name] = value = _weird(generator, table, name, row.get(name))
    return f"{table}.{name} is {str(value)[:40]!r} in {len(chosen)} rows"


def _count(generator: random.Random, rows: Rows, game: SimulatedGame, neighbour: SimulatedGame) -> str:
    """A weird figure where it hurts: in a counting column of a box score."""
    table = generator.choice([name for name in _COUNT_COLUMNS if rows[name]] or [SCHEDULE])
    name = generator.choice(_COUNT_COLUMNS.get(table, ["home_team_score", "away_team_score", "game_status"]))
    if not rows[table]:
        return "nothing left"
    row = generator.choice(rows[table])
    row[name] = _weird(generator, table, name, row.get(name))
    return f"{table}.{name} is {row[name]}"


def _minutes(generator: random.Random, rows: Rows, game: SimulatedGame, neighbour: SimulatedGame) -> str:
    table = generator.choice([name for name in _COUNT_COLUMNS if rows[name]] or [SCHEDULE])
    if not rows[table]:
        return "nothing left"
    row = generator.choice(rows[table])
    row["minutes"] = generator.choice(
        (None, *TEXTS[29:44], "0", "32", "048", "70:00", "70:01", "0:00", "240", "239:00")
    )
    return f"{table}.minutes is {row['minutes']!r}"


def _swapped_columns(generator: random.Random, rows: Rows, game: SimulatedGame, neighbour: SimulatedGame) -> str:
    table = _filled(generator, rows)
    columns = [column for column in raw_contracts()[table].columns if not column.required]
    one = generator.choice(columns)
    other = generator.choice([column for column in columns if column.type == one.type])
    for row in rows[table]:
        row[one.name], row[other.name] = row.get(other.name), row.get(one.name)
    return f"{table}.{one.name} and {other.name}"


def _swapped_sides(generator: random.Random, rows: Rows, game: SimulatedGame, neighbour: SimulatedGame) -> str:
    """Home and away change places in one table, wholly or in part."""
    table = _filled(generator, rows)
    for row in rows[table]:
        if "is_home" in row and generator.random() < 0.8:
            row["is_home"] = not row["is_home"]
        for name in [n for n in row if n.startswith(_FIRST_SIDE)]:
            other = name.replace(_FIRST_SIDE, _OTHER_SIDE, 1)
            if other in row:
                row[name], row[other] = row[other], row[name]
        if isinstance(row.get("game_id"), str) and row["game_id"].count("_") == 2:
            day, away, home = row["game_id"].split("_")
            row["game_id"] = f"{day}_{home}_{away}"
    return table


def _codes(generator: random.Random, rows: Rows, game: SimulatedGame, neighbour: SimulatedGame) -> str:
    """Another spelling, another team, or none, in one code column of a table or in all of its rows."""
    table = _filled(generator, rows)
    present = [name for name in _CODE_COLUMNS if name in rows[table][0]]
    name, code = generator.choice(present), generator.choice((*CODES, game.home, game.away))
    chosen = rows[table] if generator.random() < 0.5 else [generator.choice(rows[table])]
    for row in chosen:
        row[name] = code
    return f"{table}.{name} is {code!r} in {len(chosen)} rows"


def _a_neighbours(generator: random.Random, rows: Rows, game: SimulatedGame, neighbour: SimulatedGame) -> str:
    """A code, an id or a player of the other game that night."""
    table = _filled(generator, rows)
    row = generator.choice(rows[table])
    stolen = {name: generator.choice((neighbour.home, neighbour.away)) for name in _CODE_COLUMNS}
    stolen |= {"game_id": neighbour.game_id, "nba_game_id": neighbour.nba_game_id}
    line = generator.choice(neighbour.lines)
    stolen |= {"player_lookup": line.player.lookup, "player_name": line.player.name}
    name = generator.choice([name for name in stolen if name in row])
    for changed in rows[table] if generator.random() < 0.4 else [row]:
        changed[name] = stolen[name]
    return f"{table}.{name} is {stolen[name]}"


def _copies(generator: random.Random, rows: Rows, game: SimulatedGame, neighbour: SimulatedGame) -> str:
    table = _filled(generator, rows)
    some = [row for row in rows[table] if generator.random() < 0.5]
    times = generator.choice((1, 2, 20))
    rows[table] += [dict(row) for row in some * times]
    return f"{table}: {len(some)} rows, {times} times more"


def _conflicting_copies(generator: random.Random, rows: Rows, game: SimulatedGame, neighbour: SimulatedGame) -> str:
    table = _filled(generator, rows)
    row = generator.choice(rows[table])
    name = generator.choice([column.name for column in raw_contracts()[table].columns])
    copy = {**row, name: _weird(generator, table, name, row.get(name))}
    copy["processed_at"] = row["processed_at"] + timedelta(hours=generator.choice((-1, 0, 1)))
    rows[table].append(copy)
    return f"{table}: a copy with {name} {str(copy[name])[:40]!r}"


def _dropped(generator: random.Random, rows: Rows, game: SimulatedGame, neighbour: SimulatedGame) -> str:
    table = _filled(generator, rows)
    share = generator.choice((0.1, 0.5, 0.9, 1.0))
    rows[table] = [row for row in rows[table] if generator.random() >= share]
    return f"{table}: {len(rows[table])} rows left"


def _one_side_dropped(generator: random.Random, rows: Rows, game: SimulatedGame, neighbour: SimulatedGame) -> str:
    table = generator.choice([name for name in _COUNT_COLUMNS if rows[name]] or [SCHEDULE])
    rows[table] = [row for row in rows[table] if row.get("team_abbr") != game.home]
    return f"{table}: no row of {game.home}"


def _placeholders(generator: random.Random, rows: Rows, game: SimulatedGame, neighbour: SimulatedGame) -> str:
    made = game.team_boxscore_rows(is_placeholder=True, processed_at=game.tip_off + timedelta(hours=9))
    kept = made[: generator.choice((1, 2))]
    rows[TEAM_BOX] = kept + (rows[TEAM_BOX] if generator.random() < 0.5 else rows[TEAM_BOX][len(kept) :])
    return f"{len(kept)} rows"


def _scaled(generator: random.Random, rows: Rows, game: SimulatedGame, neighbour: SimulatedGame) -> str:
    """Every figure of a box score doubled, negated or nulled."""
    table = generator.choice(list(_COUNT_COLUMNS))
    factor = generator.choice((2, -1, 0, 10, None))
    for row in rows[table]:
        for name in _COUNT_COLUMNS[table]:
            if isinstance(row.get(name), int):
                row[name] = None if factor is None else row[name] * factor
    return f"{table} times {factor}"


def _one_person(generator: random.Random, rows: Rows, game: SimulatedGame, neighbour: SimulatedGame) -> str:
    """Two players become one, of one team or of both."""
    table = generator.choice((GAMEBOOK, EVENING, PROPS))
    if len(rows[table]) < 2:
        return "nobody left"
    one, other = generator.sample(rows[table], 2)
    for name in ("player_lookup", "player_name", "player_full_name", "player_name_original"):
        if name in one:
            other[name] = one[name]
    return f"{table}: {one.get('player_lookup')}"


def _schedule(generator: random.Random, rows: Rows, game: SimulatedGame, neighbour: SimulatedGame) -> str:
    """One scrape more, which contradicts the others."""
    row = dict(rows[SCHEDULE][-1]) if rows[SCHEDULE] else game.schedule_rows()[-1]
    home, away = row.get("home_team_score"), row.get("away_team_score")
    change = generator.choice(
        (
            {"game_status": 2},
            {"game_status": 1, "game_status_text": "Scheduled"},
            {"game_status": 1, "game_status_text": "Postponed"},
            {"game_status": None, "game_status_text": None},
            {"home_team_score": away, "away_team_score": home},
            {"home_team_score": (home or 0) + 1},
            {"home_team_score": None, "away_team_score": None},
            {"game_date": row["game_date"] + timedelta(days=1), "game_status": 1, "game_status_text": "Scheduled"},
            {"game_id": "0012400001"},
            {"home_team_tricode": row["away_team_tricode"], "away_team_tricode": row["home_team_tricode"]},
        )
    )
    rows[SCHEDULE].append(
        {**row, **change, "processed_at": row["processed_at"] + timedelta(hours=generator.choice((-24, 0, 24)))}
    )
    return str({name: str(value) for name, value in change.items()})


def _filled(generator: random.Random, rows: Rows) -> str:
    return generator.choice([table for table in rows if rows[table]] or [SCHEDULE])


BENDS: dict[str, Callable[[random.Random, Rows, SimulatedGame, SimulatedGame], str]] = {
    "values": _values,
    "another value": _values,
    "count": _count,
    "minutes": _minutes,
    "swapped columns": _swapped_columns,
    "swapped sides": _swapped_sides,
    "codes": _codes,
    "a neighbour's": _a_neighbours,
    "copies": _copies,
    "conflicting copies": _conflicting_copies,
    "dropped": _dropped,
    "one side dropped": _one_side_dropped,
    "placeholders": _placeholders,
    "scaled": _scaled,
    "one person": _one_person,
    "schedule": _schedule,
}
REACHES_THE_NEIGHBOUR = "a neighbour's"
"""The only bend after which the other game of that night may be held back, or show other rows, as well."""
