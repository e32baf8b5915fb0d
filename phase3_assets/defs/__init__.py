"""The definitions that Dagster is given: assets, checks, jobs, sensors, schedules, resources.

What belongs here: Dagster's side, thin. What doesn't: what a run does (publishing/), how Dagster itself is run
(instance/). Unlike in the folder `defs` that `dg` creates, no module is loaded just because it is here: assets come
from `sql/`, and definitions.py puts the parts together.
"""
