"""The core: survey, gate, stage, audit, decide, write, record, check, and undo. Knows no Dagster and no engine.

What belongs here: how rows become visible, per game, the same for every table and caller. What doesn't: which rows are
right (sql/), when it happens (automation/), how it is shown (defs/, cli/). Uses the warehouse and the rooms below it.
"""
