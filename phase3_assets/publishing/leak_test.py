"""The leak test: whether rows of pre-game tables say anything that could not be known before tip-off.

What belongs here: computing the rows of a date several times aside, and comparing them. What doesn't: what of a raw
table could be known before tip-off (sql/leak_test/<raw table>.sql), how rows are computed (sql/tables, sql/views).

For each date the rows are computed in three worlds, from the same texts that publish them:

* `everything`: from all that is loaded and published now, as a run over more dates would compute them;
* `removed`: without what happened at or after tip-off;
* `absurd`: with what happened at or after tip-off changed: other winners, other lines, 50 points more.

Rows of all three must be equal, column by column. A difference is a leak. Everything is staged, so no reader sees it.
Of a date whose games begin at different times, the rows of those that begin first are also computed without what
happened from then on (`first_games`): what is known before a later game must not reach them.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Any

from phase3_assets.catalog.contracts import PRE_GAME, SQL_FOLDER, Contract, raw_contracts
from phase3_assets.catalog.parameters import date_parameters
from phase3_assets.catalog.queries import (
    EARLIER,
    STAGING_DATASET,
    aside,
    earlier_relation,
    prepared,
    read_aside,
    sql_text,
    views_needed,
)
from phase3_assets.catalog.table_rules import RAW_DATASET
from phase3_assets.catalog.tables import PublishedTable, published_table, published_tables
from phase3_assets.errors import ConfigurationError
from phase3_assets.publishing.look_back import stage_earlier
from phase3_assets.publishing.stage import typed_sql
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.interface import Answers, Parameters, Query, Row, Session, Warehouse
from phase3_assets.warehouse.schema import check_schema

EVERYTHING = "everything"
FIRST_GAMES, REMOVED, ABSURD = VARIANTS = ("first_games", "removed", "absurd")
WHOLE_ROW = "(the row)"
"""What a leak names instead of a column, where a row is there in one world only."""
_LATER = timedelta(days=7)
"""How many later dates are computed along, so that rows of later games are there to leak."""
_DATES_PER_SESSION = 7
"""After so many dates the session ends, so that another process may write."""
_SCHEDULE = "nbac_schedule"
_LISTED_GAMES = """SELECT game_date, game_id, known_until, schedule_state
FROM season_games
WHERE game_date BETWEEN @start_date AND @end_date AND schedule_state <> 'void'"""


@dataclass(frozen=True)
class Leak:
    """One value of a row that is not what it would be if only what happened before tip-off were known."""

    table: str
    game_date: date
    game_id: str
    subject: str
    """The team or player: the rest of the row's key."""
    column: str
    variant: str
    with_everything: object
    with_what_was_known: object


@dataclass(frozen=True)
class DateTested:
    """What the test found on one date."""

    game_date: date
    rows: dict[str, int]
    """Rows compared, by table; each is compared in both variants `removed` and `absurd`."""
    played_games: int
    """The date's games that have begun: where there are none, the date has nothing that could leak."""
    hidden: dict[str, int]
    """Rows of the date itself in each input that happened at or after tip-off.

    The schedule is not counted: it keeps its rows.
    """
    leaks: list[Leak] = field(default_factory=list)


@dataclass(frozen=True)
class LeakTest:
    """What the test found on a range of dates, and what it could not test."""

    dates: list[DateTested]
    without_games: list[date]

    @property
    def leaks(self) -> list[Leak]:
        """Every leak."""
        return [leak for tested in self.dates for leak in tested.leaks]

    @property
    def rows(self) -> int:
        """The number of rows compared."""
        return sum(sum(tested.rows.values()) for tested in self.dates)

    @property
    def without_results(self) -> list[date]:
        """Dates with games of which none has begun."""
        return [tested.game_date for tested in self.dates if not tested.played_games]

    @property
    def never_hidden(self) -> list[str]:
        """Inputs of which nothing could be hidden on any date, since nothing at or after tip-off is there."""
        names = {name for tested in self.dates for name in tested.hidden}
        return sorted(name for name in names if not any(tested.hidden[name] for tested in self.dates))


