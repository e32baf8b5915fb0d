"""The engines behind one small interface, and the work that is the same for each of them: schema and cost.

What belongs here: sessions, statements, names, retries, reading files. What doesn't: which rows are right, or when
they become visible (publishing/). Uses the catalog and the packages below it.
"""
