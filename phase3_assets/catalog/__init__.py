"""What `sql/` says, made usable: contracts, prepared statements, the published tables, lineage.

What belongs here: reading texts, and what can be derived from them. What doesn't: running one. Uses settings; the only
room, with warehouse/duckdb/dialect.py and loading/column_maps.py, that knows sqlglot.
"""