def leak_test(
    warehouse: Warehouse,
    start: date,
    end: date,
    tables: Sequence[PublishedTable],
    thresholds: Thresholds,
    show: Callable[[DateTested], None] = lambda tested: None,
) -> LeakTest:
    """Test the rows that the pre-game tables among `tables` would have from `start` to `end`. Writes nothing.

    `show` is called after each date with games. Raises ConfigurationError if there is no pre-game table among them, if
    one reads a raw table of which no text says what was known before tip-off, and if the test proves nothing: no row
    was compared, or no game of the range has begun.
    """
    wanted = [table for table in tables if table.phase == PRE_GAME]
    if not wanted:
        raise ConfigurationError(
            f"{', '.join(table.name for table in tables)}: no pre-game table, so nothing is tested; the pre-game "
            f"tables are {', '.join(table.name for table in published_tables() if table.phase == PRE_GAME)}"
        )
    inputs = _Inputs(_with_upstream(wanted))
    days = [start + timedelta(days=offset) for offset in range((end - start).days + 1)]
    found: list[DateTested] = []
    for position in range(0, len(days), _DATES_PER_SESSION):
        some = days[position : position + _DATES_PER_SESSION]
        with warehouse.session(read_only=True) as session:
            check_schema(session)
            for tested in _test_dates(session, some[0], some[-1], inputs, wanted, thresholds):
                found.append(tested)
                show(tested)
    result = LeakTest(found, sorted({*days} - {tested.game_date for tested in found}))
    _require_proof(result, start, end)
    return result


def _require_proof(result: LeakTest, start: date, end: date) -> None:
    if not result.dates:
        raise ConfigurationError(
            f"no games are scheduled from {start} to {end}, so no row was compared and nothing is proven; load "
            "nbac_schedule of these dates (phase3 load-raw), or choose dates with games"
        )
    if not result.rows:
        raise ConfigurationError(f"the tables have no rows from {start} to {end}: 0 rows prove nothing")
    if not any(tested.played_games for tested in result.dates) and not result.leaks:
        raise ConfigurationError(
            f"no game from {start} to {end} has begun, so there was nothing to hide from the {result.rows} rows, and "
            "nothing is proven; choose dates whose results are loaded"
        )


class _Inputs:
    """What the tables read, in the order in which it is staged."""

    def __init__(self, tables: Sequence[PublishedTable]) -> None:
        self.tables = tables
        self.raw_tables = list(dict.fromkeys(name for table in tables for name in table.raw_tables))
        _require_texts(tables)
        texts = [_LISTED_GAMES, *(table.select for table in tables)]
        texts += [sql_text(f"leak_test/{name}") for name in self.raw_tables]
        self.views = list(views_needed("\n;\n".join(texts)))
        self.earlier = list(dict.fromkeys(name for table in tables for name in table.looks_back_to))

    @property
    def counted(self) -> dict[str, tuple[str, str]]:
        """The staged relation and the partition column of every input of which whole rows are hidden."""
        raw = {name: (name, raw_contracts()[name].partition) for name in self.raw_tables if name != _SCHEDULE}
        return raw | {
            f"{EARLIER}.{name}": (earlier_relation(name), published_table(name).contract.partition)
            for name in self.earlier
        }

    @property
    def relations(self) -> str:
        """The `dataset.table` names of all that a world without later knowledge reads otherwise."""
        staged = [*self.views, *(earlier_relation(name) for name in self.earlier)]
        return " ".join(
            [
                *(f"{RAW_DATASET}.{name}" for name in self.raw_tables),
                *(f"{STAGING_DATASET}.{name}" for name in staged),
                self.recomputed,
            ]
        )

    @property
    def recomputed(self) -> str:
        """The `dataset.table` names of the tables: every world reads the rows that it has computed itself."""
        return " ".join(table.contract.full_name for table in self.tables)


def _require_texts(tables: Sequence[PublishedTable]) -> None:
    for table in tables:
        for name in table.raw_tables:
            if not (SQL_FOLDER / "leak_test" / f"{name}.sql").exists():
                raise ConfigurationError(
                    f"{table.name} reads {RAW_DATASET}.{name}, and no text says what of it could be known before "
                    f"tip-off; write sql/leak_test/{name}.sql. Nothing was tested."
                )


def _with_upstream(tables: Sequence[PublishedTable]) -> list[PublishedTable]:
    """The tables and those whose rows of the same game they read, in lineage order."""
    names = {table.name for table in tables}
    pending = list(names)
    while pending:
        for name in published_table(pending.pop()).upstream:
            if name not in names:
                names.add(name)
                pending.append(name)
    return [table for table in published_tables() if table.name in names]


