"""`phase3 doctor`: finds what is set up wrong before it does harm.

What belongs here: looking and advising; nothing is written. What doesn't: repairing. Uses every room except the
commands.
"""
