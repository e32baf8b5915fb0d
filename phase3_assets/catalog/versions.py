"""SQL about versions of a published table's rows: what is there, what was published, what readers saw at a moment.

What belongs here: texts composed of a table's contract, its history and nba_phase3.publications. What doesn't: running
them (publishing/as_of.py, publishing/rollback.py, publishing/drift.py), keeping history (publishing/write.py).

Every decision about a game names the publication whose rows readers see from then on, whatever the decision's outcome.
To find what readers saw at @moment, take the game's latest decision up to @moment and the publication it names. The
rows of that publication are what readers saw; they are still visible, or in history.
"""

from functools import cache

from phase3_assets.catalog.contracts import Contract
from phase3_assets.catalog.queries import prepared
from phase3_assets.catalog.tables import PublishedTable, published_table

AS_OF_ARGUMENTS = {"first_date": "DATE", "last_date": "DATE", "moment": "TIMESTAMP"}
"""The arguments of each table's SQL function `<table>_as_of`, in order, with their types."""


@cache
def content_sql(table_name: str, relation: str | None = None) -> str:
    """Row count and content hash per game, of the published table or of another relation with the same columns.

    They are comparable with what a publication records, but every row's hash is computed again from the present values.
    """
    contract = published_table(table_name).contract
    subject = contract.subject
    return prepared(f"""SELECT
  game_date, game_id, COUNT(*) AS row_count,
  TO_HEX(MD5(STRING_AGG(actual_hash, '' ORDER BY actual_hash))) AS content_hash,
  STRING_AGG(IF(actual_hash = data_hash, NULL, {subject}), ', ' ORDER BY {subject}) AS changed_keys,
  STRING_AGG(DISTINCT publication_id, ', ' ORDER BY publication_id) AS publication_ids
FROM (
  SELECT
    target.{contract.partition} AS game_date, target.game_id, target.{subject}, target.data_hash,
    COALESCE(target.publication_id, 'NULL') AS publication_id,
    {contract.row_hash("target")} AS actual_hash
  FROM {relation or contract.full_name} AS target
  WHERE target.{contract.partition} BETWEEN @start_date AND @end_date
) AS hashed
GROUP BY 1, 2""")


_VERSIONS = """SELECT
  game_date, game_id, visible_publication_id, row_count, content_hash, quality_tier, is_hindsight,
  FIRST_VALUE(row_count + COALESCE(rows_removed, 0) - COALESCE(rows_added, 0)) OVER (
    PARTITION BY game_id ORDER BY finished_at, publication_id
  ) AS rows_before
FROM nba_phase3.publications
WHERE game_date BETWEEN @start_date AND @end_date AND table_name = @table_name AND finished_at <= @moment
QUALIFY ROW_NUMBER() OVER (PARTITION BY game_id ORDER BY finished_at DESC, publication_id DESC) = 1"""
"""Per game, the record of the rows that readers saw at @moment. `rows_before` is the number of rows that readers saw
before the first decision that is kept; if it is not zero, no record describes that earlier version.
"""


def rows_sql(table: PublishedTable) -> str:
    """SQL for the rows that readers saw at @moment, visible now or in history, as far as they are still kept."""
    columns = ", ".join(table.contract.column_names)
    key = ", ".join(f"every_row.{name}" for name in table.contract.key)
    # A row may be there twice: a stopped write leaves it in history and visible. Prefer the unchanged copy.
    is_changed = f"{table.contract.row_hash('every_row')} <> every_row.data_hash"
    return f"""WITH versions AS (
{_VERSIONS}
),
every_row AS (
{_every_row(table.contract, columns)}
)
SELECT every_row.*
FROM every_row
INNER JOIN versions
  ON versions.game_id = every_row.game_id
  AND versions.game_date = every_row.{table.contract.partition}
  AND versions.visible_publication_id = every_row.publication_id
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY {key} ORDER BY IF({is_changed}, 1, 0), every_row.processed_at, every_row.data_hash
) = 1"""


@cache
def versions_sql(table: PublishedTable) -> str:
    """SQL for the record of every game's rows at @moment, next to the count and hash of the rows still kept."""
    return prepared(f"""SELECT versions.*, COALESCE(kept.row_count, 0) AS kept_rows, kept.content_hash AS kept_hash
FROM (
{_VERSIONS}
) AS versions
LEFT JOIN (
{content_sql(table.name, "(" + rows_sql(table) + ")")}
) AS kept ON kept.game_id = versions.game_id AND kept.game_date = versions.game_date""")


