"""Loading raw rows: from files in our columns, files of known sources, files in a person's own columns, or a warehouse.

What belongs here: finding and converting these files and rows. What doesn't: engines (warehouse/), deciding which games
are ready (publishing/). Uses the warehouse and the packages below it.
"""
