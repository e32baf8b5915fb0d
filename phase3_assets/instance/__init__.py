"""How Dagster is run: its home, storage of events, run launcher, and recording a command's publication.

What belongs here: what a dagster.yaml names or needs. What doesn't: the definitions that Dagster is given (defs/).
"""
