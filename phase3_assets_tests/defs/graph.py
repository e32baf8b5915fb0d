"""defs/graph.txt: everything that Dagster is told, a line each, so that a review shows what a change adds.

What belongs here: writing it down (`make graph`). What doesn't: what Dagster should be told (this room's other tests).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg

from phase3_assets.definitions import build_defs
from phase3_assets.settings.calendar import FIRST_DATE

TARGET = Path(__file__).parent / "graph.txt"


def text() -> str:
    """The page: assets with what they stand for, checks by table, jobs, sensors, schedules."""
    definitions = build_defs()
    repository = definitions.get_repository_def()
    lines = ["Everything that Dagster is told. Written by `make graph`; do not edit."]
    for title, part in (
        ("Assets", _assets(repository.asset_graph)),
        ("Checks", _checks(repository.asset_graph)),
        ("Jobs", _jobs(repository)),
        ("Sensors", _sensors(repository)),
        ("Schedules", _schedules(repository)),
    ):
        lines += ["", title, "", *part]
    return "\n".join(lines) + "\n"


def _assets(graph: Any) -> Iterator[str]:
    for key in graph.toposorted_asset_keys:
        node = graph.get(key)
        yield f"{key.to_user_string()}: group {node.group_name}, {_partitions(node.partitions_def)}"
        for parent in sorted(node.parent_keys):
            mapping = graph.get_partition_mapping(key, parent)
            how = "" if isinstance(mapping, dg.IdentityPartitionMapping) else f", {_mapping(mapping)}"
            yield f"    reads {parent.to_user_string()}{how}"


def _partitions(partitions: dg.PartitionsDefinition | None) -> str:
    if partitions is None:
        return "without partitions"
    assert isinstance(partitions, dg.TimeWindowPartitionsDefinition)
    first = "the first date" if partitions.start.date() == FIRST_DATE else str(partitions.start.date())
    until = {0: "yesterday", 1: "today", 2: "tomorrow"}[partitions.end_offset]
    return f"a partition per date from {first} until {until} ({partitions.timezone})"


def _mapping(mapping: dg.PartitionMapping) -> str:
    if isinstance(mapping, dg.TimeWindowPartitionMapping):
        if (mapping.start_offset, mapping.end_offset) == (0, 0):
            return "of its date"
        return f"of dates {mapping.start_offset} to {mapping.end_offset}"
    if isinstance(mapping, dg.AllPartitionMapping):
        return "the whole"
    return type(mapping).__name__


def _checks(graph: Any) -> Iterator[str]:
    for asset in graph.toposorted_asset_keys:
        keys = sorted(key.name for key in graph.asset_check_keys if key.asset_key == asset)
        if keys:
            yield f"{asset.to_user_string()}:"
        for name in keys:
            spec = graph.get_check_spec(dg.AssetCheckKey(asset, name))
            yield f"    {name}{', blocking' if spec.blocking else ''}"


def _jobs(repository: dg.RepositoryDefinition) -> Iterator[str]:
    for job in sorted(repository.get_all_jobs(), key=lambda job: job.name):
        if job.name.startswith("__"):
            continue
        yield f"{job.name}: {_partitions(job.partitions_def)}"
        for node in sorted(job.nodes, key=lambda node: node.name):
            yield f"    {node.name}"


def _sensors(repository: dg.RepositoryDefinition) -> Iterator[str]:
    for sensor in sorted(repository.sensor_defs, key=lambda sensor: sensor.name):
        asks_for = ", ".join(sorted(target.job_name for target in sensor.targets)) or "no job"
        status = sensor.default_status.value.lower()
        yield f"{sensor.name}: {asks_for}, every {sensor.minimum_interval_seconds} s, {status}"


def _schedules(repository: dg.RepositoryDefinition) -> Iterator[str]:
    for schedule in sorted(repository.schedule_defs, key=lambda schedule: schedule.name):
        when = f"{schedule.cron_schedule} ({schedule.execution_timezone})"
        yield f"{schedule.name}: {schedule.job_name}, {when}, {schedule.default_status.value.lower()}"


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
