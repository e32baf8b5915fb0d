"""Engines behind one small interface, and what every engine is asked alike: schema and cost.

What belongs here: sessions, statements, names, retries, reading files. What doesn't: which rows are right, or when
they become visible (publishing/). Uses the catalog and the rooms below it.
"""
