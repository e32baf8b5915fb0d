"""The made-up season and its story: `phase3 demo`.

What belongs here: games that nobody played. What doesn't: anything that production uses.
"""
