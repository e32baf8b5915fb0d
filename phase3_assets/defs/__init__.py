"""What Dagster is told: assets, checks, jobs, sensors, schedules, resources.

What belongs here: Dagster's side, thin. What doesn't: what a run does (publishing/), how Dagster itself is run
(instance/). Unlike the folder of that name which `dg` makes, nothing here is loaded for being here: assets come from
`sql/`, and definitions.py puts the parts together.
"""
