"""What the environment says: every PHASE3_ variable is read here, with its default and its limits.

What belongs here: where things are, the calendar, thresholds, waits, retention. What doesn't: what follows from a
setting. Uses the clock, files and errors below it, and no other room.
"""
