"""BigQuery as a warehouse: its client, jobs, statements and the lease that lets one session write at a time.

What belongs here: everything that imports Google's packages. What doesn't: DuckDB.
"""
