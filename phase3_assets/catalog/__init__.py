"""The SQL texts under `sql/` as Python objects: contracts, prepared statements, the published tables, lineage.

What belongs here: reading SQL texts, and what can be derived from them. What doesn't: running a text. Uses settings.
Only this package, warehouse/duckdb/dialect.py and loading/column_maps.py import sqlglot.
"""
