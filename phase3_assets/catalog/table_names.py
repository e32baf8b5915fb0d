"""The one line that names every published table.

What belongs here: the names, in lineage order. What doesn't: anything else; tables.py says what a name stands for, and
the command line reads this without loading it.
"""

TABLE_NAMES = ("team_offense_game_summary", "team_defense_game_summary", "player_game_summary")
"""Every published table, in lineage order: a table may read those before it."""
