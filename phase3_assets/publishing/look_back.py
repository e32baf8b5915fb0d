"""Tables that read earlier games: what they may read, and the fingerprint of the rows they would compute now.

What belongs here: staging `earlier.<table>`, and fingerprints of tables that look back. What doesn't: fingerprints of
all other tables, which hash rows of views (survey.py); the windows themselves (sql/tables/<table>/select.sql).

Later games can read a row of a published table only while a publication vouches for it: the latest decision shows the
row, no failed check or drift is recorded against it, and its values match its hash. Rows changed by hand are excluded.

The fingerprint of a table that looks back is the hash of its computed rows. So a corrected game makes exactly those
later games due whose rows would differ, through whichever table they read it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import cache

from phase3_assets.catalog.queries import STAGING_DATASET, earlier_relation, foreseen_relation, prepared
from phase3_assets.catalog.tables import PublishedTable, published_table, published_tables
from phase3_assets.publishing.game import Game
from phase3_assets.publishing.stage import hashed_sql
from phase3_assets.publishing.vocabulary import VISIBLE_OUTCOMES
from phase3_assets.warehouse.interface import Parameters, Session


def looking_back(tables: Iterable[PublishedTable] | None = None) -> tuple[PublishedTable, ...]:
    """Those of the tables (all published tables, in lineage order, by default) that read earlier games."""
    return tuple(table for table in (published_tables() if tables is None else tables) if table.looks_back)


def stage_look_back(session: Session, tables: Sequence[PublishedTable], parameters: Parameters) -> None:
    """Stage the rows of earlier games that the tables may read now, and the rows they would compute from them.

    `parameters` are those of a survey; the views' snapshot must be staged.
    """
    stage_earlier(session, (name for table in tables for name in table.looks_back_to), parameters)
    _stage_foreseen(session, tables, parameters)


def stage_earlier(session: Session, names: Iterable[str], parameters: Parameters) -> None:
    """Stage what may be read now of earlier games in the published tables of these names."""
    for name in dict.fromkeys(names):
        readers = [table for table in looking_back() if name in table.looks_back_to]
        first = min(_first_date(table, parameters) for table in readers)
        session.stage(earlier_relation(name), earlier_sql(name), {**parameters, "earliest_date": first})


class LookBack:
    """The fingerprints of tables that look back, in one publication: each is computed when its table's turn comes.

    By then every table that it reads has been published, so the rows are computed once. `parameters` are those of the
    survey, whose snapshot of the views must be staged.
    """

    def __init__(self, session: Session, games: Mapping[str, Game], parameters: Parameters) -> None:
        self._session, self._games, self._parameters = session, games, parameters
        self._staged: set[str] = set()
        """The tables whose rows of earlier games are staged as they are now."""
        self._foreseen: set[str] = set()
        """The tables whose fingerprints the games have."""

    def foresee(self, tables: Iterable[PublishedTable]) -> None:
        """Give every game its fingerprint of each of the tables that looks back; does nothing where all have it."""
        lacking = [table for table in looking_back(tables) if table.name not in self._foreseen]
        if not lacking:
            return
        read = dict.fromkeys(name for table in lacking for name in table.looks_back_to if name not in self._staged)
        stage_earlier(self._session, read, self._parameters)
        _stage_foreseen(self._session, lacking, self._parameters)
        answers = self._session.query_all({table.name: (inputs_sql(table), {}) for table in lacking})
        for table in lacking:
            hashes = {row["game_id"]: row["inputs_hash"] for row in answers[table.name]}
            for game in self._games.values():
                game.inputs[table.name] = hashes.get(game.game_id)
        self._staged.update(read)
        self._foreseen.update(table.name for table in lacking)

    def forget(self, changed: str) -> None:
        """Compute anew, when it is asked for again, whatever was computed from rows of the table that has changed."""
        self._staged.discard(changed)
        self._foreseen -= {t.name for t in looking_back() if changed in (*t.looks_back_to, *t.upstream)}


def inputs_sql(table: PublishedTable) -> str:
    """SQL for inputs_hash by game_id, from the staged rows that a table which looks back would compute."""
    return f"""SELECT game_id, TO_HEX(MD5(STRING_AGG(data_hash, '' ORDER BY data_hash))) AS inputs_hash
FROM {STAGING_DATASET}.{foreseen_relation(table.name)}
GROUP BY game_id"""


@cache
def earlier_sql(table_name: str) -> str:
    """SQL for the rows of a published table, @earliest_date to @end_date, that a publication vouches for now."""
    contract = published_table(table_name).contract
    outcomes = ", ".join(f"'{outcome}'" for outcome in VISIBLE_OUTCOMES)
    return prepared(f"""SELECT published.*
FROM {contract.full_name} AS published
INNER JOIN (
  SELECT game_date, game_id, outcome, visible_publication_id
  FROM nba_phase3.publications
  WHERE table_name = '{table_name}' AND game_date BETWEEN @earliest_date AND @end_date
  QUALIFY ROW_NUMBER() OVER (PARTITION BY game_id ORDER BY finished_at DESC, publication_id DESC) = 1
) AS decision
  ON decision.game_date = published.{contract.partition}
  AND decision.game_id = published.game_id
  AND decision.visible_publication_id = published.publication_id
WHERE published.{contract.partition} BETWEEN @earliest_date AND @end_date
  AND decision.outcome IN ({outcomes})
  AND published.data_hash = {contract.row_hash("published")}""")


@cache
def foreseen_sql(table_name: str) -> str:
    """SQL for every row that a table which looks back would compute now, with its hash; a publication stages it."""
    return prepared(hashed_sql(published_table(table_name)))


def _stage_foreseen(session: Session, tables: Sequence[PublishedTable], parameters: Parameters) -> None:
    for table in tables:
        session.stage(foreseen_relation(table.name), foreseen_sql(table.name), parameters)


def _first_date(table: PublishedTable, parameters: Parameters) -> date:
    days = table.contract.look_back_days
    season_start: date = parameters["season_start_date"]
    start: date = parameters["start_date"]
    if days is None:
        return season_start.replace(year=season_start.year - table.contract.seasons_before)
    return start - timedelta(days=days)
