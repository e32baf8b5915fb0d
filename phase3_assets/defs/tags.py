"""The tags by which our runs are known.

What belongs here: names of tags, with what each says. What doesn't: setting or reading one (jobs.py, sensors.py).
"""

RAW_TABLE_TAG = "phase3/raw_table"
"""A run's tag: the raw table whose change it publishes."""


GAMES_TAG = "phase3/games"
"""A run's tag that limits it to some games: their ids, comma-separated."""
REPAIR_TAG = "phase3/repair"
"""A run's tag that has even decided games computed again."""

CAUSE_TAG = "phase3/cause"
"""A run's tag: what started it."""
CHANGE_TAG = "phase3/change"
"""A sensor's run's tag: fingerprint of what it was asked to publish."""
WAITING_TAG = "phase3/waiting"
"""The tag of a run that ended while games of it still waited for upstream rows."""