@cache
def unknown_sql(table: PublishedTable) -> str:
    """SQL for the games for which it is unknown what readers saw at @moment, each with the reason.

    Either the rows of that moment were deleted, or somebody changed them by hand, or there were rows without a record.
    """
    history, partition = table.contract.history().full_name, table.contract.partition
    return prepared(f"""WITH versions AS (
{versions_sql(table)}
),
decisions AS (
  SELECT
    game_date, game_id, visible_publication_id, finished_at,
    row_count + COALESCE(rows_removed, 0) - COALESCE(rows_added, 0) AS rows_before,
    ROW_NUMBER() OVER (PARTITION BY game_id ORDER BY finished_at, publication_id) AS place
  FROM nba_phase3.publications
  WHERE game_date BETWEEN @start_date AND @end_date AND table_name = @table_name
),
present AS (
  SELECT
    game_date, game_id, publication_id,
    IF(LOGICAL_OR(replaced_at IS NULL), NULL, MAX(replaced_at)) AS left_at
  FROM (
    SELECT {partition} AS game_date, game_id, publication_id, CAST(NULL AS TIMESTAMP) AS replaced_at
    FROM {table.contract.full_name}
    WHERE {partition} BETWEEN @start_date AND @end_date
    UNION ALL
    SELECT {partition} AS game_date, game_id, publication_id, replaced_at
    FROM {history}
    WHERE {partition} BETWEEN @start_date AND @end_date
  ) AS every_row
  GROUP BY game_date, game_id, publication_id
)
SELECT game_date, game_id, MIN(reason) AS reason
FROM (
  SELECT
    versions.game_date, versions.game_id,
    CASE
      WHEN versions.kept_rows = 0
        THEN CONCAT(
          'no rows of publication ', versions.visible_publication_id,
          ', which readers saw then, are kept: replaced rows go after PHASE3_HISTORY_DAYS, or somebody deleted them'
        )
      WHEN present.left_at <= @moment
        THEN CONCAT(
          'the rows of publication ', versions.visible_publication_id,
          ' were replaced before that moment, and no record of then says by which'
        )
      WHEN versions.kept_rows <> versions.row_count OR versions.kept_hash <> versions.content_hash
        THEN CONCAT(
          'the rows kept of publication ', versions.visible_publication_id, ' (', CAST(versions.kept_rows AS STRING),
          ') are not those it published (', CAST(versions.row_count AS STRING),
          '): somebody changed them by hand, before or after that moment, or the table has other columns since'
        )
    END AS reason
  FROM versions
  LEFT JOIN present
    ON present.game_date = versions.game_date
    AND present.game_id = versions.game_id
    AND present.publication_id = versions.visible_publication_id
  WHERE versions.row_count > 0
  UNION ALL
  SELECT game_date, game_id, 'rows of it were there before the first decision about it that is recorded' AS reason
  FROM decisions
  WHERE place = 1 AND rows_before > 0 AND finished_at > @moment
  UNION ALL
  SELECT
    present.game_date, present.game_id,
    'rows of it that no publication wrote are there, or were until later; since when is not known' AS reason
  FROM present
  LEFT JOIN decisions
    ON decisions.game_date = present.game_date
    AND decisions.game_id = present.game_id
    AND decisions.visible_publication_id = present.publication_id
  LEFT JOIN versions
    ON versions.game_date = present.game_date AND versions.game_id = present.game_id AND versions.row_count > 0
  WHERE decisions.game_id IS NULL AND versions.game_id IS NULL
    AND (present.left_at IS NULL OR present.left_at > @moment)
) AS found
WHERE reason IS NOT NULL
GROUP BY game_date, game_id""")


@cache
def function_sql(table: PublishedTable) -> str:
    """The SELECT of the table's SQL function for a console; its parameters are AS_OF_ARGUMENTS.

    It returns the rows that readers saw, or fails with an error that names a game for which they are unknown: a figure
    over many rows must not be computed from only some of them. Every column carries the error, so that no choice of
    columns or conditions avoids it.
    """
    columns = ",\n  ".join(
        f"IF(unknown.problem IS NULL, shown.{name}, ERROR(unknown.problem)) AS {name}"
        for name in table.contract.column_names
    )
    text = prepared(f"""WITH unknown AS (
  SELECT
    game_date, game_id,
    CONCAT(
      game_id, ' of {table.name}: ', reason, '. Ask for other dates, or `phase3 as-of` for the other games'
    ) AS problem
  FROM (
{unknown_sql(table)}
  ) AS reasons
),
shown AS (
{rows_sql(table)}
)
SELECT
  {columns}
FROM shown
FULL OUTER JOIN unknown
  ON unknown.game_id = shown.game_id AND unknown.game_date = shown.{table.contract.partition}
WHERE IF(unknown.problem IS NULL, TRUE, ERROR(unknown.problem))""")
    return (
        text.replace("@start_date", "@first_date")
        .replace("@end_date", "@last_date")
        .replace("@table_name", f"'{table.name}'")
    )


def _every_row(contract: Contract, columns: str) -> str:
    dates = f"WHERE {contract.partition} BETWEEN @start_date AND @end_date"
    return f"""  SELECT {columns} FROM {contract.full_name} {dates}
  UNION ALL
  SELECT {columns} FROM {contract.history().full_name} {dates}"""
