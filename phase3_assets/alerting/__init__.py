"""What a message about the data says, and where it goes. Independent of Dagster.

What belongs here: texts and notifiers. What doesn't: when something is worth a message (defs/alert_sensors.py).
"""
