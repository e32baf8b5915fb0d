"""Raw rows on their way in: files of ours, of known sources, of one's own columns, or another warehouse's rows.

What belongs here: finding and converting them. What doesn't: engines (warehouse/), what is ready (publishing/). Uses
the warehouse and the rooms below it.
"""
