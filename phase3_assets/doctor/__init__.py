"""What can be set up wrong, looked at before it goes wrong: `phase3 doctor`.

What belongs here: looking and advising; nothing is written. What doesn't: mending. Uses every room but the commands.
"""
