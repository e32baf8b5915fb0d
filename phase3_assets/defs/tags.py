"""The tags that identify our runs, and Dagster's own tags that we read or set.

What belongs here: names of tags, with what each says. What doesn't: setting or reading one (jobs.py, sensors.py).
"""

PARTITION_TAG = "dagster/partition"
"""Dagster's: the one date of a run."""
RANGE_START_TAG = "dagster/asset_partition_range_start"
"""Dagster's: the first date of a run over a range."""
RANGE_END_TAG = "dagster/asset_partition_range_end"
"""Dagster's: the last date of a run over a range."""
SCHEDULE_TAG = "dagster/schedule_name"
"""Dagster's: the schedule that asked for a run."""
RUN_KEY_TAG = "dagster/run_key"
"""Dagster's: the key that no two runs of one sensor share."""
LONGEST_RUN_TAG = "dagster/max_runtime"
"""Dagster's: seconds after which run monitoring ends a run."""
CODE_SERVER_TAG = ".dagster/grpc_info"
"""Dagster's: the code server that started a run, as JSON."""

RAW_TABLE_TAG = "phase3/raw_table"
"""A run's tag: the raw table whose change it publishes."""


GAMES_TAG = "phase3/games"
"""A run's tag that limits it to some games: their ids, comma-separated."""
REPAIR_TAG = "phase3/repair"
"""A run's tag that makes the run compute even decided games again."""

CAUSE_TAG = "phase3/cause"
"""A run's tag: what started it."""
CHANGE_TAG = "phase3/change"
"""A tag of runs that a sensor requests: the fingerprint of what the run was asked to publish."""
WAITING_TAG = "phase3/waiting"
"""The tag of a run that ended while games of it still waited for upstream rows."""

READY_SENSOR_TAG = "phase3/ready_sensor"
"""A tag of runs that a sensor of downstream.py requests: the sensor, as location:name."""
READY_DATE_TAG = "phase3/ready_date"
"""The same runs' tag: the date that had reached the threshold."""
READY_CONTENT_TAG = "phase3/ready_content"
"""The same runs' tag: the fingerprint of what readers saw of the date when the run was asked for."""
