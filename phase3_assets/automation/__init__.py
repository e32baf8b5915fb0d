"""What should run by itself: what changed, whether it has settled, and what to ask for. Knows no Dagster.

What belongs here: a tick and its memory. What doesn't: sensors (defs/sensors.py). Uses publishing and the rooms below.
"""