def _test_dates(
    session: Session,
    start: date,
    end: date,
    inputs: _Inputs,
    wanted: Sequence[PublishedTable],
    thresholds: Thresholds,
) -> Iterator[DateTested]:
    parameters = {**date_parameters(start, end + _LATER), **thresholds.parameters()}
    games = _stage_everything(session, inputs, parameters)
    for day in sorted(day for day in games if start <= day <= end):
        known = {**date_parameters(day, day + _LATER), **thresholds.parameters()}
        tip_offs = {game["game_id"]: game["known_until"] for game in games[day]}
        first = min(tip_offs.values())
        early = {game_id for game_id, tip_off in tip_offs.items() if tip_off == first}
        # By variant, the moment from which on nothing is known of any game, whenever it begins.
        moments = {FIRST_GAMES: first} if len(early) < len(tip_offs) else {}
        moments |= dict.fromkeys((REMOVED, ABSURD), max(tip_offs.values()))
        answers: Answers = {}
        for variant, moment in moments.items():
            _stage_known(session, inputs, variant, {**known, "moment": moment})
            # Asked one by one: the statements of all variants together would be a large job.
            answers |= _answers(session, inputs, wanted, variant, day)
        begun = sum(game["schedule_state"] != "scheduled" for game in games[day])
        yield _compare(wanted, day, begun, early, answers)


def _stage_everything(session: Session, inputs: _Inputs, parameters: Parameters) -> dict[date, list[Row]]:
    """Stage the world `everything`; returns the games of each date that has some."""
    for view in inputs.views:
        session.stage(view, prepared(sql_text(f"views/{view}")), parameters)
    stage_earlier(session, inputs.earlier, parameters)
    for table in inputs.tables:
        text = read_aside(_rows_sql(table), EVERYTHING, inputs.recomputed)
        session.stage(aside(table.name, EVERYTHING), text, parameters)
    games: dict[date, list[Row]] = defaultdict(list)
    for row in session.query(prepared(_LISTED_GAMES), parameters):
        games[row["game_date"]].append(row)
    return games


def _stage_known(session: Session, inputs: _Inputs, variant: str, parameters: Parameters) -> None:
    """Stage a world in which nothing is known of what happened at or after the tip-offs of @start_date, or @moment."""
    parameters = {**parameters, "is_absurd": variant == ABSURD}
    for name in inputs.raw_tables:
        session.stage(aside(name, variant), prepared(sql_text(f"leak_test/{name}")), parameters)
    for view in inputs.views:
        text = read_aside(prepared(sql_text(f"views/{view}")), variant, inputs.relations)
        session.stage(aside(view, variant), text, parameters)
    for name in inputs.earlier:
        session.stage(aside(earlier_relation(name), variant), earlier_known_sql(name), parameters)
    for table in inputs.tables:
        text = read_aside(_rows_sql(table), variant, inputs.relations)
        session.stage(aside(table.name, variant), text, parameters)


def _rows_sql(table: PublishedTable) -> str:
    """The rows that a publication would compute; columns of the core are NULL."""
    contract = table.contract
    of_core = [column for column in contract.columns if column not in contract.computed_columns]
    unknown = "".join(f",\n  CAST(NULL AS {column.type}) AS {column.name}" for column in of_core)
    return prepared(f"SELECT\n  typed.*{unknown}\nFROM (\n{typed_sql(table)}\n) AS typed")


@cache
def earlier_known_sql(table_name: str) -> str:
    """SQL for published rows of games before @start_date and, with @is_absurd, of all others with other values.

    Numbers are 50 higher and what was true is false. Keys, ids, names and times stay.
    """
    contract = published_table(table_name).contract
    columns = ",\n  ".join(_absurd(contract, column.name, column.type) for column in contract.columns)
    return f"""SELECT
  {columns}
FROM {STAGING_DATASET}.{earlier_relation(table_name)} AS published
WHERE published.{contract.partition} < @start_date OR @is_absurd"""


