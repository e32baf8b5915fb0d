"""The embedded warehouse, and reading people's files, which DuckDB does for every engine.

What belongs here: DuckDB. What doesn't: BigQuery. Only this package and loading/ import duckdb.
"""
