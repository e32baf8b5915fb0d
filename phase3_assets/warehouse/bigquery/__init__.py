"""BigQuery as a warehouse: its client, jobs, statements and the lease that keeps writers apart.

What belongs here: Google's packages. What doesn't: DuckDB.
"""
