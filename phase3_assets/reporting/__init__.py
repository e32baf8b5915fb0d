"""The night report: one page about a night's games that opens anywhere, and its pictures. Knows no Dagster.

What belongs here: collecting what is recorded about some dates (night.py, corrections.py, usage.py), drawing it
(pictures.py) and saying it as a page (page.py, templates/). What doesn't: which rows are right (sql/, publishing/),
which rows a reader gets (reading/), when a report is made (defs/night_report.py, cli/report.py).
"""
