"""Computing rows in staging, and the queries about them before anybody can read them.

What belongs here: the statements that stage, compare and count, made from a table's SELECT and contract. What doesn't:
what follows from the answers (decide.py).
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from phase3_assets.catalog.contracts import PRE_GAME
from phase3_assets.catalog.parameters import date_parameters
from phase3_assets.catalog.queries import STAGING_DATASET, foreseen_relation, prepared, sql_text
from phase3_assets.catalog.tables import PublishedTable
from phase3_assets.publishing.game import Game
from phase3_assets.warehouse.interface import Session


def stage(session: Session, table: PublishedTable, due: Sequence[Game], publication_id: str, started: datetime) -> str:
    """Compute the games' rows in staging, in one query for all of them; returns the name of the staged relation."""
    start, end = min(game.game_date for game in due), max(game.game_date for game in due)
    record = {"publication_id": publication_id, "code_version": table.code_version, "processed_at": started}
    parameters = {**date_parameters(start, end), "game_ids": [game.game_id for game in due], **record}
    return session.stage(f"{table.name}__staged", stage_sql(table.name), parameters)


@cache
def stage_sql(table_name: str) -> str:
    """The rows of @game_ids as the table's SELECT computes them, with hash and publication columns.

    The survey has computed those of a table that looks back already, to fingerprint them.
    """
    table = PublishedTable(table_name)
    of_games = "WHERE game_id IN (SELECT due FROM UNNEST(@game_ids) AS due)"
    if table.looks_back:
        hashed = f"SELECT * FROM {STAGING_DATASET}.{foreseen_relation(table_name)} {of_games}"
    else:
        hashed = hashed_sql(table, of_games)
    computed = f"""SELECT
  hashed.*,
  @publication_id AS publication_id,
  @code_version AS code_version,
  @processed_at AS processed_at
FROM (
{hashed}
) AS hashed"""
    return prepared(_with_knowledge(table, computed) if table.phase == PRE_GAME else computed)


def hashed_sql(table: PublishedTable, condition: str = "") -> str:
    """typed_sql with the hash of each row."""
    return f"""SELECT
  typed.*,
  {table.contract.row_hash("typed")} AS data_hash
FROM (
{typed_sql(table, condition)}
) AS typed"""


def typed_sql(table: PublishedTable, condition: str = "") -> str:
    """The table's SELECT, typed as its contract says; `condition` limits it to some games.

    A figure that does not fit its column's type becomes NULL. The audit finds that, and no other game fails for it.
    """
    typed = ",\n  ".join(f"{c.fitted(c.name)} AS {c.name}" for c in table.contract.computed_columns)
    return f"""SELECT
  {typed}
FROM (
{table.select}
) AS computed
{condition}"""


def _with_knowledge(table: PublishedTable, computed: str) -> str:
    """A pre-game table's rows with known_at and is_hindsight. Rows already published with equal figures keep theirs."""
    contract = table.contract
    same_row = " AND ".join(f"published.{name} = staged.{name}" for name in ("game_id", *contract.key))
    return f"""SELECT
  staged.*,
  COALESCE(published.known_at, @processed_at) AS known_at,
  COALESCE(
    published.is_hindsight, @processed_at >= known_until(staged.tip_off, staged.{contract.partition})
  ) AS is_hindsight
FROM (
{computed}
) AS staged
LEFT JOIN (
  SELECT * FROM {contract.full_name} WHERE {contract.partition} BETWEEN @start_date AND @end_date
) AS published
  ON {same_row} AND published.data_hash = staged.data_hash"""


def compare_parameters(table: PublishedTable, due: Sequence[Game]) -> dict[str, Any]:
    """Parameters of compare_sql: the games, and for each the publication whose rows readers see."""
    decided = ((game, game.decisions.get(table.name)) for game in due)
    return {
        **date_parameters(min(game.game_date for game in due), max(game.game_date for game in due)),
        "game_ids": [game.game_id for game in due],
        "visible_versions": [f"{game.game_id} {d.visible_publication_id if d else None}" for game, d in decided],
    }


@cache
def compare_sql(table_name: str) -> str:
    """SQL that compares staged with published rows, by key and hash: one row per game.

    The published hash is computed anew, so that rows changed by hand count as different. So do rows whose stored hash
    is wrong, or whose publication is not the one readers should see (@visible_versions). Rows that share a key are
    compared one to one, so that copies count as well.
    """
    contract = PublishedTable(table_name).contract
    key = [name for name in contract.key if name != contract.partition]
    day = contract.partition
    same_key = " AND ".join(f"published.{name} = staged.{name}" for name in (day, "game_id", *key, "copy"))
    keys = ", ".join(key)
    copy = f"ROW_NUMBER() OVER (PARTITION BY {day}, game_id, {keys} ORDER BY data_hash) AS copy"
    tier = "quality_tier" if "quality_tier" in contract.column_names else "CAST(NULL AS STRING) AS quality_tier"
    return prepared(f"""SELECT
  COALESCE(staged.game_id, published.game_id) AS game_id,
  COUNT(staged.data_hash) AS staged_rows,
  COUNTIF(published.data_hash IS NULL) AS rows_added,
  COUNTIF(staged.data_hash IS NOT NULL AND (published.data_hash <> staged.data_hash OR published.is_mislabelled))
    AS rows_changed,
  COUNTIF(staged.data_hash IS NULL) AS rows_removed,
  TO_HEX(MD5(STRING_AGG(staged.data_hash, '' ORDER BY staged.data_hash))) AS content_hash,
  TO_HEX(MD5(STRING_AGG(published.data_hash, '' ORDER BY published.data_hash))) AS published_hash,
  MIN(staged.quality_tier) AS staged_tier
FROM (
  SELECT {day}, game_id, {keys}, data_hash, {tier}, {copy} FROM staged_relation
) AS staged
FULL JOIN (
  SELECT
    {day}, game_id, {keys}, data_hash, {copy},
    COALESCE(stored_hash, '') <> data_hash
      OR CONCAT(game_id, ' ', COALESCE(publication_id, '')) NOT IN (SELECT v FROM UNNEST(@visible_versions) AS v)
      AS is_mislabelled
  FROM (
    SELECT
      {day}, game_id, {keys}, publication_id,
      target.data_hash AS stored_hash, {contract.row_hash("target")} AS data_hash
    FROM {contract.full_name} AS target
    WHERE {day} BETWEEN @start_date AND @end_date
      AND game_id IN (SELECT due FROM UNNEST(@game_ids) AS due)
  ) AS target
) AS published
  ON {same_key}
GROUP BY 1""")


@cache
def game_count_sql(table_name: str) -> str:
    """The game_count rule for @game_ids, over the rows a publication has just written and nobody can read yet."""
    contract = PublishedTable(table_name).contract
    return f"""WITH audited AS (
  SELECT {contract.partition} AS game_date, game_id
  FROM {contract.full_name}
  WHERE {contract.partition} BETWEEN @start_date AND @end_date
)
SELECT * FROM (
{sql_text("every_table/checks/game_count")}
) AS rule_rows
WHERE game_id IN (SELECT written FROM UNNEST(@game_ids) AS written)"""
