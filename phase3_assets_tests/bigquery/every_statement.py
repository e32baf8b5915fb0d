"""One of each statement that BigQuery's engine composes, for proofs without a warehouse.

What belongs here: the list. What doesn't: the statements (phase3_assets/warehouse/bigquery/statements.py).
"""

from dataclasses import dataclass

from phase3_assets.catalog.contracts import raw_contracts
from phase3_assets.catalog.queries import STAGING_DATASET, sql_text
from phase3_assets.catalog.tables import (
    all_contracts,
    bookkeeping_contracts,
    completion_contract,
    published_tables,
    readiness_contract,
)
from phase3_assets.catalog.versions import AS_OF_ARGUMENTS, function_sql
from phase3_assets.clock import utc_now
from phase3_assets.publishing.completion import completion_sql
from phase3_assets.publishing.prune import superseded
from phase3_assets.settings.retention import Retention
from phase3_assets.warehouse.bigquery.statements import (
    add_column,
    append,
    create_function,
    create_table,
    keep_history,
    merge,
    partition_versions,
    remove_games,
    remove_rows,
    replace_dates,
    replace_games,
    replace_games_by_rows,
)


@dataclass(frozen=True)
class Generated:
    """One generated statement and the BigQuery types of its parameters, for analysis without a warehouse."""

    name: str
    sql: str
    parameter_types: dict[str, str]


def every_statement() -> list[Generated]:
    """One of each statement for each table it is made for: what a proof without a warehouse looks at.

    Staged sources are named as publishing/publish.py names them: `nba_staging.<table>__staged`, with the table's
    columns.
    """
    dates = {"start_date": "DATE", "end_date": "DATE"}
    games = {**dates, "game_ids": "ARRAY<STRING>"}
    replaced = {"replaced_by": "STRING", "replaced_at": "TIMESTAMP"}
    raw, published = list(raw_contracts().values()), [table.contract for table in published_tables()]
    made = [Generated(f"create {c.full_name}", create_table(c), {}) for c in [*raw, *all_contracts()]]
    for contract in published:
        source = f"{STAGING_DATASET}.{contract.name}__staged"
        made += [
            Generated(f"publish {contract.full_name}", replace_games(contract, source), games),
            Generated(f"withdraw {contract.full_name}", remove_games(contract), games),
            Generated(f"history {contract.full_name}", keep_history(contract), {**games, **replaced}),
            Generated(f"add column {contract.full_name}", add_column(contract, contract.columns[-1].name), {}),
        ]
    for table in published_tables():
        function = create_function(f"nba_phase3.{table.name}_as_of", AS_OF_ARGUMENTS, function_sql(table))
        made.append(Generated(f"function nba_phase3.{table.name}_as_of", function, {}))
    for contract in [readiness_contract()]:
        made.append(
            Generated(f"states {contract.full_name}", replace_games_by_rows(contract), {**games, "rows": "STRING"})
        )
    for contract in bookkeeping_contracts().values():
        made.append(Generated(f"append {contract.full_name}", append(contract), {**dates, "rows": "STRING"}))
    noted = {**dates, "moment": "TIMESTAMP"}
    events = bookkeeping_contracts()["data_quality_events"]
    made += [
        Generated("completion", merge(completion_contract(), completion_sql()), noted),
        Generated("completion events", merge(events, sql_text("completion/events")), {**noted, "run_id": "STRING"}),
    ]
    for contract in raw:
        source = f"{STAGING_DATASET}.{contract.name}__loaded"
        made.append(
            Generated(f"load {contract.full_name}", replace_dates(contract, source), {**dates, "dates": "ARRAY<DATE>"})
        )
    for plan in superseded(Retention(history_days=1, events_days=1), utc_now()):
        made.append(
            Generated(
                f"prune {plan.contract.full_name}",
                remove_rows(plan.contract, plan.key, plan.sql),
                {**dates, "keep_since": "TIMESTAMP", **({"table_name": "STRING"} if "@table_name" in plan.sql else {})},
            )
        )
    bounds = {"table_names": "ARRAY<STRING>", "first_partition": "STRING", "last_partition": "STRING"}
    datasets = dict.fromkeys(contract.dataset for contract in [*raw, *published])
    made += [Generated(f"partitions {name}", partition_versions(name), bounds) for name in datasets]
    return made
