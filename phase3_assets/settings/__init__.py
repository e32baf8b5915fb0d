"""Settings from the environment: every PHASE3_ variable is read here, with its default and its limits.

What belongs here: where things are, the calendar, thresholds, waits, retention. What doesn't: what follows from a
setting. Uses only the modules clock, files and errors, and no other package of this project.
"""