def _absurd(contract: Contract, name: str, kind: str) -> str:
    value, was_known = f"published.{name}", f"published.{contract.partition} < @start_date"
    if name in (*contract.key, "season_year"):
        return value
    if kind == "BOOL":
        return f"IF({was_known}, {value}, NOT {value}) AS {name}"
    if kind in ("INT64", "FLOAT64") or kind.startswith("NUMERIC"):
        return f"IF({was_known}, {value}, {value} + 50) AS {name}"
    return value


def _answers(session: Session, inputs: _Inputs, wanted: Sequence[PublishedTable], variant: str, day: date) -> Answers:
    """The rows of the date in a variant; with the last one, also those of `everything` and what was hidden."""
    is_last = variant == ABSURD
    worlds = (EVERYTHING, variant) if is_last else (variant,)
    parameters = date_parameters(day, day)
    queries: dict[str, Query] = {
        f"{table.name}_{world}": (_of_date_sql(table, world), parameters) for table in wanted for world in worlds
    }
    if is_last and inputs.counted:
        queries["hidden"] = (_hidden_sql(inputs.counted), parameters)
    return session.query_all(queries)


def _compare(
    wanted: Sequence[PublishedTable], day: date, played_games: int, early: Collection[str], answers: Answers
) -> DateTested:
    hidden = {row["input"]: row["hidden_rows"] for row in answers.get("hidden", [])}
    tested = DateTested(day, {}, played_games, hidden)
    for table in wanted:
        everything = answers[f"{table.name}_{EVERYTHING}"]
        tested.rows[table.name] = len(everything)
        for variant in (REMOVED, ABSURD):
            tested.leaks.extend(_leaks(table, day, variant, everything, answers[f"{table.name}_{variant}"]))
        if f"{table.name}_{FIRST_GAMES}" in answers:
            both = (everything, answers[f"{table.name}_{FIRST_GAMES}"])
            all_rows, known_rows = ([row for row in rows if row["game_id"] in early] for rows in both)
            tested.leaks.extend(_leaks(table, day, FIRST_GAMES, all_rows, known_rows))
    return tested


def _of_date_sql(table: PublishedTable, world: str) -> str:
    columns = ", ".join(column.name for column in table.contract.computed_columns)
    relation = f"{STAGING_DATASET}.{aside(table.name, world)}"
    return f"SELECT {columns} FROM {relation} WHERE {table.contract.partition} = @start_date"


def _hidden_sql(inputs: Mapping[str, tuple[str, str]]) -> str:
    """SQL for the number of rows of @start_date that only the world `absurd` has, by input."""
    of_date = f"SELECT COUNT(*) FROM {STAGING_DATASET}.{{}} WHERE {{}} = @start_date"
    counts = [
        f"SELECT '{name}' AS input, ({of_date.format(aside(relation, ABSURD), partition)}) - "
        f"({of_date.format(aside(relation, REMOVED), partition)}) AS hidden_rows"
        for name, (relation, partition) in inputs.items()
    ]
    return "\nUNION ALL\n".join(counts)


def _leaks(
    table: PublishedTable, day: date, variant: str, everything: Sequence[Row], known: Sequence[Row]
) -> Iterator[Leak]:
    """Every column in which the rows differ, row by row; rows that share a key are compared in the order of values."""
    key = [name for name in table.contract.key if name != table.contract.partition]
    names = [column.name for column in table.contract.computed_columns]
    all_rows, known_rows = _by_key(everything, key), _by_key(known, key)
    for found in sorted({*all_rows, *known_rows}):
        pairs = max(len(all_rows[found]), len(known_rows[found]))
        for position in range(pairs):
            one, other = (dict(enumerate(rows[found])).get(position) for rows in (all_rows, known_rows))
            game_id = str((one or other or {})["game_id"])
            place = (table.name, day, game_id, " ".join(found[1:]))
            if one is None or other is None:
                there, missing = "is there", "is missing"
                said = (missing, there) if one is None else (there, missing)
                yield Leak(*place, WHOLE_ROW, variant, *said)
                continue
            for name in names:
                if one[name] != other[name]:
                    yield Leak(*place, name, variant, one[name], other[name])


def _by_key(rows: Iterable[Row], key: Sequence[str]) -> Mapping[tuple[str, ...], list[Row]]:
    grouped: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in sorted(rows, key=_as_text):
        grouped[(str(row["game_id"]), *(str(row[name]) for name in key))].append(row)
    return grouped


def _as_text(row: Mapping[str, Any]) -> str:
    return repr(sorted(row.items()))
