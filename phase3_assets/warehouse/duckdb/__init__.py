"""The embedded warehouse, and reading people's files, which it does for every engine.

What belongs here: DuckDB. What doesn't: BigQuery. The only rooms that import duckdb are this one and loading/.
"""
