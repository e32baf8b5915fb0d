"""`phase3 health`: whether this morning is a good one, and what to do if it isn't.

What belongs here: looking at the latest night, the rows of the last dates, code, disk and backups, and judging what
Dagster says of itself. What doesn't: what can be set up wrong (doctor/), asking Dagster (defs/dagster_state.py),
writing: nothing is written.
"""
