"""describe(): what a table promises, for people and programs, from its contract.

What belongs here: gathering it from the catalog, and saying it in text. What doesn't: the contracts (sql/), the page
docs/tables.md, which is written from this.
"""

from collections.abc import Mapping
from typing import Any

from phase3_assets.catalog.contracts import Contract, raw_contracts
from phase3_assets.catalog.lineage import column_lineage
from phase3_assets.catalog.quality_issues import quality_issues
from phase3_assets.catalog.tables import PublishedTable, all_contracts, published_tables
from phase3_assets.errors import ConfigurationError
from phase3_assets.suggestions import did_you_mean_or_all

Description = dict[str, Any]
"""What is said of a table, as JSON: see describe()."""


def describe(table: str | None = None) -> Any:
    """What a table promises, as a dict; without `table`, a list of all of them, published tables first.

    The keys: name, dataset, kind (published, record or raw), description, key, partition, cluster; columns, each with
    name, type, required, description and, in a published table, sources ("table.column"). Of a published table also
    phase, look_back, rows (required or optional), upstream (tables whose rows of the same game it reads),
    earlier_games_of (tables whose earlier rows it reads), raw_tables; quality_issues, the words of that column, each
    with name and meaning; and checks, each with name, description and severity: "error" holds a game back, "warning"
    is shown.

    Raises ConfigurationError, naming the tables that there are, for any other name.
    """
    contracts = _contracts()
    published = {one.name: one for one in published_tables()}
    if table is None:
        return [_description(contract, published.get(name)) for name, contract in contracts.items()]
    found = contracts.get(table.rpartition(".")[2])
    if found is None or table not in (found.name, found.full_name):
        raise ConfigurationError(f"there is no table {table!r}{did_you_mean_or_all(table, contracts)}")
    return _description(found, published.get(found.name))


def as_lines(description: Description) -> list[str]:
    """The description as text for a console."""
    lines = [f"{description['dataset']}.{description['name']}", description["description"], ""]
    lines += [f"{label:<15}{value}" for label, value in facts(description).items()]
    widths = [max(len(column[part]) for column in description["columns"]) for part in ("name", "type")]
    lines += ["", "columns (* never missing)"]
    for column in description["columns"]:
        mark = "*" if column["required"] else " "
        name, kind = column["name"].ljust(widths[0]), column["type"].ljust(widths[1])
        lines.append(f"  {mark} {name}  {kind}  {column['description']}".rstrip())
    if description.get("quality_issues"):
        widest = max(len(issue["name"]) for issue in description["quality_issues"])
        lines += ["", "quality issues (some name details behind an equals sign)"]
        lines += [f"  {issue['name'].ljust(widest)}  {issue['meaning']}" for issue in description["quality_issues"]]
    if description.get("checks"):
        widest = max(len(check["name"]) for check in description["checks"])
        lines += ["", "checks (an error holds a game back)"]
        for check in description["checks"]:
            lines.append(f"  {check['severity']:<7}  {check['name'].ljust(widest)}  {check['description']}")
    return lines


def facts(description: Description) -> dict[str, str]:
    """What is said of the table as a whole, by label."""
    names = {
        "key": "key",
        "partition": "partition",
        "cluster": "cluster",
        "phase": "phase",
        "look_back": "look-back",
        "rows": "rows of a game",
        "upstream": "reads",
        "earlier_games_of": "earlier games",
        "raw_tables": "raw tables",
    }
    said = {label: description.get(part) for part, label in names.items()}
    return {
        label: ", ".join(value) if isinstance(value, list) else str(value) for label, value in said.items() if value
    }


def _contracts() -> Mapping[str, Contract]:
    """The contracts of all tables by name, but for histories, which have the columns of their tables."""
    histories = {table.contract.history().name for table in published_tables()}
    ours = {contract.name: contract for contract in all_contracts() if contract.name not in histories}
    return {**ours, **raw_contracts()}


def _description(contract: Contract, table: PublishedTable | None) -> Description:
    sources = column_lineage(contract.name) if table else {}
    columns: list[Description] = []
    for column in contract.columns:
        said: Description = {
            "name": column.name,
            "type": column.type,
            "required": column.required,
            "description": column.description,
        }
        if table:
            said["sources"] = [".".join(pair) for pair in sources.get(column.name, [])]
        columns.append(said)
    is_raw = contract.name in raw_contracts()
    found: Description = {
        "name": contract.name,
        "dataset": contract.dataset,
        "kind": "published" if table else "raw" if is_raw else "record",
        "description": contract.description,
        "key": list(contract.key),
        "partition": contract.partition,
        "cluster": list(contract.cluster),
        "columns": columns,
    }
    if table is None:
        return found
    return {
        **found,
        "phase": contract.phase,
        "look_back": contract.look_back,
        "rows": "optional" if contract.has_optional_rows else "required",
        "upstream": list(table.upstream),
        "earlier_games_of": list(table.looks_back_to),
        "raw_tables": list(table.raw_tables),
        "quality_issues": [{"name": name, "meaning": meaning} for name, meaning in quality_issues(table.name).items()],
        "checks": [
            {
                "name": name,
                "severity": "error" if name in table.blocking_rules else "warning",
                "description": table.descriptions[name],
            }
            for name in {**table.rules, **table.published_rules}
        ],
    }
