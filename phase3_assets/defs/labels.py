"""What the catalogue says of an asset besides its columns: description, owners, tags, kinds, links to its SQL.

What belongs here: Dagster's labels, made from contracts and settings. What doesn't: what a materialization shows
(assets.py), the words of a table or a column (sql/tables/<table>/table.sql).
"""

import warnings
from collections.abc import Sequence
from typing import Any

import dagster as dg

from phase3_assets.catalog.contracts import POST_GAME, SQL_FOLDER, Contract
from phase3_assets.catalog.quality_issues import quality_issues
from phase3_assets.catalog.queries import views_read
from phase3_assets.catalog.tables import PublishedTable
from phase3_assets.settings.calendar import FIRST_DATE
from phase3_assets.settings.locations import Settings
from phase3_assets.settings.people import People

# Dagster marks links from assets to code beta. They are shown and nothing more: nothing breaks where they change.
warnings.filterwarnings("ignore", category=dg.BetaWarning, message=".*(CodeReference).*")


def kinds(kind: str) -> set[str]:
    """The kind of an asset, and the engine whose table it is."""
    return {kind, Settings.from_environment().warehouse}


def owners() -> list[str]:
    """Whom to ask, as far as anybody is named."""
    return list(People.from_environment().owners)


def tags(contract: Contract) -> dict[str, str]:
    """By what people look for tables: before or after the game, how far they look back, whether rows are optional."""
    return {
        "phase": contract.phase,
        **({"look_back": contract.look_back} if contract.look_back else {}),
        **({"rows": "optional"} if contract.has_optional_rows else {}),
    }


def table_description(table: PublishedTable) -> str:
    """What a published table holds, its key, what can be missing, how to look things up and whom to ask; Markdown."""
    contract = table.contract
    held = [column.name for column in contract.computed_columns if not column.required]
    when = "of final games" if contract.phase == POST_GAME else "of scheduled games, made until their tip-off"
    rows = (
        "A game without what the table needs has no rows, and is not held back for that."
        if contract.has_optional_rows
        else "A game has all its rows or none. One that is held back says why in `game_readiness`."
    )
    example = f"phase3 explain {table.name} DATE {contract.subject.upper()} COLUMN"
    return "\n\n".join(
        [
            contract.description,
            f"**Key:** {_names(contract.key)}. Rows are {when}; a partition is an Eastern date ({contract.partition}).",
            f"**What can be missing:** {rows} A date without games has no rows, and Dagster calls it missing like any "
            f"date that no run has published: its calendar begins on {FIRST_DATE}, whatever is loaded. "
            f"{len(held)} of {len(contract.computed_columns)} columns can be NULL; what that means stands with each "
            "column below.",
            f"**Why is this number what it is?** `{example}`. All columns: `phase3 describe {table.name}`.",
            _whom_to_ask(),
            # Last, since the page folds away what is long.
            "**How good is a row?** `quality_tier` says it, and `quality_issues` says what is wrong:\n\n"
            + "\n".join(f"* `{name}`: {meaning}" for name, meaning in quality_issues(table.name).items()),
        ]
    )


def work_description(text: str) -> str:
    """What an asset that has no table is for, and whom to ask; Markdown."""
    return f"{text}\n\n{_whom_to_ask()}"


def asset_description(contract: Contract) -> str:
    """What a raw table, or one of decisions, holds, its key and whom to ask; Markdown."""
    key = f"**Key:** {_names(contract.key)}." if contract.key else "**Key:** none; the latest row of each thing counts."
    return "\n\n".join([contract.description, key, _whom_to_ask()])


def code_references(files: Sequence[str]) -> dict[str, dg.CodeReferencesMetadataValue]:
    """Metadata that links an asset to files under `sql/`, given without their ending.

    The links lead to PHASE3_CODE_URL where it is set, else to the files on the machine that serves the UI.
    """
    address = People.from_environment().code_url
    references: list[Any] = []
    for file in files:
        # A page has room for a short name; a table's own files need no folder.
        label = f"{file.rpartition('/')[2]}.sql" if file.startswith("tables/") else f"{file}.sql"
        if address:
            references.append(dg.UrlCodeReference(url=f"{address}/sql/{file}.sql", label=label))
        else:
            path = (SQL_FOLDER / f"{file}.sql").resolve()
            references.append(dg.LocalFileCodeReference(file_path=str(path), label=label))
    return {"dagster/code_references": dg.CodeReferencesMetadataValue(code_references=references)}


def files_of(table: PublishedTable) -> list[str]:
    """How a table is computed, its contract, and the views that it reads; what these use, they name themselves."""
    views = [f"views/{view}" for view in views_read(table.select)]
    return [f"tables/{table.name}/select", f"tables/{table.name}/table", *views]


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in columns)


def _whom_to_ask() -> str:
    named = owners()
    if not named:
        return "**Whom to ask:** nobody is named; the setting `PHASE3_OWNERS` names people or teams."
    return f"**Whom to ask:** {', '.join(named)}."
